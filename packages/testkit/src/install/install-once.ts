// Does something once, however many processes ask for it at the same time: the others wait.
import { existsSync, mkdirSync, rmSync, statSync, utimesSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

const staleMs = 60_000
const limitMs = 15 * 60_000

/**
 * Gives the folder, which `install` fills the first time. What it holds may know its own path, so it is made in place,
 * and a marker says that it is whole: an interrupted install is done again.
 */
export async function installedOnce(folder: string, install: (folder: string) => Promise<void>): Promise<string> {
  const marker = join(folder, '.installed')
  if (existsSync(marker)) return folder
  return await alone(folder, async () => {
    if (existsSync(marker)) return folder
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder)
    await install(folder)
    mkdirSync(marker)
    return folder
  })
}

/** Runs `work` while no other process does, going by a lock beside `path`. */
export async function alone<T>(path: string, work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(path), { recursive: true })
  const release = await lock(`${path}.lock`)
  // An interrupted process leaves no lock behind.
  process.once('exit', release)
  try {
    return await work()
  } finally {
    process.off('exit', release)
    release()
  }
}

/** A lock is a folder that its holder touches now and then; one that nobody has touched for long is broken. */
async function lock(path: string): Promise<() => void> {
  const endMs = performance.now() + limitMs
  while (!take(path)) {
    if (performance.now() > endMs) throw new Error(`Another process holds ${path} for too long.`)
    const touchedMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
    if (touchedMs > 0 && Date.now() - touchedMs > staleMs) rmSync(path, { recursive: true, force: true })
    else await wait(100)
  }
  const touch = setInterval(() => utimesSync(path, new Date(), new Date()), staleMs / 6)
  touch.unref()
  return () => {
    clearInterval(touch)
    rmSync(path, { recursive: true, force: true })
  }
}

function take(path: string): boolean {
  try {
    mkdirSync(path)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}
