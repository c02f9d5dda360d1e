// Stores whose audit rows are broken on purpose.

import type { AuditFilter, AuditRow, AuditStore, VaultStore } from '../../src/contracts/index.ts'
import type { BrokenStore } from './breaking.ts'

const filterNames: Readonly<Record<keyof AuditFilter, string>> = {
  stream: 'filters by stream',
  principal: 'filters by principal',
  owner: 'filters by owner',
  server: 'filters by server',
  name: 'filters by name',
  secretId: 'filters by secret id',
  correlationId: 'filters by correlation id',
  actions: 'filters by actions',
  outcomes: 'filters by outcomes',
  from: 'filters by time, from included and to excluded',
  to: 'filters by time, from included and to excluded',
}

export const brokenAuditStores: readonly BrokenStore[] = [
  ...Object.entries(filterNames).map(([condition, caught]) =>
    brokenAudit(`queries ignore ${condition}`, `query: ${caught}`, (s) => ({
      query(filter, options) {
        const kept = { ...filter }
        Reflect.deleteProperty(kept, condition)
        return s.query(kept, options)
      },
    })),
  ),
  brokenAudit(
    'a fork is taken for a repeat',
    'append: a row that is there with another mac is a fork, and nothing of the batch is written',
    (s) => ({
      append: takeAll(s),
    }),
  ),
  brokenAudit(
    'a fork stops half-way',
    'append: a row that is there with another mac is a fork, and nothing of the batch is written',
    (s) => ({
      async append(rows) {
        for (const row of rows) if ((await s.append([row])) === 'forked') return 'forked'
        return 'stored'
      },
    }),
  ),
  brokenAudit('repeats are forks', 'append: a row that is there with the same mac counts as written', (s) => ({
    async append(rows) {
      for (const row of rows) {
        if (
          (await s.readStream(row.stream, { limit: 1, afterSequence: row.sequence - 1 }))[0]?.sequence === row.sequence
        )
          return 'forked'
      }
      return s.append(rows)
    },
  })),
  brokenAudit('a repeat ends the batch', 'append: a row that is there with the same mac counts as written', (s) => ({
    async append(rows) {
      const [first] = rows
      if (first && (await s.readStream(first.stream, { limit: 1, afterSequence: first.sequence - 1 })).length)
        return 'stored'
      return s.append(rows)
    },
  })),
  brokenAudit(
    'the stream is not part of the place',
    'append: the same place in another stream is another row',
    (s) => ({
      append: async (rows) => {
        const known = await s.query({}, { limit: 1000 })
        const isNew = (row: AuditRow, at: number): boolean =>
          ![...known, ...rows.slice(0, at)].some(({ sequence }) => sequence === row.sequence)
        return s.append(rows.filter(isNew))
      },
    }),
  ),
  brokenAudit('two rows win a place', 'append: of 20 rows for one place at once exactly one is stored', (s) => ({
    append: takeAll(s),
  })),
  brokenAudit('racing repeats fork', 'append: one row that is appended 20 times at once is stored once', (s) => {
    let appended = 0
    return {
      async append(rows) {
        appended += 1
        return appended > 1 ? 'forked' : s.append(rows)
      },
    }
  }),
  brokenAudit('a column is lost', 'append: every field comes back', (s) => ({
    append: (rows) => s.append(rows.map((row) => ({ ...row, columns: { ...row.columns, name: 'x' } }))),
  })),
  brokenAudit('bodies are kept as text', 'append: bodies of any bytes come back', (s) => ({
    append: (rows) => s.append(rows.map((row) => ({ ...row, body: Buffer.from(Buffer.from(row.body).toString()) }))),
  })),
  brokenAudit('an empty batch forks', 'append: an empty batch is stored', (s) => ({
    append: (rows) => (rows.length === 0 ? 'forked' : s.append(rows)),
  })),
  brokenAudit('given rows are kept as they are', 'append: what a caller does to rows changes nothing stored', () => {
    const kept: AuditRow[] = []
    return {
      append(rows) {
        kept.push(...rows)
        return 'stored'
      },
      query: () => kept,
    }
  }),
  brokenAudit(
    'the order is reversed',
    'query: without conditions every row comes, newest first, then by stream and sequence, all descending',
    (s) => ({
      query: async (filter, options) => [...(await s.query(filter, options))].reverse(),
    }),
  ),
  brokenAudit(
    'rows are ordered by time alone',
    'query: without conditions every row comes, newest first, then by stream and sequence, all descending',
    (s) => ({
      query: async (filter, options) =>
        [...(await s.query(filter, options))].reverse().sort((a, b) => b.columns.at.getTime() - a.columns.at.getTime()),
    }),
  ),
  brokenAudit(
    'queries ignore the limit',
    'query: without conditions every row comes, newest first, then by stream and sequence, all descending',
    (s) => ({
      query: (filter, options) => s.query(filter, { ...options, limit: 1000 }),
    }),
  ),
  brokenAudit('queries ignore where to begin', 'query: filters by owner', (s) => ({
    query: (filter, { limit }) => s.query(filter, { limit }),
  })),
  brokenAudit('the end of a time is included', 'query: filters by time, from included and to excluded', (s) => ({
    query: ({ to, ...filter }, options) =>
      s.query(to ? { ...filter, to: new Date(to.getTime() + 1) } : filter, options),
  })),
  brokenAudit('the start of a time is excluded', 'query: filters by time, from included and to excluded', (s) => ({
    query: ({ from, ...filter }, options) =>
      s.query(from ? { ...filter, from: new Date(from.getTime() + 1) } : filter, options),
  })),
  brokenAudit('pages are counted', 'query: rows that come meanwhile move no page', (s) => {
    let served = 0
    return {
      async query(filter, { limit, after }) {
        if (after === undefined) served = 0
        const page = (await s.query(filter, { limit: 1000 })).slice(served, served + limit)
        served += page.length
        return page
      },
    }
  }),
  brokenAudit(
    'streams are read from the end',
    'readStream: brings one stream by ascending sequence, after a sequence, up to the limit',
    (s) => ({
      readStream: async (stream, options) => [...(await s.readStream(stream, options))].reverse(),
    }),
  ),
  brokenAudit(
    'streams are read including the last row',
    'readStream: brings one stream by ascending sequence, after a sequence, up to the limit',
    (s) => ({
      readStream: (stream, options) => s.readStream(stream, { ...options, afterSequence: options.afterSequence - 1 }),
    }),
  ),
  brokenAudit('sequences are ordered as text', 'readStream: orders sequences as numbers', (s) => ({
    readStream: async (stream, options) =>
      [...(await s.readStream(stream, options))].sort((a, b) => (`${a.sequence}` < `${b.sequence}` ? -1 : 1)),
  })),
  brokenAudit(
    'all rows begin after the place',
    'readAll: brings every row by stream and sequence, from a place on, itself included',
    (s) => ({
      readAll: ({ from, ...options }) =>
        s.readAll({ ...options, ...(from && { from: { ...from, sequence: from.sequence + 1 } }) }),
    }),
  ),
  brokenAudit('all rows are those from zero on', 'readAll: brings rows that no vault would write, too', (s) => ({
    readAll: async (options) => (await s.readAll(options)).filter(({ sequence }) => sequence >= 0),
  })),
  brokenAudit('a list leaves out rows', 'readAll: and every entry of its own lists belongs to a row', () => ({
    lists: { unlisted: (rows) => rows, strays: () => ({ strays: [], next: undefined }) },
  })),
  brokenAudit('a list leads to no row', 'readAll: and every entry of its own lists belongs to a row', () => ({
    lists: {
      unlisted: (rows) => rows.filter(({ sequence }) => sequence === 99),
      strays: () => ({ strays: [{ stream: '', sequence: 0 }], next: undefined }),
    },
  })),
  brokenAudit('an unknown stream brings all', 'readStream: an unknown stream is empty', (s) => ({
    readStream: async (_stream, { limit }) => s.query({}, { limit }),
  })),
  brokenAudit(
    'streams ignore their limit',
    'streams: come by id with their first and last times and their last row, in pages',
    (s) => ({
      streams: (options) => s.streams({ ...options, limit: 1000 }),
    }),
  ),
  brokenAudit('streams are all active', 'streams: can be only those that wrote at an instant or later', (s) => ({
    streams: ({ activeSince: _activeSince, ...options }) => s.streams(options),
  })),
  brokenAudit('a stream shows the mac of its first row', 'streams: follow what is appended', (s) => ({
    streams: async (options) => {
      const infos = await s.streams(options)
      return Promise.all(
        infos.map(async (info) => {
          const [first] = await s.readStream(info.stream, { limit: 1, afterSequence: -1 })
          return { ...info, lastMac: first?.mac ?? info.lastMac }
        }),
      )
    },
  })),
  brokenAudit('no stream is ever closed', 'streams: are closed by a closing event alone', (s) => ({
    streams: async (options) => (await s.streams(options)).map((info) => ({ ...info, isClosed: false })),
  })),
  brokenAudit('a stream that was closed once stays closed', 'streams: are closed by a closing event alone', (s) => ({
    streams: async (options) => {
      const infos = await s.streams(options)
      return Promise.all(
        infos.map(async (info) => {
          const rows = await s.readStream(info.stream, { limit: 1000, afterSequence: -1 })
          return { ...info, isClosed: rows.some(({ columns }) => columns.action === 'audit.closed') }
        }),
      )
    },
  })),
  brokenAudit('a stream ends where it began', 'streams: follow what is appended', (s) => ({
    streams: async (options) => (await s.streams(options)).map((info) => ({ ...info, lastAt: info.firstAt })),
  })),
  brokenAudit('redact appends', 'redact: a row with another mac, or none, is not redacted', (s) => ({
    redact: async (row) => (await s.redact(row)) || (await s.append([row])) === 'stored',
  })),
  brokenAudit('redact goes by place alone', 'redact: a row with another mac, or none, is not redacted', (s) => ({
    async redact(row) {
      const [found] = await s.readStream(row.stream, { limit: 1, afterSequence: row.sequence - 1 })
      return s.redact(found ? { ...row, mac: found.mac } : row)
    },
  })),
  brokenAudit('redact keeps the columns', 'redact: replaces body, columns and redaction, and keeps the mac', (s) => ({
    async redact(row) {
      const [found] = await s.readStream(row.stream, { limit: 1, afterSequence: row.sequence - 1 })
      return s.redact({ ...row, columns: found?.columns ?? row.columns })
    },
  })),
  brokenAudit(
    'a repeat undoes a redaction',
    'redact: the first row, appended again, does not undo a redaction',
    (s) => ({
      async append(rows) {
        const answer = await s.append(rows)
        for (const row of rows) await s.redact(row)
        return answer
      },
    }),
  ),
  brokenAudit('checkpoints come newest first', 'checkpoints: come oldest first, then by id, in pages', (s) => ({
    checkpoints: async (options) => [...(await s.checkpoints(options))].reverse(),
  })),
  brokenAudit('checkpoints ignore where to begin', 'checkpoints: come oldest first, then by id, in pages', (s) => ({
    checkpoints: ({ limit }) => s.checkpoints({ limit }),
  })),
  brokenAudit('checkpoints are kept twice', 'checkpoints: the same checkpoint twice is one', (s) => ({
    checkpoints: async (options) => (await s.checkpoints(options)).flatMap((checkpoint) => [checkpoint, checkpoint]),
  })),
  brokenAudit('notes are trimmed', 'checkpoints: notes of any text come back, as copies', (s) => ({
    putCheckpoint: (checkpoint) => s.putCheckpoint({ ...checkpoint, note: checkpoint.note.trim() }),
  })),
]

function brokenAudit(what: string, caught: string, part: (s: AuditStore) => Partial<AuditStore>): BrokenStore {
  const wrap = (store: VaultStore): VaultStore => ({ ...store, audit: { ...store.audit, ...part(store.audit) } })
  return { broken: what, caught: `audit.${caught}`, wrap }
}

function takeAll(audit: AuditStore): AuditStore['append'] {
  return async (rows): Promise<'stored'> => {
    await audit.append(rows)
    return 'stored'
  }
}
