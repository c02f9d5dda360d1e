// A fresh project outside the workspace, with the packages installed from their tarballs and nothing fetched.
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { root } from '../files.ts'

/** What a program printed, and how it ended. */
export interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface Project {
  readonly folder: string
  write(name: string, text: string): void
  /** Runs a script of the project, or of the workspace when the path is absolute. */
  node(script: string, ...args: string[]): Promise<Ended>
  remove(): void
}

/** A key for the programs, as an operator would set it. */
const key = randomBytes(32).toString('base64url')

/** A tarball, and the paths of the files in it. */
export interface Tarball {
  readonly name: string
  readonly path: string
  readonly files: readonly string[]
}

/** Packs every published package as npm does it. */
export async function packAll(folder: string): Promise<readonly Tarball[]> {
  const folders = publishedNames().map((name) => `./packages/${name}`)
  // The packages are built already; the script before packing would build them again when a source is newer.
  const flags = ['--json', '--ignore-scripts', '--pack-destination', folder]
  const { code, stdout, stderr } = await ended('npm', ['pack', ...flags, ...folders], root)
  if (code !== 0) throw new Error(`npm pack failed:\n${stderr}`)
  const made: readonly { name: string; filename: string; files: readonly { path: string }[] }[] = JSON.parse(stdout)
  return made.map(({ name, filename, files }) => ({
    name,
    path: join(folder, filename),
    files: files.map(({ path }) => path),
  }))
}

/** The folders of the packages that are published. */
export function publishedNames(): readonly string[] {
  return readdirSync(join(root, 'packages')).filter((name) => name !== 'testkit')
}

/** A folder under a name of its own; `remove` takes it away. */
export function freshFolder(): string {
  return realpathSync(mkdtempSync(join(tmpdir(), 'mcpvault-packed-')))
}

/** Installs tarballs in a fresh project. */
export async function freshProject(tarballs: readonly string[]): Promise<Project> {
  const folder = freshFolder()
  writeFileSync(join(folder, 'package.json'), '{ "name": "app", "private": true, "type": "module" }\n')
  // npm asks the registry about peers that are not tarballs, also about optional ones.
  const flags = ['--offline', '--legacy-peer-deps', '--no-audit', '--no-fund', '--ignore-scripts', '--no-package-lock']
  const { code, stderr } = await ended('npm', ['install', ...flags, ...tarballs], folder)
  if (code !== 0) throw new Error(`npm install failed:\n${stderr}`)
  return projectIn(folder)
}

/** The same packages in another project, and beside them some of the workspace, which stand for published ones. */
export function projectLike(project: Project, beside: readonly string[]): Project {
  const folder = freshFolder()
  cpSync(project.folder, folder, { recursive: true })
  for (const name of beside) link(folder, name)
  return projectIn(folder)
}

function projectIn(folder: string): Project {
  return {
    folder,
    write: (name, text) => {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), text)
    },
    node: (script, ...args) => ended(process.execPath, [script, ...args], folder),
    remove: () => rmSync(folder, { recursive: true }),
  }
}

function link(folder: string, name: string): void {
  const target = realpathSync(join(root, 'packages/sqlite/node_modules', name))
  const path = join(folder, 'node_modules', name)
  mkdirSync(dirname(path), { recursive: true })
  symlinkSync(target, path)
}

/** A program that hangs is ended before its test is, and its code is then not 0. */
function ended(file: string, args: readonly string[], cwd: string): Promise<Ended> {
  const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], MCPVAULT_KEY: key }
  return new Promise((resolve) => {
    execFile(file, args, { cwd, env, timeout: 100_000 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1
      resolve({ code, stdout, stderr })
    })
  })
}
