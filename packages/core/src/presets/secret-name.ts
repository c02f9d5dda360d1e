// What a vault takes as the name of a secret, for pages that check it before they ask.

const maxNameBytes = 256
// The C0 and C1 control characters and DEL.
const controlCharacter = /[\u0000-\u001f\u007f-\u009f]/

/** What is wrong with a name, as in `must not be empty.`; undefined for one that a vault takes. */
export function secretNameProblem(name: string): string | undefined {
  if (name === '') return 'must not be empty.'
  if (name.length > maxNameBytes || new TextEncoder().encode(name).length > maxNameBytes)
    return 'must be at most 256 bytes of UTF-8.'
  if (!name.isWellFormed()) return 'must be well-formed text, without lone surrogates.'
  if (controlCharacter.test(name)) return 'must have no control character.'
  if (/[/*@]/.test(name)) return 'must have no "/", "*" or "@".'
  return name === '.' || name === '..' ? 'must not be "." or "..".' : undefined
}
