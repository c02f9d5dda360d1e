// Where things stand: the repository's root and the folder for what the bench makes.
import { join } from 'node:path'

export const root = join(import.meta.dirname, '..', '..')

/** Git ignores it. */
export const benchCache = join(root, '.cache', 'bench')
