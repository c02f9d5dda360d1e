// What stands in the place of a value: a word that is safe inside JSON, URLs, HTML and terminals.

/** `[secret:server/name]`; every character of the label that a text around it could take for its own is percent-encoded. */
export function markOf(label: string): string {
  return `[secret:${label.replace(/[^A-Za-z0-9._/:@#-]/gu, (character) => encodeURIComponent(wellFormed(character)))}]`
}

function wellFormed(character: string): string {
  return character.isWellFormed() ? character : '\ufffd'
}
