// The end of a process between two commands: those sent so far take effect, and nothing comes after them.
import type { VaultStore } from '@mcpvault/core'
import { interceptStore } from '@mcpvault/core/testing'

/** Decides when a process ends. */
export interface Lifeline {
  /** From now on the process lives for so many commands. */
  endAfter(commands: number): void
  isEnded(): boolean
  /** The commands since `endAfter`. */
  commands(): number
  /** Sends one command, or throws when the process has ended. */
  send<T>(command: () => T): T
}

export function lifeline(): Lifeline {
  let left = Number.POSITIVE_INFINITY
  let sent = 0
  let ended = false
  return {
    endAfter(commands) {
      left = commands
      sent = 0
    },
    isEnded: () => ended,
    commands: () => sent,
    send(command) {
      if (ended || sent >= left) {
        ended = true
        throw new Error('The process has ended.')
      }
      sent += 1
      return command()
    },
  }
}

/** The same object, each of whose named methods sends one command. */
export function endingMethods<T extends object>(target: T, names: readonly string[], line: Lifeline): T {
  return new Proxy(target, {
    get(_, key) {
      const member: unknown = Reflect.get(target, key)
      if (typeof member !== 'function') return member
      const call = (...args: unknown[]): unknown => Reflect.apply(member, target, args)
      return names.includes(String(key))
        ? (...args: unknown[]) => inPromise(() => line.send(() => call(...args)))
        : call
    },
  })
}

/** A store each of whose calls is one command, as one that does every call in one transaction. */
export function endingStore(store: VaultStore, line: Lifeline): VaultStore {
  return interceptStore(store, ({ run }) => inPromise(() => line.send(run)))
}

async function inPromise(command: () => unknown): Promise<unknown> {
  return await command()
}
