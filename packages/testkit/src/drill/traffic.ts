// The readers and writers of a drill: they never rest, and note each acknowledged write and each failure.
import type { Vault } from '@mcpvault/core'
import { seeded } from '../random.ts'
import { nameOf, ownerOf, type Population, scopeOf, textOf } from './population.ts'

/** What the readers and writers have seen. */
export interface TrafficReport {
  readonly reads: number
  readonly writes: number
  /** Reads that failed, or gave what nobody wrote or what a later write had replaced; and writes that were refused. */
  readonly failures: readonly string[]
  /** The last acknowledged version of each secret, by its number. */
  readonly versions: readonly number[]
}

export interface Traffic {
  /** Resolves once there was a read and a write. */
  readonly underWay: Promise<void>
  /** Ends it, and says what was seen. */
  stop(): Promise<TrafficReport>
}

const readers = 3
const writers = 2
/** So many writes of one writer, and it stores a secret of a new owner, who needs a data key. */
const writesPerNewcomer = 20
/** More than these say nothing more. */
const maxFailures = 20

/** Begins to read and write. Each secret is in version 1. */
export function startTraffic(vault: Vault, population: Population): Traffic {
  const versions = Array.from({ length: population.secrets }, () => 1)
  const begun = [...versions]
  const failures: string[] = []
  let reads = 0
  let writes = 0
  let isOver = false
  let tellUnderWay = (): void => {}
  const underWay = new Promise<void>((resolve) => {
    tellUnderWay = resolve
  })
  const scope = (index: number) => scopeOf(vault, ownerOf(population, index))
  const fail = (what: string): void => {
    if (failures.length < maxFailures) failures.push(what)
  }

  async function readOnce(index: number): Promise<void> {
    const atLeast = versions[index] ?? 0
    const found = await scope(index).get(nameOf(index))
    // A newcomer that is not stored yet is absent: version 0.
    const version = found?.version ?? 0
    const isKnown = version >= atLeast && version <= (begun[index] ?? 0)
    if (!isKnown) fail(`secret ${index}: version ${version} was read after version ${atLeast} was acknowledged`)
    else if (found !== undefined && found.reveal() !== textOf(index, version))
      fail(`secret ${index}: version ${version} has another value`)
    reads += 1
  }

  async function writeOnce(index: number): Promise<void> {
    const next = (begun[index] ?? 0) + 1
    begun[index] = next
    const { version } = await scope(index).set(nameOf(index), textOf(index, next))
    if (version !== next) fail(`secret ${index}: write ${next} became version ${version}`)
    versions[index] = version
    writes += 1
  }

  async function repeat(seed: number, turn: (random: number, count: number) => Promise<void>): Promise<void> {
    const random = seeded(seed)
    for (let count = 1; !isOver; count += 1) {
      try {
        await turn(random(), count)
      } catch (error) {
        fail(String(error))
      }
      if (reads > 0 && writes > 0) tellUnderWay()
    }
  }

  const callers = [
    ...Array.from({ length: readers }, (_, reader) =>
      repeat(reader, (random) => readOnce(Math.floor(random * versions.length))),
    ),
    ...Array.from({ length: writers }, (_, writer) =>
      repeat(100 + writer, (random, count) => {
        if (count % writesPerNewcomer === 0) {
          // No other caller takes its number: it is taken before anything is awaited.
          begun.push(0)
          return writeOnce(versions.push(0) - 1)
        }
        // One writer has the even numbers, the other one the odd, so that none is replaced by two at a time.
        const index = Math.floor((random * population.secrets) / writers) * writers + writer
        return writeOnce(index % population.secrets)
      }),
    ),
  ]
  return {
    underWay,
    async stop() {
      isOver = true
      await Promise.all(callers)
      return { reads, writes, failures, versions }
    },
  }
}
