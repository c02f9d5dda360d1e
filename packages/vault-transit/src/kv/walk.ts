// Goes through the folders of the engine, depth first and within bounds, and gives each secret.
import { VaultError } from '@mcpvault/core'
import { invalidOption } from '../server-options.ts'
import { isDenied, type KvEngine } from './engine.ts'
import { isPathPart, maxDepth } from './path.ts'
import { type KvSecret, type Place, refusedSecret, secretOf } from './secret.ts'

const maxKeys = 100_000

/** The secrets below a folder; or the one of that path, when it is no folder. Throws when it is neither. */
export async function* walk(engine: KvEngine, root: readonly string[]): AsyncGenerator<KvSecret> {
  let count = 0
  let refused: VaultError | undefined

  const placeOf = (path: readonly string[]): Place => ({
    name: path.slice(root.length).join('/'),
    path: path.join('/'),
  })

  async function* secretsOf(folder: readonly string[]): AsyncGenerator<KvSecret> {
    for (let after: string | undefined; ; ) {
      const keys = await engine.list(folder, after)
      if (isDenied(keys)) {
        if (folder === root) refused = keys.denied
        else yield refusedSecret(placeOf([...folder, '']), denied)
        return
      }
      // A server that knows no pages begins again.
      if (after !== undefined && keys.includes(after)) return
      count += keys.length
      if (count > maxKeys) throw tooMany()
      for (const key of keys) yield* secretsAt(folder, key)
      after = keys.at(-1)
      if (keys.length !== engine.pageLength) return
    }
  }

  async function* secretsAt(folder: readonly string[], key: string): AsyncGenerator<KvSecret> {
    const isFolder = key.endsWith('/')
    const part = isFolder ? key.slice(0, -1) : key
    const path = [...folder, part]
    if (!isPathPart(part)) yield refusedSecret(placeOf([...folder, key]), unusual)
    else if (!isFolder) yield* secretAt(path, placeOf(path))
    else if (path.length < maxDepth) yield* secretsOf(path)
    else yield refusedSecret(placeOf([...folder, key]), tooDeep)
  }

  async function* secretAt(path: readonly string[], place: Place): AsyncGenerator<KvSecret> {
    const found = await engine.read(path)
    // What is deleted by now is no secret any more.
    if (found === undefined) return
    yield isDenied(found) ? refusedSecret(place, denied) : secretOf(place, found)
  }

  yield* secretsOf(root)
  if (count > 0) return
  const alone = root.length === 0 ? undefined : await engine.read(root)
  if (alone !== undefined && !isDenied(alone)) yield secretOf({ name: root.at(-1) ?? '', path: root.join('/') }, alone)
  else throw refused ?? (alone === undefined ? nothingAt(root) : alone.denied)
}

const unusual = {
  code: 'VAULT_REF_INVALID',
  detail: 'must have no empty part, "." or ".." in its path, and be well-formed text.',
} as const
const tooDeep = { code: 'VAULT_NOT_SUPPORTED', detail: 'The folder is more than 32 levels deep.' } as const
const denied = { code: 'VAULT_KEY_DENIED', detail: 'The token may not read it.' } as const

function nothingAt(root: readonly string[]): VaultError {
  const detail = 'must lead to secrets in a KV version 2 engine: the server shows none there.'
  return invalidOption(root.length === 0 ? 'mount' : 'path', detail)
}

function tooMany(): VaultError {
  const detail = 'must lead to at most 100,000 secrets and folders. Import them in parts.'
  return new VaultError('VAULT_NOT_SUPPORTED', { field: 'path', detail })
}
