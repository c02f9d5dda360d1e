// Two workers on one task: each is killed again and again, and started again, until both have come to the end.
import type { WorkerProgram } from '../history/worker-process.ts'
import { seeded } from '../random.ts'
import type { DrillJobs, WorkNews } from './drill-jobs.ts'

export interface MortalWork<Address> {
  readonly program: WorkerProgram<DrillJobs<Address>>
  readonly task: 'rewrap' | 'rekey'
  readonly address: Address
  readonly owners: readonly string[]
  readonly life: Life
}

/** When a worker is killed: after at most so many writes of its own and one that is under way, or after so long. */
export type Life = { readonly writes: number } | { readonly ms: number }

/** Works until both workers have come to the end by themselves. Returns how often one was killed. */
export async function workTwice<Address>(work: MortalWork<Address>): Promise<number> {
  // What an operator would note down: a rewrap finds what is left by itself, a rekey is called for each owner.
  const left = new Set(work.owners)
  const kills = await Promise.all([
    workUntilDone(work, { left, seed: 1, inOrder: (owners) => owners }),
    workUntilDone(work, { left, seed: 2, inOrder: (owners) => owners.toReversed() }),
  ])
  return kills.reduce((sum, each) => sum + each, 0)
}

interface Worker {
  readonly left: Set<string>
  readonly seed: number
  /** The workers begin at two ends, and meet. */
  inOrder(owners: readonly string[]): readonly string[]
}

// Each life stores something, or comes to the end: what is left to store bounds the number of lives.
async function workUntilDone<Address>(
  { program, task, address, life }: MortalWork<Address>,
  { left, seed, inOrder }: Worker,
): Promise<number> {
  const random = seeded(seed)
  for (let kills = 0; ; kills += 1) {
    const worker = program.start()
    let timer: NodeJS.Timeout | undefined
    let isKilled = false
    const writes = 'writes' in life ? 1 + Math.floor(random() * life.writes) : Number.POSITIVE_INFINITY
    const kill = (): void => {
      if (isKilled) return
      isKilled = true
      void worker.kill()
    }
    const onNews = (told: unknown): void => {
      // The program sends nothing but news of its work.
      const news = told as WorkNews
      if (news.kind === 'owner') left.delete(news.owner)
      else if (news.kind === 'over') kill()
      if ('ms' in life) timer ??= setTimeout(kill, life.ms)
    }
    try {
      await worker.run(task, { address, owners: inOrder([...left]), writes }, onNews)
      return kills
    } catch (error) {
      if (!isKilled) throw error
    } finally {
      clearTimeout(timer)
      await worker.kill()
    }
  }
}
