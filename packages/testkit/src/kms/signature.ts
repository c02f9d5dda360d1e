// Checks the signature of a request by Signature Version 4, as AWS describes it, so that only real clients are served.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { type KmsFailure, kmsFailure } from './failure.ts'

/** A request as it came in; header names are lower case. */
export interface SignedRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

export interface SignatureCheck {
  readonly region: string
  /** The time of the endpoint in milliseconds. */
  readonly nowMs: number
  secretOf(accessKeyId: string): string | undefined
}

const authorizationPattern =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/([0-9]{8})\/([^/]+)\/kms\/aws4_request, SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$/
const maxSkewMs = 5 * 60_000
/** What a signature must cover. */
const required = ['host', 'x-amz-date', 'x-amz-target']

/** The access key id that signed a request, or why the request is refused. */
export function signerOf(request: SignedRequest, check: SignatureCheck): string | KmsFailure {
  const [, accessKeyId = '', date = '', region = '', signedHeaders = '', signature = ''] =
    authorizationPattern.exec(request.headers['authorization'] ?? '') ?? []
  if (signature === '') return kmsFailure('MissingAuthenticationTokenException')
  const secret = check.secretOf(accessKeyId)
  if (secret === undefined) return kmsFailure('UnrecognizedClientException')
  const time = request.headers['x-amz-date'] ?? ''
  if (Math.abs(timeMs(time) - check.nowMs) > maxSkewMs) {
    return kmsFailure('InvalidSignatureException', 'Signature not yet current, or expired.')
  }
  const names = signedHeaders.split(';')
  if (!required.every((name) => names.includes(name)) || region !== check.region || !time.startsWith(date)) {
    return kmsFailure('InvalidSignatureException', 'The signature does not cover what it must.')
  }
  const scope = `${date}/${region}/kms/aws4_request`
  const text = ['AWS4-HMAC-SHA256', time, scope, sha256(canonicalRequest(request, names))].join('\n')
  const expected = hmac(signingKey(secret, date, region), text)
  const given = Buffer.from(signature, 'hex')
  return timingSafeEqual(expected, given) ? accessKeyId : kmsFailure('InvalidSignatureException', 'Wrong signature.')
}

function canonicalRequest({ method, path, headers, body }: SignedRequest, names: readonly string[]): string {
  const lines = names.map((name) => `${name}:${(headers[name] ?? '').trim().replace(/ +/g, ' ')}\n`)
  return [method, path, '', lines.join(''), names.join(';'), sha256(body)].join('\n')
}

function signingKey(secret: string, date: string, region: string): Buffer {
  return [date, region, 'kms', 'aws4_request'].reduce<Buffer>(hmac, Buffer.from(`AWS4${secret}`))
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex')
}

/** Of `20261125T120000Z`. */
function timeMs(text: string): number {
  return Date.parse(text.replace(/^(\d{4})(\d\d)(\d\dT\d\d)(\d\d)(\d\dZ)$/, '$1-$2-$3:$4:$5'))
}
