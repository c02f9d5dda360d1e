// What the processes of the tests do: `node worker.mjs <job> <driver> <path> <label> <times>`, one line for each step done.
import { nextRevision, sampleAuditRow, sampleRef, sampleSecret } from '@mcpvault/core/testing'
import { type SqliteStore, sqliteStore } from '../../src/index.ts'

interface Job {
  readonly store: SqliteStore
  readonly label: string
  readonly times: number
}

const callers = ['a', 'b', 'c', 'd', 'e', 'f']

const jobs: Readonly<Record<string, (job: Job) => Promise<void>>> = {
  async migrate({ store }) {
    say(JSON.stringify(await store.migrate()))
  },

  /** Counts up one shared record, each step with an audit row in this process's own stream. */
  async count({ store, label, times }) {
    for (let done = 0; done < times; ) {
      const record = await store.secrets.find(sampleRef(), 'current')
      if (record === undefined) throw new Error('The shared record is gone.')
      const audit = [sampleAuditRow({ stream: label, sequence: done })]
      const put = await store.secrets.put(nextRevision(record), { ifRevision: record.revision, audit })
      if (put) done += 1
    }
    say('done')
  },

  /** Adds records until it is killed; a line means that the record was acknowledged. */
  add,

  /** The same for concurrent callers, each with a stream of its own. */
  async 'add concurrently'({ store, label, times }) {
    await Promise.all(callers.map((caller) => add({ store, label: `${label}-${caller}`, times })))
  },
}

async function add({ store, label, times }: Job): Promise<void> {
  for (let done = 0; done < times; done += 1) {
    const ref = sampleRef({ name: `${label}-${done}` })
    await store.secrets.put(sampleSecret({ ref, tags: ['added'] }), {
      ifRevision: 0,
      audit: [sampleAuditRow({ stream: label, sequence: done })],
    })
    say(ref.name)
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

const [name = '', driver, path = '', label = '', times = '1'] = process.argv.slice(2)
const job = jobs[name]
if (job === undefined) throw new Error('There is no such job.')
const store = sqliteStore({ path }, { driver: driver === 'node:sqlite' ? driver : 'libsql' })
await job({ store, label, times: Number(times) })
store.close()
