// The keys, aliases and grants of an endpoint, and what a test may do to them.
import { randomBytes } from 'node:crypto'
import { type KeyState, type KmsKey, newKeyName } from './keys.ts'
import type { PolicyDocument } from './policy.ts'
import { accountRoot, type KmsGrant, type KmsState, kmsAccount } from './world.ts'

/** What a test may do to the keys of an endpoint. */
export interface KmsKeyControls {
  /** A new key. Its policy leaves everything to the account unless another is given. Returns its ARN. */
  createKey(options?: { readonly kind?: 'single' | 'multi-Region'; readonly policy?: PolicyDocument }): string
  /** Makes a replica of a multi-Region key in another endpoint. Returns its ARN there. */
  replicate(keyArn: string, to: Pick<KmsKeyControls, 'adopt'>): string
  /** Adds a key that exists elsewhere; `replicate` calls it. */
  adopt(key: Pick<KmsKey, 'name' | 'material' | 'policy'>): string
  /** New material for new wraps; the old still opens. */
  rotate(keyArn: string): void
  setState(keyArn: string, state: KeyState): void
  /** Points an alias to a key. Returns the ARN of the alias. */
  setAlias(alias: string, keyArn: string): string
  /** A grant that is known only to those who name its token, until `settleGrants`. Returns the token. */
  grant(grant: Omit<KmsGrant, 'token'>): string
  settleGrants(): void
  /** The next requests do not see changes made from now on: what is new everywhere is not new here yet. */
  lag(requests: number): void
}

export interface KmsRegistry {
  readonly controls: KmsKeyControls
  /** What the next request sees. */
  seen(): { readonly state: KmsState; readonly grants: readonly KmsGrant[] }
}

/** A key policy that leaves everything to the policies of the account. */
const accountPolicy: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: accountRoot }, Action: 'kms:*', Resource: '*' }],
}

export function createRegistry(region: string): KmsRegistry {
  const prefix = `arn:aws:kms:${region}:${kmsAccount}:`
  let state: KmsState = { keys: new Map(), aliases: new Map(), grants: [] }
  let newGrants: readonly KmsGrant[] = []
  let lagging: { readonly state: KmsState; left: number } | undefined

  const setKey = (key: KmsKey): void => {
    state = { ...state, keys: new Map([...state.keys, [key.name, key]]) }
  }

  const keyOf = (arn: string): KmsKey => {
    const key = state.keys.get(arn.slice(arn.lastIndexOf('/') + 1))
    if (key === undefined) throw new Error('the endpoint has no such key')
    return key
  }

  const adopt: KmsKeyControls['adopt'] = ({ name, material, policy }) => {
    const arn = `${prefix}key/${name}`
    setKey({ arn, name, material, policy, state: 'Enabled' })
    return arn
  }

  const controls: KmsKeyControls = {
    adopt,
    createKey: ({ kind = 'single', policy = accountPolicy } = {}) =>
      adopt({ name: newKeyName(kind), material: [randomBytes(32)], policy }),
    replicate: (keyArn, to) => to.adopt(keyOf(keyArn)),
    rotate: (keyArn) => void keyOf(keyArn).material.push(randomBytes(32)),
    setState: (keyArn, next) => setKey({ ...keyOf(keyArn), state: next }),
    setAlias(alias, keyArn) {
      state = { ...state, aliases: new Map([...state.aliases, [alias, keyOf(keyArn).name]]) }
      return `${prefix}alias/${alias}`
    },
    grant(grant) {
      const token = randomBytes(24).toString('base64url')
      newGrants = [...newGrants, { ...grant, token }]
      return token
    },
    settleGrants() {
      state = { ...state, grants: [...state.grants, ...newGrants] }
      newGrants = []
    },
    lag(requests) {
      lagging = { state, left: requests }
    },
  }

  return {
    controls,
    seen() {
      if (lagging === undefined || lagging.left <= 0) return { state, grants: newGrants }
      lagging.left -= 1
      return { state: lagging.state, grants: newGrants }
    },
  }
}
