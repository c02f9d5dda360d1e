// The form as it was sent: from the page itself, in the one type that it sends, and no larger than values can be.

/** Eight values of 64 KiB in percent-encoding, and room for the rest. */
const maxBytes = 2_097_152

/**
 * Whether a browser says that another site's page sent this. A page without a referrer sends `Origin: null`, which counts
 * only together with what the browser says of the site.
 */
export function isForeign({ headers }: Request, ownOrigin: string): boolean {
  const site = headers.get('sec-fetch-site')
  const origin = headers.get('origin')
  if (site !== null && site !== 'same-origin') return true
  return origin !== null && origin !== ownOrigin && !(origin === 'null' && site === 'same-origin')
}

export async function readForm(request: Request): Promise<URLSearchParams | 'wrong type' | 'too large'> {
  const type = request.headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase()
  if (type !== 'application/x-www-form-urlencoded') return 'wrong type'
  const bytes = await readLimited(request)
  return bytes === undefined ? 'too large' : new URLSearchParams(bytes.toString('utf8'))
}

async function readLimited({ body, headers }: Request): Promise<Buffer | undefined> {
  if (Number(headers.get('content-length') ?? 0) > maxBytes) return undefined
  const chunks: Uint8Array[] = []
  let length = 0
  const reader = body?.getReader()
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined }
    if (done || value === undefined) return Buffer.concat(chunks)
    length += value.length
    // The rest stays where it is: who cancels a body cuts the connection that the answer goes over.
    if (length > maxBytes) return undefined
    chunks.push(value)
  }
}
