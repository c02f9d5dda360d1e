// Tells the story on standard output, and refuses to print a secret.

/** @typedef {ReturnType<typeof createNarrator>} Narrator */

/**
 * @param {object} options
 * @param {(text: string) => void} options.write
 * @param {readonly string[]} options.secrets what must never be printed
 * @param {import('./palette.mjs').Palette} options.palette
 */
export function createNarrator({ write, secrets, palette }) {
  let chapter = 0

  /** @param {string} text */
  function print(text) {
    if (secrets.some((secret) => text.includes(secret))) throw new Error('The demo was about to print a secret.')
    write(`${text}\n`)
  }

  /** @param {string} text */
  const heading = (text) => print(palette.strong(text))

  /** @param {(text: string) => string} paint @returns {(label: string, text: string) => void} */
  const factIn = (paint) => (label, text) => print(`   ${palette.faint(label.padEnd(22))} ${paint(text)}`)

  return {
    print,
    heading,
    /** @param {string} title */
    chapter(title) {
      chapter += 1
      print('')
      heading(`${chapter}. ${title}`)
    },
    /** One fact of the chapter. */
    fact: factIn((text) => text),
    /** A fact that is a proof. */
    good: factIn(palette.good),
    /** A fact that is a finding. */
    bad: factIn(palette.bad),
    /**
     * Rows below each other, each column as wide as its widest cell.
     *
     * @param {readonly (readonly string[])[]} rows
     */
    table(rows) {
      const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
      for (const row of rows) {
        print(`   ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd())
      }
    },
  }
}
