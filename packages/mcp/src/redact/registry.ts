// The live values: what each is looked for as, under which label, and how long after its last use.

import { type Form, formsOf, type Plain, plainOf } from './forms.ts'
import { markOf } from './label.ts'
import { createMatcher, type Matcher, minCharacters } from './matcher.ts'

/** A value to redact. */
export interface LiveSecret {
  /** Text, or bytes, which are copied. */
  readonly value: string | Uint8Array
  /** What stands for it in a redacted text, as `server/name`. */
  readonly label: string
}

/** A registered value, until it is removed. */
export interface LiveHandle {
  /** False for a value that is too short: it may stand in other text by chance, and is left alone. */
  readonly isRedacted: boolean
  /** The value is no longer used. It is redacted for the grace period more, since an answer may be logged later. */
  retire(): void
  /** Forgets the value at once. */
  remove(): void
}

/** A value, once, however often and under however many labels it was added. */
export interface Live {
  readonly plain: Plain
  /** One for each use. The newest one is shown. */
  readonly labels: Set<{ readonly label: string; readonly mark: string }>
}

export interface Registry {
  readonly matcher: Matcher<Live>
  add(secret: LiveSecret): LiveHandle
  /** Whether some value has this character, which is neither a letter nor a digit. */
  readonly hasCharacter: (character: string) => boolean
  readonly size: number
}

export interface RegistryOptions {
  readonly minBytes: number
  readonly graceMs: number
  readonly maxRetired: number
  /** Runs a task later, without keeping the process alive; returns what cancels it. */
  readonly schedule: (task: () => void, delayMs: number) => () => void
  readonly onTooShort: (label: string) => void
}

export function createRegistry({ minBytes, graceMs, maxRetired, schedule, onTooShort }: RegistryOptions): Registry {
  const matcher = createMatcher<Live>()
  const values = new Map<string, { readonly live: Live; readonly forms: readonly Form<Live>[] }>()
  /** Retired uses in the order in which they are removed. */
  const retired = new Set<() => void>()
  /** How many values have a character that is neither a letter nor a digit. */
  const signs = new Map<string, number>()

  function liveOf(plain: Plain): Live {
    const key = plain.bytes.toString('latin1')
    const known = values.get(key)
    if (known !== undefined) return known.live
    const live: Live = { plain, labels: new Set() }
    const forms = formsOf(plain, live)
    values.set(key, { live, forms })
    matcher.add(forms)
    for (const sign of signsOf(plain)) signs.set(sign, (signs.get(sign) ?? 0) + 1)
    return live
  }

  function drop({ plain }: Live): void {
    const key = plain.bytes.toString('latin1')
    const forms = values.get(key)?.forms ?? []
    values.delete(key)
    matcher.remove(forms)
    for (const sign of signsOf(plain)) {
      const left = (signs.get(sign) ?? 1) - 1
      if (left > 0) signs.set(sign, left)
      else signs.delete(sign)
    }
    plain.bytes.fill(0)
  }

  function add({ value, label }: LiveSecret): LiveHandle {
    const plain = plainOf(value)
    if (plain.bytes.length < minBytes || (plain.text ?? 'long').length < minCharacters) {
      onTooShort(label)
      return { isRedacted: false, retire: () => undefined, remove: () => undefined }
    }
    const live = liveOf(plain)
    const use = { label, mark: markOf(label) }
    live.labels.add(use)
    let cancel: (() => void) | undefined
    const remove = (): void => {
      cancel?.()
      retired.delete(remove)
      if (live.labels.delete(use) && live.labels.size === 0) drop(live)
    }
    return {
      isRedacted: true,
      remove,
      retire: () => {
        if (cancel !== undefined || !live.labels.has(use)) return
        cancel = schedule(remove, graceMs)
        retired.add(remove)
        // The oldest first: a process that is asked for much must not hold ever more values.
        const [oldest] = retired
        if (retired.size > maxRetired) oldest?.()
      },
    }
  }

  return {
    matcher,
    add,
    hasCharacter: (character) => signs.has(character),
    get size() {
      return values.size
    },
  }
}

/** The characters of a value that escapes often stand for, each once. */
function signsOf({ bytes }: Plain): ReadonlySet<string> {
  return new Set(bytes.toString('latin1').match(/[^A-Za-z0-9]/g) ?? [])
}

/** What stands in the place of a value. */
export function shownAs({ labels }: Live): string {
  return [...labels].at(-1)?.mark ?? '[secret]'
}
