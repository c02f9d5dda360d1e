// Reads the body of a request: JSON alone, within a size and a time, and with no name that a prototype could take.
import { httpError, invalidField } from '../http-error.ts'
import type { HandlerLimits } from '../options.ts'

type BodyLimits = Pick<Required<HandlerLimits>, 'bodyBytes' | 'bodyMs'>

/** The text of the body: `{}` for an empty one, and nothing for a DELETE without one. */
export async function readJsonText(request: Request, limits: BodyLimits): Promise<string> {
  const { headers, method } = request
  const type = headers.get('content-type')
  // A browser sends a DELETE of another site only after it has asked; any other write has a form that it does not ask for.
  if (!(type === null && method === 'DELETE') && !isJson(type)) throw wrongType('The body must be application/json.')
  if (headers.has('content-encoding')) throw wrongType('The body must not be compressed.')
  if (Number(headers.get('content-length') ?? 0) > limits.bodyBytes) throw tooLarge()
  const text = decode(await readBytes(request.body, limits))
  if (type === null && text !== '') throw wrongType('The body must be application/json.')
  if (text === '') return type === null ? '' : '{}'
  if (/__proto__|\\u/i.test(text)) refusePrototype(text)
  return text
}

/** No wider than Hono's own rule, which would leave such a body unread; and JSON has one charset. */
function isJson(type: string | null): boolean {
  const [, parameters] = /^application\/json((?:;\s*[\w-]+=[^;,]+)*)$/i.exec(type ?? '') ?? []
  return parameters !== undefined && !/;\s*charset=(?!"?utf-8"?\s*(;|$))/i.test(parameters)
}

async function readBytes(
  body: ReadableStream<Uint8Array> | null,
  { bodyBytes, bodyMs }: BodyLimits,
): Promise<Uint8Array> {
  if (body === null) return new Uint8Array()
  const reader = body.getReader()
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(tooSlow()), bodyMs)
  })
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for (;;) {
      const { done, value } = await Promise.race([reader.read(), late])
      if (done) return Buffer.concat(chunks)
      size += value.length
      if (size > bodyBytes) throw tooLarge()
      chunks.push(value)
    }
  } catch (error) {
    // Not awaited: what keeps the body from ending may keep this from ending too.
    reader.cancel().catch(() => undefined)
    throw error
  } finally {
    clearTimeout(timer)
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw invalidField(undefined, 'must be UTF-8.')
  }
}

/** A name such as `__proto__` is dropped by some of what comes after, so that not all would see the same body. */
function refusePrototype(text: string): void {
  try {
    JSON.parse(text, (name, value: unknown) => {
      if (name === '__proto__') throw invalidField(undefined, 'must have no field that is named __proto__.')
      return value
    })
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) throw invalidField(undefined, 'must be JSON.')
    throw error
  }
}

function wrongType(message: string): Error {
  return httpError({ status: 415, code: 'HTTP_UNSUPPORTED_TYPE', message })
}

function tooLarge(): Error {
  return httpError({ status: 413, code: 'HTTP_TOO_LARGE', message: 'The body is larger than limits.bodyBytes.' })
}

function tooSlow(): Error {
  return httpError({ status: 408, code: 'HTTP_TIMEOUT', message: 'The body did not arrive within limits.bodyMs.' })
}
