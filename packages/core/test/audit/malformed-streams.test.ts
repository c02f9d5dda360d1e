// Streams that somebody wrote into the store so that another process signs their lines: it signs none of them.
import { expect, it } from 'vitest'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { event, numbered, rowsOf, statedIn, testTrail, verifyStore } from './support.ts'

const victim = '99'.repeat(16)
const line = (sequence: number): string => `${victim} ${sequence} ${'ab'.repeat(32)}`

it.each([
  ['the lines of a writer in it', `${'88'.repeat(16)} 0 ${'ab'.repeat(32)}\n${line(9)}\n${'88'.repeat(16)}`],
  ['the mark of another line in it', `${line(9)} seen\n${'88'.repeat(16)}`],
  ['a line break at its end', `${'88'.repeat(16)}\n`],
  ['nothing of an id', 'x'],
  ['capital letters', 'AB'.repeat(16)],
])('[T47] a stream whose id has %s affects no checkpoint, and accuses no other stream', async (_, stream) => {
  const store = memoryStore()
  const honest = testTrail({ store, randomBytes: () => Buffer.alloc(16, 0x99) })
  await honest.trail.record([numbered(1), numbered(2)])
  const [row] = await rowsOf(store, victim)
  await store.audit.append(row === undefined ? [] : [{ ...row, stream }])
  const other = testTrail({ store })
  await other.trail.record(event)
  await other.trail.close()
  await honest.trail.close()
  expect(statedIn(other, other.kept[0])?.map((head) => head.stream)).not.toContain(stream)
  expect(statedIn(other, other.kept[0])).toContainEqual(expect.objectContaining({ stream: victim, sequence: 2 }))
  expect(await verifyStore(store)).toMatchObject({
    checkpoints: 2,
    problems: [{ problem: 'mac', stream, sequence: 0 }],
  })
})
