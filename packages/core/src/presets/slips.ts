// What goes wrong when a token is copied: spaces, quotes, the name before it, the scheme before it.
import type { TextCheck } from './preset.ts'

/** Longer than any token of a provider; patterns look at no more. */
export const maxTokenLength = 4_096

/** The slip of a copied token that has no spaces of its own. */
export function findSlip(text: string): string | undefined {
  if (text.length > maxTokenLength) return 'must be at most 4,096 characters long.'
  if (/^(?:bearer|token|basic) /i.test(text)) return 'must be the token alone, without the word before it.'
  if (/\s/.test(text)) return 'must have no spaces or line breaks.'
  if (/^(["'`]).*\1$/.test(text)) return 'must be without the quotes around it.'
  if (/^[A-Z][A-Z0-9_]*=/.test(text)) return 'must be the value alone, without its name and the equals sign.'
  if (/^<.*>$|^\$\{|^\{\{|\.\.\.|…/.test(text)) return 'must be the value itself, not what stands for it in a sample.'
  return undefined
}

/** What a token must look like. */
export interface TokenShape {
  /** One of these stands at its beginning. */
  readonly begins: readonly string[]
  /** What may follow. */
  readonly characters:
    | 'letters and digits'
    | 'letters, digits, "-" and "_"'
    | 'letters, digits and "-"'
    | 'letters, digits and "_"'
  /** How many of them follow at the fewest. */
  readonly minLength: number
  /** What else begins in a known way, and why it is not this. */
  readonly notThis?: Readonly<Record<string, string>>
}

const patterns = {
  'letters and digits': /^[A-Za-z0-9]*$/,
  'letters, digits, "-" and "_"': /^[\w-]*$/,
  'letters, digits and "-"': /^[A-Za-z0-9-]*$/,
  'letters, digits and "_"': /^\w*$/,
} as const

/** A check of a token by how it begins and what follows. */
export function tokenCheck({ begins, characters, minLength, notThis = {} }: TokenShape): TextCheck {
  return (text) => {
    const slip = findSlip(text)
    if (slip !== undefined) return slip
    const beginning = longest(begins, text)
    const other = longest(Object.keys(notThis), text)
    // The longer one says more: keys of two providers may begin alike.
    if (other !== undefined && other.length > (beginning?.length ?? 0)) return notThis[other]
    if (beginning === undefined) return `must begin with ${orOf(begins)}.`
    const rest = text.slice(beginning.length)
    if (!patterns[characters].test(rest)) return `must have only ${characters} after its beginning.`
    return rest.length < minLength ? `must have at least ${minLength} characters after its beginning.` : undefined
  }
}

function longest(beginnings: readonly string[], text: string): string | undefined {
  return beginnings.filter((each) => text.startsWith(each)).sort((a, b) => b.length - a.length)[0]
}

/** `a`, `a or b`, `a, b or c`. */
export function orOf(texts: readonly string[]): string {
  const last = texts.at(-1) ?? ''
  return texts.length < 2 ? last : `${texts.slice(0, -1).join(', ')} or ${last}`
}
