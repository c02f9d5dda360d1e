// What a conformance case is, and what a store brings to be tested.
import type { Awaitable, StoreSupport, VaultStore } from '../../contracts/index.ts'
import { type CaseGroup, casesAbout } from '../cases.ts'

/** A fresh store and what the cases may do around it. */
export interface StoreUnderTest {
  readonly store: VaultStore
  /** Frees what the factory made. Called once, after the case. */
  cleanup(): Promise<void>
  /**
   * A second handle on the same data, as another process would have it. Races then run over both handles. A store
   * that supports `watch` must give it.
   */
  reopen?(): Promise<VaultStore>
  /** Moves the time that locks expire by. Without it, the cases wait for short locks to end. */
  advance?(milliseconds: number): Awaitable<void>
}

/** Makes a store that is migrated, empty, and shares nothing with the ones made before. */
export type StoreFactory = () => Promise<StoreUnderTest>

/** One behaviour of the store contract. */
export interface ConformanceCase {
  /** A sentence that starts with the part of the store it is about. */
  readonly name: string
  /** When present and false, the case does not apply, and `run` does nothing. */
  readonly requires?: (supports: StoreSupport) => boolean
  /** Rejects with an `AssertionError` when the store breaks the contract. */
  run(factory: StoreFactory): Promise<void>
}

/** Cases that make a store, test it and clean up. */
export const casesOf: (group: CaseGroup<StoreUnderTest, StoreSupport>) => readonly ConformanceCase[] = casesAbout(
  ({ store }: StoreUnderTest) => store.supports,
)
