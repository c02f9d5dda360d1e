// Clocks and deadlines, the third part of the foundation.
export { type BackOffOptions, backOffMs } from './back-off.ts'
export { callSafely, progressReporter } from './call-safely.ts'
export { afterTurn, type Clock, keepProcess, systemClock } from './clock.ts'
export { delay, isPromiseLike, withDeadline } from './deadline.ts'
export { type HeartbeatOptions, heartbeat } from './heartbeat.ts'
export { mapConcurrent } from './map-concurrent.ts'
export { untilAborted } from './until-aborted.ts'
export { waitingList } from './waiting-list.ts'
