// Turns the fenced code of the pages into files, checks their types against the built packages and runs them.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { transformSync } from 'esbuild'
import ts from 'typescript'
import { root } from '../files.ts'
import type { Fence } from './markdown.ts'
import { withServices } from './services.ts'

/** A snippet of one page. It runs unless its fence says `no-run`, and is type-checked when it is TypeScript. */
export interface Snippet {
  readonly name: string
  readonly code: string
  readonly typed: boolean
  readonly runs: boolean
}

// This example depends on all that a reader of the pages installs.
const folder = join(root, 'examples', 'mcp-server', '.cache', 'snippets')

/** The TypeScript and JavaScript among the fences of one page. */
export function snippetsOf(path: string, fences: readonly Fence[]): readonly Snippet[] {
  return fences.flatMap(({ line, info, code }) => {
    const [language = '', ...words] = info.split(/\s+/)
    if (!['ts', 'typescript', 'js', 'javascript', 'mjs'].includes(language)) return []
    return [{ name: `${path}:${line}`, code, typed: language.startsWith('t'), runs: !words.includes('no-run') }]
  })
}

/** What the compiler says about all typed snippets, each error with the place in its page. */
export function typeErrors(snippets: readonly Snippet[]): readonly string[] {
  const typed = snippets.filter((each) => each.typed)
  const places = new Map(typed.map((each) => [writeSnippet(`${fileStem(each)}.ts`, each.code), each]))
  const program = ts.createProgram([...places.keys()], compilerOptions())
  return ts.getPreEmitDiagnostics(program).map((diagnostic) => {
    const message = ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n')
    const snippet = diagnostic.file === undefined ? undefined : places.get(diagnostic.file.fileName)
    if (snippet === undefined || diagnostic.file === undefined) return message
    const { line } = diagnostic.file.getLineAndCharacterOfPosition(diagnostic.start ?? 0)
    return `${snippet.name}, its line ${line + 1}: ${message}`
  })
}

/**
 * Runs one snippet as a program of its own, in an empty folder, with a key and with the servers that it names in its
 * environment.
 */
export async function runSnippet(snippet: Snippet): Promise<{ readonly code: number | null; readonly output: string }> {
  const { code } = transformSync(snippet.code, { loader: 'ts', format: 'esm', target: 'node20' })
  const path = writeSnippet(`${fileStem(snippet)}.mjs`, code)
  const cwd = mkdtempSync(join(tmpdir(), 'mcpvault-snippet-'))
  const key = createHash('sha256').update(snippet.name).digest('base64url')
  try {
    return await withServices(snippet.code, (servers) => runFile({ path, cwd, env: { ...servers, MCPVAULT_KEY: key } }))
  } finally {
    rmSync(cwd, { recursive: true, force: true })
  }
}

/** Forgets the snippets of earlier runs. */
export function clearSnippets(): void {
  rmSync(folder, { recursive: true, force: true })
}

interface SnippetRun {
  readonly path: string
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
}

function runFile({ path, cwd, env: given }: SnippetRun): ReturnType<typeof runSnippet> {
  const env = { PATH: process.env['PATH'], HOME: cwd, ...given }
  const child = spawn(process.execPath, [path], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000 })
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, output: Buffer.concat(chunks).toString('utf8') }))
  })
}

function writeSnippet(name: string, code: string): string {
  mkdirSync(folder, { recursive: true })
  const path = join(folder, name)
  writeFileSync(path, code)
  return path
}

function fileStem(snippet: Snippet): string {
  return snippet.name.replaceAll(/[^A-Za-z0-9]+/g, '-')
}

/** As a reader's project would have them: strict, and with the built packages rather than their sources. */
function compilerOptions(): ts.CompilerOptions {
  return {
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2023.d.ts'],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    moduleDetection: ts.ModuleDetectionKind.Force,
    types: ['node'],
    typeRoots: [join(root, 'node_modules', '@types')],
    strict: true,
    noEmit: true,
    skipLibCheck: true,
  }
}
