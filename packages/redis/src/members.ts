// Members of ordered lists: all have the score 0, so Redis orders them by their bytes.

// The earliest time that a Date can hold; added, it leaves no time negative.
const earliestMs = 8_640_000_000_000_000n

/** A time as text of one length that sorts as the time does. */
export function sortableTime(at: Date): string {
  return (BigInt(at.getTime()) + earliestMs).toString(16).padStart(14, '0')
}

/** A sequence as text of one length that sorts as the number does. */
export function sortableNumber(value: number): string {
  return value.toString(16).padStart(14, '0')
}

/** Parts hold no control characters, so a line break keeps them apart, and sorts before all that they hold. */
export function memberOf(...parts: readonly string[]): string {
  return parts.join('\n')
}

export function partsOf(member: Buffer): readonly string[] {
  return member.toString('utf8').split('\n')
}
