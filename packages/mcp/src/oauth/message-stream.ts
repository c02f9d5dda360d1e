// The first message of an answer that is JSON or a stream of events, as MCP servers choose.

const maxBytes = 262_144

/** The first JSON value; undefined when there is none within 256 KiB. The rest of the answer is not read. */
export async function firstMessage(response: Response): Promise<unknown> {
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    if (text.length > maxBytes) return undefined
    const message = isStream ? firstEvent(text) : undefined
    // Leaving the loop ends the stream.
    if (message !== undefined) return message
  }
  return isStream ? undefined : JSON.parse(text)
}

/** The data of the first whole event that has any. */
function firstEvent(text: string): unknown {
  const events = text.replaceAll('\r\n', '\n').split('\n\n').slice(0, -1)
  for (const event of events) {
    const data = event.split('\n').filter((line) => line.startsWith('data:'))
    const joined = data.map((line) => line.slice(5).trimStart()).join('\n')
    if (joined !== '') return JSON.parse(joined)
  }
  return undefined
}
