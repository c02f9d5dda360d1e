// A store whose answers come in waves: all that were asked for at a time, so that round trips in sequence can be counted.
import type { VaultStore } from '../../src/contracts/index.ts'
import { interceptStore } from '../../src/testing/intercept.ts'

export interface WavingStore {
  readonly store: VaultStore
  /** Lets answers come until the work is done. The calls of each wave, in alphabetical order. */
  wavesOf(work: Promise<unknown>): Promise<readonly (readonly string[])[]>
}

export function wavingStore(plain: VaultStore): WavingStore {
  let waiting: { readonly name: string; readonly answer: () => void }[] = []
  const store = interceptStore(plain, ({ name, run }) => {
    const asked = new Promise<void>((resolve) => waiting.push({ name, answer: resolve }))
    return asked.then(run)
  })

  async function wavesOf(work: Promise<unknown>): Promise<readonly (readonly string[])[]> {
    const waves: (readonly string[])[] = []
    let isDone = false
    const finish = (): void => {
      isDone = true
    }
    work.then(finish, finish)
    for (;;) {
      await quiet()
      if (isDone) return waves
      const wave = waiting
      waiting = []
      if (wave.length > 0) waves.push(wave.map(({ name }) => name).sort())
      for (const { answer } of wave) answer()
    }
  }

  return { store, wavesOf }
}

/** Until all that can go on without an answer has gone on. */
async function quiet(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
}
