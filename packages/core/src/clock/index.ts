// Clocks and deadlines, the third part of the foundation.
export { type Clock, systemClock } from './clock.ts'
export { type Deadline, delay, isPromiseLike, whenReady, withDeadline } from './deadline.ts'
