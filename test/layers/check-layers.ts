// Says which imports of a file break the layer table or go past the entry of another folder or package.
import { posix } from 'node:path'
import { bundledInCore, foldersWithoutIndex, layerTable } from './table.ts'

/** The import specifiers of one file; in the checks of a package, `path` is relative to its `src` folder. */
export interface FileImports {
  readonly path: string
  readonly imports: readonly string[]
}

/** One sentence for each broken rule of a file of core. */
export function checkCoreImports({ path, imports }: FileImports): readonly string[] {
  const folder = folderOf(path)
  const allowed = layerTable[folder]
  if (allowed === undefined) return [`${path}: the folder '${folder}' is in no layer`]
  return imports.flatMap((specifier) => {
    if (!specifier.startsWith('.')) return checkBare({ path, specifier, allowed: bundledInCore })
    const target = posix.join(posix.dirname(path), specifier)
    const targetFolder = folderOf(target)
    if (target.startsWith('..')) return [`${path}: imports ${specifier}, outside of the package's sources`]
    if (targetFolder === folder) return []
    if (!allowed.includes(targetFolder)) return [`${path}: '${folder}' must not know '${targetFolder}'`]
    return isEntry(target) || foldersWithoutIndex.includes(targetFolder)
      ? []
      : [`${path}: imports ${specifier} past the index.ts of its folder`]
  })
}

/** One sentence for each broken rule of a file of an adapter: it knows core by its public entries alone. */
export function checkAdapterImports(file: FileImports, dependencies: readonly string[]): readonly string[] {
  const allowed = ['@mcpvault/core', '@mcpvault/core/adapter', '@mcpvault/core/presets', ...dependencies]
  return file.imports.flatMap((specifier) => {
    if (!specifier.startsWith('.')) return checkBare({ path: file.path, specifier, allowed })
    const target = posix.join(posix.dirname(file.path), specifier)
    return target.startsWith('..') ? [`${file.path}: imports ${specifier}, outside of the package's sources`] : []
  })
}

/** One sentence for each relative import of a file of another package; paths are relative to the repository. */
export function checkPackageImports({ path, imports }: FileImports): readonly string[] {
  return localTargets(path, imports)
    .filter((target) => packageOf(target) !== packageOf(path))
    .map((target) => `${path}: imports ${target}; use the entries of its package`)
}

/** The folder of the package that a file belongs to; the root is a package too. */
function packageOf(path: string): string {
  return /^(?:(?:packages|examples)\/[^/]+|bench)(?=\/)/.exec(path)?.[0] ?? ''
}

function checkBare(use: { path: string; specifier: string; allowed: readonly string[] }): readonly string[] {
  const { specifier, allowed } = use
  if (specifier.startsWith('node:') || allowed.includes(specifier)) return []
  // Other entries of a library are fine; those of core are each allowed by name.
  if (allowed.some((name) => !name.startsWith('@mcpvault/') && specifier.startsWith(`${name}/`))) return []
  return [`${use.path}: must not import '${use.specifier}'`]
}

function folderOf(path: string): string {
  const [first = '', ...rest] = path.split('/')
  return rest.length === 0 ? '' : first
}

/** `stores/memory/index.ts` is an entry too: a built-in may be a folder of its own. */
function isEntry(target: string): boolean {
  return posix.basename(target) === 'index.ts'
}

/** One sentence for each import that closes a circle among the files of core. */
export function findCycles(files: readonly FileImports[]): readonly string[] {
  const importsOf = new Map(files.map(({ path, imports }) => [path, localTargets(path, imports)]))
  const done = new Set<string>()
  const cycles: string[] = []
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path)
    if (start >= 0) cycles.push([...trail.slice(start), path].join(' -> '))
    if (start >= 0 || done.has(path)) return
    for (const target of importsOf.get(path) ?? []) visit(target, [...trail, path])
    done.add(path)
  }
  for (const { path } of files) visit(path, [])
  return cycles
}

function localTargets(path: string, imports: readonly string[]): readonly string[] {
  return imports.filter((each) => each.startsWith('.')).map((each) => posix.join(posix.dirname(path), each))
}
