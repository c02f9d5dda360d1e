// The layer table of core: which folders the files of a folder may import from, besides their own.

const foundation = ['errors', 'bytes', 'time'] as const
const contracts = [...foundation, 'contracts'] as const
const mechanisms = ['envelope', 'keys', 'access', 'audit'] as const

/** A folder that is not listed here may not exist. The key '' is the public entry, which may show anything but the kit. */
export const layerTable: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  bytes: [],
  time: [],
  contracts: foundation,
  envelope: contracts,
  access: contracts,
  audit: contracts,
  keys: [...contracts, 'envelope'],
  vault: [...contracts, ...mechanisms],
  operator: [...contracts, ...mechanisms, 'vault'],
  transfer: [...contracts, 'keys'],
  backup: [...contracts, 'envelope', 'keys', 'audit', 'transfer'],
  providers: [...contracts, ...mechanisms],
  stores: [...contracts, ...mechanisms],
  adapter: [...contracts, 'envelope'],
  import: [...contracts, 'vault', 'providers'],
  presets: [],
  testing: [...contracts, ...mechanisms, 'providers', 'stores'],
  drill: [...contracts, 'vault', 'operator', 'providers'],
  '': [...contracts, ...mechanisms, 'vault', 'operator', 'transfer', 'drill', 'providers', 'stores'],
}

/** The files of these folders work as one, so the folders have no index.ts to go through. */
export const foldersWithoutIndex: readonly string[] = ['vault', 'operator', 'transfer', 'drill']

/** Packages that core bundles; it has no dependency at run time. */
export const bundledInCore: readonly string[] = ['lru-cache']
