// Builds the page for the tests as the package's build does, when its sources are newer than what was built.
import { execFile } from 'node:child_process'
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const root = join(import.meta.dirname, '..', '..', '..')
const built = join(root, 'dist', 'page', 'index.html')
const sources = [join(root, 'page'), join(root, 'src', 'client'), join(root, '..', 'core', 'src', 'presets')]

export async function buildPage(): Promise<void> {
  if (existsSync(built) && statSync(built).mtimeMs > newest()) return
  rmSync(join(root, 'dist', 'page', 'assets'), { recursive: true, force: true })
  const vite = join(dirname(fileURLToPath(import.meta.resolve('vite/package.json'))), 'bin', 'vite.js')
  // A test runner says that this is a test, and Vite would build for that.
  const env = { ...process.env, NODE_ENV: 'production' }
  await promisify(execFile)(process.execPath, [vite, 'build', 'page'], { cwd: root, env })
}

function newest(): number {
  const files = sources.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  )
  return Math.max(...files.map((path) => statSync(path).mtimeMs))
}
