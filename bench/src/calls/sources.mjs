// Lets Node run the sources of the packages: each TypeScript file is transpiled as it is loaded, one by one and unminified.
import { readFileSync } from 'node:fs'
import { createRequire, register } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isMainThread } from 'node:worker_threads'
import { root } from '../paths.mjs'

if (isMainThread) register(import.meta.url)

const typescript = createRequire(join(root, 'package.json'))('typescript')
const compilerOptions = { module: typescript.ModuleKind.ESNext, target: typescript.ScriptTarget.ES2023 }

/** The hook of Node's loader. */
export async function load(url, context, nextLoad) {
  if (!url.endsWith('.ts')) return nextLoad(url, context)
  const text = readFileSync(fileURLToPath(url), 'utf8')
  const { outputText } = typescript.transpileModule(text, { compilerOptions })
  return { format: 'module', source: outputText, shortCircuit: true }
}
