// Names that differ in any byte have keys that differ, and no part of a name means anything to Redis.
import { fc } from '@mcpvault/testkit/property'
import { describe, expect, it } from 'vitest'
import { keysOf } from '../src/keys.ts'

const keys = keysOf('mcpvault')
const part = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }),
  fc.string({
    unit: fc.constantFrom('{', '}', ':', '.', '*', '?', '[', ']', '/', 'a', '\u00e9', 'e\u0301'),
    minLength: 1,
    maxLength: 8,
  }),
)

/** What Redis takes for the hash tag: the text between the first brace and the next closing one. */
function hashTag(key: string): string {
  const open = key.indexOf('{')
  return key.slice(open + 1, key.indexOf('}', open))
}

describe('keys', () => {
  it('[S43] of different scopes differ, also in their hash tags', () => {
    fc.assert(
      fc.property(part, part, part, part, (owner, server, otherOwner, otherServer) => {
        fc.pre(Buffer.from(owner).toString('hex') !== Buffer.from(otherOwner).toString('hex') || server !== otherServer)
        fc.pre([owner, server, otherOwner, otherServer].every((text) => text.isWellFormed()))
        const [one, other] = [keys.secrets({ owner, server }), keys.secrets({ owner: otherOwner, server: otherServer })]
        expect(one).not.toBe(other)
        expect(hashTag(one)).not.toBe(hashTag(other))
      }),
    )
  })

  it('[S43] have one hash tag for all that one script touches, and no sign of a pattern', () => {
    fc.assert(
      fc.property(part, part, (owner, server) => {
        const scope = { owner, server }
        const together = [keys.secrets(scope), keys.names(scope), keys.outcome(scope, 'token')]
        expect(new Set(together.map(hashTag)).size).toBe(1)
        for (const key of [
          ...together,
          keys.list(owner),
          keys.auditList(owner),
          keys.stream(owner),
          keys.meta(owner),
        ]) {
          expect(key).toMatch(/^[\w:.-]*\{[\w.-]+\}[\w:.-]*$/)
        }
        expect(hashTag(keys.stream(owner))).toBe(hashTag(keys.auditList(server)))
        expect(hashTag(keys.list(owner))).toBe(hashTag(keys.list(server)))
      }),
    )
  })
})
