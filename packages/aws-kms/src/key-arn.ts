// The ARNs of keys and aliases: what they name, and which of them are one key.

/** A parsed ARN of KMS. */
export interface KmsArn {
  readonly arn: string
  readonly partition: string
  readonly region: string
  /** 12 digits. */
  readonly account: string
  readonly kind: 'key' | 'alias'
  /** The key id, or the alias without `alias/`. */
  readonly name: string
}

const arnPattern = /^arn:([a-z0-9-]{1,32}):kms:([a-z0-9-]{1,32}):([0-9]{12}):(key|alias)\/([A-Za-z0-9/_-]{1,256})$/

/** The parts of an ARN; undefined for anything else. */
export function parseKmsArn(text: unknown): KmsArn | undefined {
  const match = typeof text === 'string' ? arnPattern.exec(text) : null
  if (match === null) return undefined
  const [arn, partition = '', region = '', account = '', kind, name = ''] = match
  return { arn, partition, region, account, kind: kind === 'alias' ? 'alias' : 'key', name }
}

/** Whether a key is one of several in different regions that have the same key material. */
export function isMultiRegion({ kind, name }: KmsArn): boolean {
  return kind === 'key' && name.startsWith('mrk-')
}

/** The ARN by which a key is known in a region: another one only for a multi-Region key. */
export function inRegion(key: KmsArn, region: string): string {
  if (!isMultiRegion(key)) return key.arn
  return `arn:${key.partition}:kms:${region}:${key.account}:key/${key.name}`
}

/** Whether two ARNs name one key: the same ARN, or one multi-Region key in two regions. */
export function isSameKey(a: KmsArn, b: KmsArn): boolean {
  return inRegion(a, '') === inRegion(b, '')
}

/** Whether two ARNs are of one account, in one partition. */
export function isSameAccount(a: KmsArn, b: KmsArn): boolean {
  return a.partition === b.partition && a.account === b.account
}
