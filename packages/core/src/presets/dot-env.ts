// Reads the text of a .env file as Node does, in a browser too, and says what it leaves out.

/** One variable. */
export interface DotEnvEntry {
  readonly name: string
  readonly value: string
  /** Where it begins, from 1. */
  readonly line: number
}

/** What is wrong with one line. `message` never repeats the text. */
export interface DotEnvProblem {
  /** From 1; 0 for the text as a whole. */
  readonly line: number
  readonly message: string
}

export interface DotEnv {
  /** In the order of the text. A name that is given twice comes twice; programs take the last. */
  readonly entries: readonly DotEnvEntry[]
  readonly problems: readonly DotEnvProblem[]
}

const maxLength = 1_048_576
const maxEntries = 1_000

const variable = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.-]*)[ \t]*=[ \t]*(.*)$/s

/**
 * Reads at most 1,000 variables from at most 1 MiB of text. A value is the rest of its line up to a `#`, or stands in
 * `'`, `"` or backquotes, over several lines too; `\n` is a line break in `"` alone. Nothing is expanded. A line that is
 * no variable is a problem, and so is a value that a `#` cuts.
 *
 * @example
 * const { entries, problems } = parseDotEnv('export API_KEY="one" # of the CI\nDB=two')
 * console.log(entries.map(({ name }) => name), problems) // [ 'API_KEY', 'DB' ] []
 */
export function parseDotEnv(text: string): DotEnv {
  if (typeof text !== 'string') throw new TypeError('text must be a string')
  if (text.length > maxLength)
    return { entries: [], problems: [{ line: 0, message: 'The text must be at most 1 MiB.' }] }
  const lines = text
    .replace(/^\ufeff/, '')
    .replaceAll('\r', '')
    .split('\n')
  const entries: DotEnvEntry[] = []
  const problems: DotEnvProblem[] = []
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? ''
    if (/^\s*(?:#|$)/.test(line)) continue
    if (entries.length + problems.length >= maxEntries) {
      problems.push({ line: at + 1, message: 'This and what follows is left out: 1,000 lines are read at most.' })
      break
    }
    const [, name, rest = ''] = variable.exec(line) ?? []
    if (name === undefined) {
      problems.push({ line: at + 1, message: 'The line must be a name of letters, digits and "_", "=", and a value.' })
      continue
    }
    const { value, lineCount = 1, problem } = /^["'`]/.test(rest) ? readQuoted(lines, { at, rest }) : readPlain(rest)
    entries.push({ name, value, line: at + 1 })
    if (problem !== undefined) problems.push({ line: at + 1, message: problem })
    at += lineCount - 1
  }
  return { entries, problems }
}

interface Value {
  readonly value: string
  /** How many lines it takes; 1 when absent. */
  readonly lineCount?: number
  readonly problem?: string
}

/** Up to a `#`, whatever stands before that, as Node and dotenv read it. */
function readPlain(rest: string): Value {
  const value = (rest.split('#', 1)[0] ?? '').trim()
  if (!/[^\s#]#/.test(rest)) return { value }
  return { value, problem: 'The value ends at the "#": if that belongs to it, put it in quotes.' }
}

/** Up to the same quote, over line breaks. One that is never closed is a part of its line, as in Node. */
function readQuoted(lines: readonly string[], { at, rest }: { readonly at: number; readonly rest: string }): Value {
  const quote = rest.slice(0, 1)
  const parts: string[] = []
  for (let end = at, part = rest.slice(1); ; part = lines[end] ?? '') {
    const closing = part.indexOf(quote)
    if (closing >= 0) {
      const value = [...parts, part.slice(0, closing)].join('\n')
      return { value: quote === '"' ? value.replaceAll('\\n', '\n') : value, lineCount: end - at + 1 }
    }
    parts.push(part)
    end++
    // Not looked for again from a later line: there is no such quote any more.
    if (end >= lines.length) return { value: rest, problem: 'The quote at the beginning of the value is never closed.' }
  }
}
