// The settings page as it was built: files of one folder, read once, served under their own names.
import { readdirSync, readFileSync } from 'node:fs'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A file of the page. */
export interface PageFile {
  readonly type: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** Files by their path in the folder, such as `index.html` and `assets/index-a1b2.js`. */
export type PageFiles = ReadonlyMap<string, PageFile>

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
}

let read: PageFiles | undefined

/** The files of the page; empty when it was not built. */
export function pageFiles(): PageFiles {
  read ??= readFolder() ?? new Map()
  return read
}

/** Beside the built handler, and for the sources in the package's `dist`. */
const folders = ['./page/', '../../dist/page/']

function readFolder(): PageFiles | undefined {
  for (const folder of folders) {
    const path = fileURLToPath(new URL(folder, import.meta.url))
    const names = filesOf(path)
    if (names.includes('index.html')) return new Map(names.flatMap((name) => entryOf(path, name)))
  }
  return undefined
}

function filesOf(path: string): readonly string[] {
  try {
    return readdirSync(path, { recursive: true, encoding: 'utf8' }).map((name) => name.replaceAll('\\', '/'))
  } catch {
    return []
  }
}

function entryOf(path: string, name: string): readonly (readonly [string, PageFile])[] {
  const type = types[extname(name)]
  return type === undefined ? [] : [[name, { type, bytes: new Uint8Array(readFileSync(`${path}${name}`)) }]]
}
