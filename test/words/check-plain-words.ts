// Finds the words of the list in a text and in the name of its file, and says what to write instead.
import { exemptSources, type PlainWord, plainSources, plainWords } from './plain-words.ts'

// The list itself, and its test, have every word of it.
const exempt: readonly string[] = ['test/words/plain-words.ts', 'test/plain-words.test.ts']

/** Whether a file is held to the list: pages, the tests of the repository, and the folders of `sources`. */
export function isPlain(path: string, sources: readonly string[] = plainSources): boolean {
  if (exempt.includes(path)) return false
  return (
    /^(?:[A-Z]+\.md|(?:docs|\.changeset)\/.+\.md|packages\/[^/]+\/README\.md|test\/.+\.ts)$/.test(path) ||
    (isWithin(path, sources) && !isWithin(path, exemptSources))
  )
}

function isWithin(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => path.startsWith(`${folder}/`))
}

/** One sentence for each word and line, and for each word in the path. */
export function checkPlainWords(path: string, text: string): readonly string[] {
  const inName = found(path).map((word) => `${path}: ${advice(word)}`)
  const inText = text
    .split('\n')
    .flatMap((line, index) => found(line).map((word) => `${path}:${index + 1}: ${advice(word)}`))
  return [...inName, ...inText]
}

function found(text: string): readonly PlainWord[] {
  return plainWords.filter(({ pattern }) => pattern.test(text))
}

function advice({ avoid, rather }: PlainWord): string {
  return `says "${avoid}"; rather: ${rather}`
}
