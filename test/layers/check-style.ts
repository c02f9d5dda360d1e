// Says which rules of the house style a source file breaks, as far as a parser can tell.
import type { SourceFacts } from './read-source.ts'

const maxLines = 250
const allowedClasses: readonly string[] = ['VaultError', 'MaskedValue']

/** One sentence for each broken rule, with the line where there is one. */
export function checkStyle(path: string, facts: SourceFacts): readonly string[] {
  const at = (rule: string) => (line: number) => `${path}:${line}: ${rule}`
  return [
    ...(facts.lines.length >= maxLines ? [`${path}: has ${facts.lines.length} lines, ${maxLines} or more`] : []),
    ...(/^\/\/ \S/.test(facts.lines[0] ?? '') ? [] : [`${path}: the first line does not say what the file is for`]),
    ...facts.defaultExports.map(at('has a default export')),
    ...(isPublicEntry(path) ? facts.starExports.map(at('exports with *; list each name')) : []),
    ...facts.classes.filter(({ name }) => !allowedClasses.includes(name)).map(({ line }) => at('has a class')(line)),
    ...facts.casts.filter((line) => !hasReason(facts.lines, line)).map(at('casts without a comment that says why')),
    ...facts.booleanParameters.map(at('takes a boolean parameter')),
  ]
}

function isPublicEntry(path: string): boolean {
  return /\/src\/(testing\/)?index\.ts$/.test(path)
}

/** The comment stands on the line of the cast or on the one before it. */
function hasReason(lines: readonly string[], line: number): boolean {
  return [lines[line - 1], lines[line - 2]].some((text) => text !== undefined && /\/\/|\*\//.test(text))
}
