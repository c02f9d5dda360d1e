// How the memory of a fresh process grows while it verifies a long trail.
import { openTrail } from './trail.mjs'

/** @param {import('./trail.mjs').TrailFile & { readonly events: number }} file */
export async function run({ events, ...file }) {
  const trail = openTrail(file)
  let earlyBytes = 0
  let mostBytes = 0
  await trail.verify({
    onProgress({ done }) {
      const bytes = process.memoryUsage.rss()
      // By a fifth of the way the code is compiled and the heap has its working size.
      if (earlyBytes === 0 || done <= events / 5) earlyBytes = Math.max(earlyBytes, bytes)
      mostBytes = Math.max(mostBytes, bytes)
    },
  })
  await trail.close()
  return { growthMb: (mostBytes - earlyBytes) / 1_048_576, mostMb: mostBytes / 1_048_576 }
}
