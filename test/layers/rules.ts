// The rules of imports, as dependency-cruiser reads them. Paths are relative to the root; `$1` is the first group of `from`.
import type { IForbiddenRuleType } from 'dependency-cruiser'
import { bundledInCore, foldersWithoutIndex, layerTable } from './table.ts'

const core = 'packages/core/src'
/** What only tests use may import anything. */
const adapters = '^packages/(?!core/|testkit/)[^/]+/src/'
const coreEntries = `^${core}/(index|adapter/index|presets/index)\\.ts$`
/** A relative import; one by the name of a package of the workspace is none of these. */
const relative = ['local'] as const

export const rules: readonly IForbiddenRuleType[] = [
  {
    name: 'resolves',
    comment: 'A path that is not found escapes every other rule.',
    from: {},
    to: { couldNotResolve: true },
  },
  { name: 'no circle', from: {}, to: { circular: true } },
  { name: 'no orphan', from: { orphan: true, path: '^(packages|examples)/[^/]+/(src|page)/|^bench/src/' }, to: {} },
  ...packageRules(),
  ...adapterRules(),
  ...coreRules(),
]

/** The root is a package too; the settings of every build are made of one file of it. */
function packageRules(): readonly IForbiddenRuleType[] {
  const folder = '^(packages/[^/]+|examples/[^/]+|bench)/'
  return [
    {
      name: 'another package by its entries',
      from: { path: folder },
      to: { dependencyTypes: [...relative], pathNot: ['^$1/', '^tsup\\.base\\.ts$'] },
    },
    {
      name: 'a package by its entries',
      from: { pathNot: folder },
      to: { dependencyTypes: [...relative], path: folder },
    },
    {
      name: 'sources know sources alone',
      from: { path: '^(packages/[^/]+/src)/' },
      to: { dependencyTypes: [...relative], pathNot: '^$1/' },
    },
    {
      name: 'never its own name',
      from: { path: '^(packages/[^/]+)/src/' },
      to: { dependencyTypesNot: [...relative], path: '^$1/' },
    },
  ]
}

/** A published package beside core: what its users install, and core by its public entries. */
function adapterRules(): readonly IForbiddenRuleType[] {
  return [
    {
      name: 'core by its entries, no other package',
      from: { path: adapters },
      to: { dependencyTypesNot: [...relative], path: '^packages/', pathNot: coreEntries },
    },
    {
      name: 'what is installed with it',
      from: { path: adapters },
      to: { dependencyTypesNot: [...relative, 'core', 'npm', 'npm-peer', 'npm-optional'], pathNot: '^packages/' },
    },
  ]
}

function coreRules(): readonly IForbiddenRuleType[] {
  const folders = Object.keys(layerTable)
  const insides = `^${core}/([^/]+)/`
  const notEntry = { path: insides, pathNot: [`^${core}/${anyOf(foldersWithoutIndex)}/`, '/index\\.ts$'] }
  return [
    ...folders.map(layerRule),
    {
      name: 'a folder of the table',
      from: { path: insides, pathNot: `^${core}/${anyOf(folders)}/` },
      to: {},
    },
    {
      name: 'a folder by its index',
      from: { path: insides },
      to: { ...notEntry, pathNot: [`^${core}/$1/`, ...notEntry.pathNot] },
    },
    { name: 'a folder by its index', from: { path: `^${core}/[^/]+$` }, to: notEntry },
    {
      name: 'nothing to install',
      from: { path: `^${core}/` },
      to: {
        dependencyTypesNot: ['core', ...relative],
        pathNot: [`^${core}/`, `(^|/)node_modules/${anyOf(bundledInCore)}/`],
      },
    },
  ]
}

/** The face of core are the files in no folder, which the key '' stands for. */
function layerRule(folder: string): IForbiddenRuleType {
  const own = folder === '' ? `^${core}/[^/]+$` : `^${core}/${folder}/`
  const below = `^${core}/${anyOf(layerTable[folder] ?? [])}/`
  return {
    name: 'downwards',
    from: { path: own },
    to: { path: `^${core}/`, pathNot: [own, below] },
  }
}

function anyOf(names: readonly string[]): string {
  return `(${names.join('|')})`
}
