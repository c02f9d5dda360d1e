// Change messages: what one process encodes another decodes, and nothing else means anything.
import { fc } from '@mcpvault/testkit/property'
import { expect, it } from 'vitest'
import { changeMessages } from '../../src/adapter/index.ts'
import type { StoreChange } from '../../src/contracts/index.ts'

const [here, there] = [changeMessages(), changeMessages()]
const scope = { kind: 'values', owner: 'alice', server: 'github' } as const

it('come to another process as they were, and to their own as nothing', () => {
  const name = fc.string({ unit: 'grapheme', maxLength: 8 })
  const changes = fc.oneof(
    fc.constant<StoreChange>({ kind: 'everything' }),
    fc.record({
      kind: fc.constant('dataKey' as const),
      scope: fc.record({ kind: fc.constantFrom('values' as const, 'audit' as const), owner: name, server: name }),
    }),
  )
  fc.assert(
    fc.property(changes, (change) => {
      const message = here.encode(change)
      expect(message).not.toContain('\n')
      expect(there.decode(message)).toEqual(change)
      expect(here.decode(message)).toBeUndefined()
    }),
  )
})

it('hold nothing but the change', () => {
  const more = { ...scope, wraps: ['a wrap'] }
  expect(there.decode(JSON.stringify(['x', { kind: 'dataKey', scope: more, more }]))).toEqual({
    kind: 'dataKey',
    scope,
  })
})

it.each([
  '',
  'anything',
  'null',
  '7',
  '{}',
  '[]',
  '["x"]',
  '["x",null]',
  '["x","everything"]',
  '["x",{"kind":"secret"}]',
  '["x",{"kind":"dataKey"}]',
  '["x",{"kind":"dataKey","scope":null}]',
  '["x",{"kind":"dataKey","scope":{"kind":"other","owner":"alice","server":"github"}}]',
  '["x",{"kind":"dataKey","scope":{"kind":"values","owner":"alice"}}]',
  '["x",{"kind":"dataKey","scope":{"kind":"values","owner":1,"server":"github"}}]',
  '[1,{"kind":"everything"}]',
])('are not made of %s', (text) => {
  expect(here.decode(text)).toBeUndefined()
})
