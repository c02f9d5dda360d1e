// A write whose event lands in the same transaction.

import type { AuditRow } from '../../contracts/index.ts'
import { isPromiseLike } from '../../time/index.ts'
import type { Chain, Draft } from '../log/chain.ts'
import type { Lanes } from './lanes.ts'
import type { RecordedWrite } from './options.ts'
import type { Outlet } from './outlet.ts'

export interface LaneWriteOptions {
  readonly lanes: Lanes
  readonly outlet: Outlet
  /** Takes rows that are in the store. */
  readonly onApplied: (rows: readonly AuditRow[]) => void
}

/** Commits a write with the next rows of a free lane. */
export async function writeThroughLane<T>(options: LaneWriteOptions, write: RecordedWrite<T>): Promise<T> {
  const { lanes, outlet, onApplied } = options
  const taken = lanes.take(write.signal)
  const lane = isPromiseLike(taken) ? await taken : taken
  const draft = draftOrGiveBack({ lanes, outlet, lane }, write)
  let result: T
  let isApplied: boolean
  try {
    const committing = write.commit(draft.rows)
    result = isPromiseLike(committing) ? await committing : committing
    isApplied = write.applied(result)
  } catch (error) {
    // The rows may be in the store or not, so nothing can follow them in this stream.
    draft.discard()
    lanes.abandon(lane)
    throw error
  }
  if (isApplied) {
    draft.accept()
    onApplied(draft.rows)
  } else draft.discard()
  lanes.giveBack(lane)
  return result
}

function draftOrGiveBack<T>(
  { lanes, outlet, lane }: { readonly lanes: Lanes; readonly outlet: Outlet; readonly lane: Chain },
  { event }: RecordedWrite<T>,
): Draft {
  try {
    return lane.draft(outlet.begun(lane, outlet.stamped([event])))
  } catch (error) {
    lanes.giveBack(lane)
    throw error
  }
}
