// Faults of a network, and the stages that they come to: at a byte of a call's traffic, or at a call nobody answers.
import { setImmediate } from 'node:timers/promises'
import { interceptStore } from '@mcpvault/core/testing'
import type { Direction, FaultProxy } from '../fault-proxy.ts'
import type { Time } from './manual-time.ts'
import type { ProxiedStore } from './proxied-store.ts'
import type { Stage } from './run-script.ts'

export type NetworkFault = { readonly atCall: number } & (
  | /** The connections of a server end after so many bytes more. */
  { readonly kind: 'cut'; readonly direction: Direction; readonly bytes: number }
  /** Nothing passes until the vault's time limit ends the call: then what was held back is lost, or comes late. */
  | { readonly kind: 'lost' | 'late' }
)

/** What a call of the store sends and is answered, in bytes. */
export type CallTraffic = Readonly<Record<Direction, number>>

const directions = ['toServer', 'toClient'] as const

/** Every fault of a call; a connection ends at a byte that the random numbers choose. */
export function faultsOf(traffic: CallTraffic, atCall: number, random: () => number): readonly NetworkFault[] {
  const cuts = directions.flatMap((direction) => {
    const bytes = 1 + Math.floor(random() * traffic[direction])
    return traffic[direction] === 0 ? [] : [{ kind: 'cut', atCall, direction, bytes } as const]
  })
  return [{ kind: 'lost', atCall }, { kind: 'late', atCall }, ...cuts]
}

/** What a run has to work with. */
export interface NetworkRun {
  readonly opened: ProxiedStore
  readonly time: Time
}

/** Calls `begun` with the number of each call from `arm` to `disarm`, and what that returns when the call has ended. */
function countedStage({ opened, time }: NetworkRun, begun: (call: number) => (() => void) | undefined): Stage {
  let calls: number | undefined
  const store = interceptStore(time.waitingFor(opened.proxied), ({ run }) => {
    if (calls === undefined) return run()
    calls += 1
    const ended = begun(calls)
    const answer = run()
    if (ended !== undefined) void Promise.resolve(answer).then(ended, ended)
    return answer
  })
  return {
    plain: time.waitingFor(opened.plain),
    store,
    decided: opened.decided,
    arm() {
      calls = 0
    },
    disarm() {
      calls = undefined
    },
  }
}

/** A stage without faults that learns what each call sends. */
export function measuringStage(run: NetworkRun): { readonly stage: Stage; readonly calls: readonly CallTraffic[] } {
  const { proxies } = run.opened
  const calls: CallTraffic[] = []
  const received = (direction: Direction): number => proxies.reduce((sum, proxy) => sum + proxy.received(direction), 0)
  const stage = countedStage(run, (call) => {
    const before = { toServer: received('toServer'), toClient: received('toClient') }
    calls[call - 1] = { toServer: 0, toClient: 0 }
    return () => {
      calls[call - 1] = {
        toServer: received('toServer') - before.toServer,
        toClient: received('toClient') - before.toClient,
      }
    }
  })
  return { stage, calls }
}

/** A stage that breaks once. */
export interface BrokenStage {
  readonly stage: Stage
  /** Whether the fault has come. */
  isBroken(): boolean
}

export function brokenStage(run: NetworkRun, fault: NetworkFault): BrokenStage {
  return fault.kind === 'cut' ? cutStage(run, fault) : silentStage(run, fault)
}

/** Cuts the server that first has so many bytes; which one that is depends on the keys. */
function cutStage(run: NetworkRun, { atCall, direction, bytes }: NetworkFault & { readonly kind: 'cut' }): BrokenStage {
  const { proxies } = run.opened
  let ends: readonly { readonly proxy: FaultProxy; readonly at: number }[] = []
  const isBroken = (): boolean => ends.some(({ proxy, at }) => proxy.received(direction) >= at)
  const stage = countedStage(run, (call) => {
    if (call === atCall) {
      ends = proxies.map((proxy) => ({ proxy, at: proxy.received(direction) + bytes }))
      for (const proxy of proxies) proxy.cutAfter({ direction, bytes })
    }
    return () => {
      if (isBroken()) for (const proxy of proxies) proxy.pass()
    }
  })
  return { stage, isBroken }
}

function silentStage(
  run: NetworkRun,
  { atCall, kind }: NetworkFault & { readonly kind: 'lost' | 'late' },
): BrokenStage {
  let isBroken = false
  const stage = countedStage(run, (call) => {
    if (call === atCall) {
      isBroken = true
      void silence({ ...run, isLost: kind === 'lost' })
    }
    return undefined
  })
  return { stage, isBroken: () => isBroken }
}

/** The default time limit of a vault for a call of its store. */
const storeMs = 5_000

/** Time goes on although calls are under way: only a time limit makes an end of this. */
async function silence({ opened, time, isLost }: NetworkRun & { readonly isLost: boolean }): Promise<void> {
  for (const proxy of opened.proxies) proxy.stall()
  await setImmediate()
  time.clock.advance(storeMs)
  if (isLost) for (const proxy of opened.proxies) proxy.cut()
  for (const proxy of opened.proxies) proxy.pass()
}
