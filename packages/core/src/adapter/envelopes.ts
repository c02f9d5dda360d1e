// The envelopes that were read with a record, by version.

/** The envelope of a version, when it was read. */
export type EnvelopeOf = (version: number, currentVersion: number) => Uint8Array | undefined

/**
 * One envelope that was read with a record: that of a version, or of the current one, which the bytes name. Null and
 * undefined are what drivers give for none.
 *
 * @example
 * const envelopeOf = oneEnvelope('current', row.envelope)
 * const record = decodeSecretRecord(row.record, { ...columns, envelopeOf })
 */
export function oneEnvelope(which: 'current' | number, envelope: Uint8Array | null | undefined): EnvelopeOf {
  return (version, currentVersion) =>
    version === (which === 'current' ? currentVersion : which) ? (envelope ?? undefined) : undefined
}

/**
 * Every envelope that was read with a record, by version.
 *
 * @example
 * const envelopeOf = allEnvelopes(rows.map(({ version, envelope }) => [version, envelope]))
 */
export function allEnvelopes(read: Iterable<readonly [version: number, Uint8Array | null | undefined]>): EnvelopeOf {
  const envelopes = new Map(read)
  return (version) => envelopes.get(version) ?? undefined
}
