// Shows text that users wrote: as text, kept apart from what stands beside it, with hidden marks made visible.

// Marks that change the direction of text or take no room; a joiner inside of an emoji is not among them.
const hidden = /[\u200b\u200e\u200f\u061c\u202a-\u202e\u2060-\u2069\ufeff\u00ad]/g

/** The text with every hidden mark written out, such as ⟨U+202E⟩: two names that differ never look the same. */
export function visible(text: string): string {
  return text.replace(hidden, (mark) => {
    const code = mark.codePointAt(0) ?? 0
    return `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`
  })
}

export function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}

/** Such as "1 secret" and "1,000 secrets". */
export function count(number: number, noun: string): string {
  return `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`
}

/** A name, tag or description. */
export function Text({ text, class: name }: { readonly text: string; readonly class?: string }) {
  return <bdi class={name}>{visible(text)}</bdi>
}
