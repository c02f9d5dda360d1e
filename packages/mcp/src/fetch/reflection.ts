// A response without the secret that was sent for it: services repeat headers in errors and in pages for debugging.
import { Duplex } from 'node:stream'
import type { Redactor } from '../redact/index.ts'

/** The same response, with its headers and its body searched for live values as they come. */
export function withoutReflection(response: Response, redactor: Redactor): Response {
  const headers = new Headers()
  for (const [name, value] of response.headers) headers.append(name, redactor.redact(value))
  // The body may become longer or shorter.
  headers.delete('content-length')
  const body = response.body?.pipeThrough(redacting(redactor)) ?? null
  const statusText = redactor.redact(response.statusText)
  const clean = new Response(body, { status: response.status, statusText, headers })
  const { url, redirected } = response
  return Object.defineProperties(clean, { url: { value: url }, redirected: { value: redirected } })
}

function redacting(redactor: Redactor): { readable: ReadableStream<Uint8Array>; writable: WritableStream<Uint8Array> } {
  const { readable, writable } = Duplex.toWeb(redactor.stream())
  // Node types what the stream carries as anything; it is written and read as bytes.
  return { readable: readable as ReadableStream<Uint8Array>, writable: writable as WritableStream<Uint8Array> }
}
