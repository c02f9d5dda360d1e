// The layer table of core: which folders the files of a folder may import from, besides their own.

const foundation = ['errors', 'bytes', 'clock'] as const
const contracts = [...foundation, 'contracts'] as const
const mechanisms = ['envelope', 'keys', 'access', 'audit'] as const

/** A folder that is not listed here may not exist. The key '' is the public entry, which may show anything but the kit. */
export const layerTable: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  bytes: [],
  clock: [],
  contracts: foundation,
  envelope: contracts,
  access: contracts,
  audit: contracts,
  keys: [...contracts, 'envelope'],
  vault: [...contracts, ...mechanisms, 'lifecycle'],
  lifecycle: [...contracts, ...mechanisms, 'vault'],
  providers: [...contracts, ...mechanisms],
  stores: [...contracts, ...mechanisms],
  testing: [...contracts, ...mechanisms, 'providers', 'stores'],
  '': [...contracts, ...mechanisms, 'lifecycle', 'vault', 'providers', 'stores'],
}

/** Folders of the third layer: they work as one, so they have no index.ts to go through. */
export const foldersWithoutIndex: readonly string[] = ['vault', 'lifecycle']

/** Packages that core bundles; it has no dependency at run time. */
export const bundledInCore: readonly string[] = ['lru-cache']
