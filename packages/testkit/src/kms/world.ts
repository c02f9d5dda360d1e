// What one request sees of the endpoint: keys by any of their names, and whether its caller may use them.
import { kmsFailure } from './failure.ts'
import type { Context, KmsKey } from './keys.ts'
import { askPolicy, type PolicyAnswer, type PolicyDocument } from './policy.ts'

/** The account of every key and caller of an endpoint. */
export const kmsAccount = '111122223333'
export const accountRoot = `arn:aws:iam::${kmsAccount}:root`

export interface KmsPrincipal {
  readonly arn: string
  readonly policy: PolicyDocument
}

export interface KmsGrant {
  readonly token: string
  readonly principal: string
  readonly keyArn: string
  readonly operations: readonly string[]
}

/** Never changed in place, so that a request can be shown what was before. */
export interface KmsState {
  /** By the name in their ARN. */
  readonly keys: ReadonlyMap<string, KmsKey>
  /** From alias names, without `alias/`, to key names. */
  readonly aliases: ReadonlyMap<string, string>
  readonly grants: readonly KmsGrant[]
}

export interface World {
  /** Throws `NotFoundException`. */
  find(keyId: string): KmsKey
  /** Throws `AccessDeniedException`, and then what the state of the key forbids. */
  use(use: KeyUse): KmsKey
}

export interface KeyUse {
  /** As the request names it. */
  readonly keyId: string
  readonly action: string
  readonly context?: Context | undefined
  readonly grantTokens?: readonly string[] | undefined
}

export function worldOf({
  region,
  state,
  grants,
  caller,
}: {
  readonly region: string
  readonly state: KmsState
  /** Those that are known everywhere, and those that are named by their token. */
  readonly grants: readonly KmsGrant[]
  readonly caller: KmsPrincipal
}): World {
  const prefix = `arn:aws:kms:${region}:${kmsAccount}:`

  function find(keyId: string): KmsKey {
    const local = keyId.startsWith(prefix) ? keyId.slice(prefix.length) : keyId
    const name = local.startsWith('alias/') ? state.aliases.get(local.slice(6)) : local.replace(/^key\//, '')
    const key = name === undefined ? undefined : state.keys.get(name)
    if (key === undefined) throw kmsFailure('NotFoundException', `Key '${keyId}' does not exist`)
    return key
  }

  function mayUse(key: KmsKey, { keyId, action, context = {}, grantTokens = [] }: KeyUse): boolean {
    const alias = /(?:^|:)(alias\/.+)$/.exec(keyId)?.[1]
    const facts = {
      ...Object.fromEntries(Object.entries(context).map(([name, value]) => [`kms:EncryptionContext:${name}`, [value]])),
      'kms:EncryptionContextKeys': Object.keys(context),
      'kms:CallerAccount': [kmsAccount],
      ...(alias === undefined ? {} : { 'kms:RequestAlias': [alias] }),
    }
    const ask = (policy: PolicyDocument, principal: string): PolicyAnswer =>
      askPolicy(policy, { principal, action: `kms:${action}`, resource: key.arn, facts })
    const own = ask(caller.policy, caller.arn)
    const ofKey = ask(key.policy, caller.arn)
    if (own === 'deny' || ofKey === 'deny') return false
    const isGranted = [...state.grants, ...grants.filter(({ token }) => grantTokens.includes(token))].some(
      (grant) => grant.principal === caller.arn && grant.keyArn === key.arn && grant.operations.includes(action),
    )
    // A key policy that allows the account leaves it to the policies of the account.
    return isGranted || ofKey === 'allow' || (own === 'allow' && ask(key.policy, accountRoot) === 'allow')
  }

  return {
    find,
    use(use) {
      const key = find(use.keyId)
      if (!mayUse(key, use))
        throw kmsFailure('AccessDeniedException', `${caller.arn} is not authorized to perform: kms:${use.action}`)
      if (use.action === 'DescribeKey' || key.state === 'Enabled') return key
      if (key.state === 'Disabled') throw kmsFailure('DisabledException', `${key.arn} is disabled.`)
      throw kmsFailure('KMSInvalidStateException', `${key.arn} is pending deletion.`)
    },
  }
}
