// Answers of other servers, read up to a limit: nobody knows how much they send.

const maxBytes = 262_144

/** The same answer. To read more than 256 KiB of it fails, and ends the connection. */
export function bounded(response: Response): Response {
  const { body, status, statusText, headers } = response
  if (body === null) return response
  let size = 0
  const limit = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      size += chunk.length
      if (size > maxBytes) controller.error(new Error('The answer is too large.'))
      else controller.enqueue(chunk)
    },
  })
  return new Response(body.pipeThrough(limit), { status, statusText, headers })
}
