// How the memory of a fresh process grows while it verifies a long trail, and how long nothing else gets its turn.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { openTrail } from './trail.mjs'

/** @param {import('./trail.mjs').TrailFile & { readonly events: number }} file */
export async function run({ events, ...file }) {
  const trail = openTrail(file)
  const delay = monitorEventLoopDelay({ resolution: 1 })
  let earlyBytes = 0
  let maxBytes = 0
  delay.enable()
  await trail.verify({
    onProgress({ done }) {
      const bytes = process.memoryUsage.rss()
      // By a fifth of the way the code is compiled and the heap has its working size.
      if (earlyBytes === 0 || done <= events / 5) earlyBytes = Math.max(earlyBytes, bytes)
      maxBytes = Math.max(maxBytes, bytes)
    },
  })
  // The last stretch counts once the loop has turned.
  await new Promise((resolve) => setTimeout(resolve, 2))
  delay.disable()
  await trail.close()
  return {
    growthMb: (maxBytes - earlyBytes) / 1_048_576,
    maxMb: maxBytes / 1_048_576,
    heldMs: delay.max / 1_000_000,
  }
}
