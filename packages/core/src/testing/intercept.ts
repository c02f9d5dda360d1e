// Standing between a caller and an object: what the fakes of stores and key providers are made of.
import type { AuditStore, VaultStore } from '../contracts/index.ts'

/** One call on its way. */
export interface InterceptedCall {
  /** Such as `secrets.put`. */
  readonly name: string
  readonly args: readonly unknown[]
  /** Does what was asked, and gives what came of it. */
  run(): unknown
}

/** Answers in the place of the method. */
export type Interceptor = (call: InterceptedCall) => unknown

/** The same object, but every call of a method goes through `intercept`. */
export function interceptMethods<T extends object>(target: T, about: string, intercept: Interceptor): T {
  // An object that inherits from the target has no members of its own, so the target may be frozen.
  const shell: T = Object.create(target)
  return new Proxy(shell, {
    get(_shell, key) {
      const member: unknown = Reflect.get(target, key)
      if (typeof member !== 'function') return member
      return (...args: unknown[]) =>
        intercept({ name: `${about}${String(key)}`, args, run: () => Reflect.apply(member, target, args) })
    },
  })
}

function withLists(audit: AuditStore, intercept: Interceptor): AuditStore {
  if (audit.lists === undefined) return audit
  const lists = interceptMethods(audit.lists, 'audit.lists.', intercept)
  // It inherits the rest, as the shell above does.
  const shell: AuditStore = Object.create(audit, { lists: { value: lists, enumerable: true } })
  return shell
}

/** The same store, but every call of its five parts goes through `intercept`. */
export function interceptStore(store: VaultStore, intercept: Interceptor): VaultStore {
  const { watch } = store
  return {
    id: store.id,
    supports: store.supports,
    secrets: interceptMethods(store.secrets, 'secrets.', intercept),
    dataKeys: interceptMethods(store.dataKeys, 'dataKeys.', intercept),
    audit: interceptMethods(withLists(store.audit, intercept), 'audit.', intercept),
    meta: interceptMethods(store.meta, 'meta.', intercept),
    locks: interceptMethods(store.locks, 'locks.', intercept),
    ...(watch === undefined ? {} : { watch: (listener) => watch.call(store, listener) }),
  }
}

/** The signal among the options of a call. */
export function signalOf(args: readonly unknown[]): AbortSignal | undefined {
  for (const arg of args) {
    if (typeof arg !== 'object' || arg === null || !('signal' in arg)) continue
    if (arg.signal instanceof AbortSignal) return arg.signal
  }
  return undefined
}

/** A promise that only the signal ends. */
export function hang(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal?.aborted) reject(signal.reason)
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}
