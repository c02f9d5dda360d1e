// A store that fails once, at a chosen operation, in a chosen way.
import type { VaultStore } from '../contracts/index.ts'
import { VaultError } from '../errors/index.ts'
import { hang, interceptStore, signalOf } from './intercept.ts'

/** How the chosen operation fails. */
export interface FaultStoreOptions {
  /** Which operation fails, counted from 1 over all parts of the store. 0: none, and the operations are only counted. */
  readonly failAt: number
  /**
   * `before`: throws without doing it. `after`: does it, then throws. `hang`: neither does it nor answers until the
   * call's signal is aborted. `hang-after`: does it, then never answers either. What is thrown is a retryable
   * `VAULT_STORE_FAILED`.
   */
  readonly mode: 'before' | 'after' | 'hang' | 'hang-after'
  /** Called once the caller waits for an operation that hangs: the place to move a manual clock. */
  readonly onHang?: () => void
}

/** A store that knows what was asked of it. */
export interface FaultStore extends VaultStore {
  /** How many operations have begun. */
  readonly operations: number
  /** The operation that failed, such as `secrets.put`, once it has. */
  readonly failed: string | undefined
}

/**
 * Wraps a store so that the N-th operation fails. Run a scenario once with `failAt: 0` to learn how many operations it
 * takes, then once for each of them and each mode.
 */
export function faultStore(store: VaultStore, { failAt, mode, onHang }: FaultStoreOptions): FaultStore {
  let operations = 0
  let failed: string | undefined
  const faulty = interceptStore(store, ({ name, args, run }) => {
    operations += 1
    if (operations !== failAt) return run()
    failed = name
    if (mode === 'before') throw failure()
    if (mode === 'after') return thenFail(run)
    if (onHang !== undefined) queueMicrotask(onHang)
    const silence = hang(signalOf(args))
    return mode === 'hang' ? silence : thenWait(run, silence)
  })
  return {
    ...faulty,
    get operations() {
      return operations
    },
    get failed() {
      return failed
    },
  }
}

async function thenFail(run: () => unknown): Promise<never> {
  await run()
  throw failure()
}

async function thenWait(run: () => unknown, silence: Promise<never>): Promise<never> {
  const done = (async () => run())()
  return Promise.race([silence, done.then(() => silence)])
}

function failure(): VaultError {
  return new VaultError('VAULT_STORE_FAILED', { detail: 'This failure was asked for by a test.', retryable: true })
}
