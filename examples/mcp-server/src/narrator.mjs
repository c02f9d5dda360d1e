// Tells the story on standard output, and refuses to print a secret.

/** @typedef {ReturnType<typeof createNarrator>} Narrator */

/**
 * @param {object} options
 * @param {(text: string) => void} options.write
 * @param {readonly string[]} options.secrets what must never be printed
 */
export function createNarrator({ write, secrets }) {
  let chapter = 0

  /** @param {string} text */
  function print(text) {
    if (secrets.some((secret) => text.includes(secret))) throw new Error('The demo was about to print a secret.')
    write(`${text}\n`)
  }

  return {
    print,
    /** @param {string} title */
    chapter(title) {
      chapter += 1
      print(`\n${chapter}. ${title}`)
    },
    /**
     * One fact of the chapter.
     *
     * @param {string} label
     * @param {string} text
     */
    fact: (label, text) => print(`   ${label.padEnd(22)} ${text}`),
    /**
     * Rows under a head, each column as wide as its widest cell.
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
