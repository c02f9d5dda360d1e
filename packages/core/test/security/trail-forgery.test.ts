// Attacks on the trail of the memory store, made again from the rows that the attack leaves.
import { type AttackedStore, trailSuite } from '@mcpvault/testkit/suites'
import type { AuditRow, AuditStore } from '../../src/contracts/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'

const isSame = (a: Pick<AuditRow, 'stream' | 'sequence'>, b: Pick<AuditRow, 'stream' | 'sequence'>): boolean =>
  a.stream === b.stream && a.sequence === b.sequence

trailSuite({
  name: 'the memory store',
  setting: {
    async open(): Promise<AttackedStore> {
      const first = memoryStore()
      let audit: AuditStore = first.audit
      const renew = async (change: (rows: readonly AuditRow[]) => readonly AuditRow[]): Promise<void> => {
        const before = audit
        audit = memoryStore().audit
        await audit.append(change(await before.readAll({ limit: 1_000 })))
        for (const checkpoint of await before.checkpoints({ limit: 1_000 })) await audit.putCheckpoint(checkpoint)
      }
      return {
        store: {
          ...first,
          audit: {
            append: (rows, options) => audit.append(rows, options),
            query: (filter, options) => audit.query(filter, options),
            readStream: (stream, options) => audit.readStream(stream, options),
            readAll: (options) => audit.readAll(options),
            streams: (options) => audit.streams(options),
            redact: (row, options) => audit.redact(row, options),
            putCheckpoint: (checkpoint, options) => audit.putCheckpoint(checkpoint, options),
            checkpoints: (options) => audit.checkpoints(options),
          },
        },
        raw: {
          put: (row) => renew((rows) => [...rows.filter((each) => !isSame(each, row)), row]),
          remove: (place) => renew((rows) => rows.filter((each) => !isSame(each, place))),
          // The memory store has no list: its streams are those of its rows.
          forgetStreams: async () => {},
          async forgetCheckpoints() {
            const rows = await audit.readAll({ limit: 1_000 })
            audit = memoryStore().audit
            await audit.append(rows)
          },
        },
        cleanup: async () => {},
      }
    },
  },
})
