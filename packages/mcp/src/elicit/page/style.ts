// The page's style sheet: the colors and controls of the settings page.

export const style = `:root {
  color-scheme: light dark;
  --bg: light-dark(#f7f8fa, #0f1115);
  --surface: light-dark(#ffffff, #16191f);
  --sunken: light-dark(#f1f3f6, #1d2129);
  --text: light-dark(#171a21, #e6e9ef);
  --muted: light-dark(#59616f, #a2aab8);
  --line: light-dark(#e1e4ea, #2a2f39);
  --line-strong: light-dark(#868e9c, #6f7889);
  --accent: light-dark(#3b4fc4, #9db0ff);
  --accent-hover: light-dark(#2f41ab, #b6c4ff);
  --on-accent: light-dark(#ffffff, #10142b);
  --accent-soft: light-dark(#eceffc, #222a4a);
  --ok: light-dark(#17663c, #7bd8a3);
  --ok-soft: light-dark(#e3f5ea, #14301f);
  --danger: light-dark(#ad1f27, #ff9c9c);
  --danger-soft: light-dark(#fdeaea, #3a1a1d);
  --radius: 8px;
  --mono: ui-monospace, Menlo, Consolas, monospace;
  font: 14px / 1.5 system-ui, sans-serif;
}
*, *::before, *::after { box-sizing: border-box; }
body { margin: 0; background: var(--bg); color: var(--text); }
main {
  display: flex; flex-direction: column; gap: 14px;
  width: min(560px, calc(100vw - 24px)); margin: 8vh auto; padding: 24px;
  border: 1px solid var(--line); border-radius: 14px; background: var(--surface);
}
h1, p { margin: 0; }
h1 { font-size: 20px; line-height: 1.3; }
a { color: var(--accent); }
button, input, textarea { font: inherit; color: inherit; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
bdi { overflow-wrap: anywhere; font-weight: 600; }
.hint { color: var(--muted); font-size: 13px; }
.form, .field { display: flex; flex-direction: column; }
.form { gap: 18px; }
.field { gap: 4px; min-width: 0; }
fieldset {
  display: flex; flex-direction: column; gap: 10px;
  min-width: 0; margin: 0; padding: 0; border: 0;
}
legend { margin-bottom: 4px; padding: 0; font-size: 15px; }
label { font-size: 13px; }
.secret-input { display: flex; gap: 4px; align-items: start; }
input, textarea {
  width: 100%; min-height: 34px; padding: 5px 10px;
  border: 1px solid var(--line-strong); border-radius: var(--radius); background: var(--surface);
}
textarea { resize: vertical; }
.code { font-family: var(--mono); font-size: 13px; }
.masked { -webkit-text-security: disc; }
.masked:placeholder-shown { -webkit-text-security: none; }
.wrong input, .wrong textarea { border-color: var(--danger); }
.error { color: var(--danger); font-size: 13px; }
.banner { padding: 10px 12px; border-radius: var(--radius); }
.banner.ok { background: var(--ok-soft); color: var(--ok); }
.banner.danger { background: var(--danger-soft); color: var(--danger); }
.button {
  min-height: 34px; padding: 4px 14px;
  border: 1px solid var(--line); border-radius: var(--radius);
  background: var(--surface); color: var(--text); font-weight: 500; cursor: pointer;
}
.button.primary { align-self: start; border-color: transparent; background: var(--accent); color: var(--on-accent); }
.button.primary:hover { background: var(--accent-hover); }
.button.quiet { border-color: transparent; background: transparent; color: var(--accent); }
.button.quiet:hover { background: var(--accent-soft); }
`
