// The first message of an answer that is JSON or a stream of events, as MCP servers choose.
import { bounded } from './bounded.ts'

/** The first JSON value. The rest of the answer is not read. Rejects when there is none within 256 KiB. */
export async function firstMessage(response: Response): Promise<unknown> {
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true
  const answer = bounded(response)
  if (!isStream) return answer.json()
  const decoder = new TextDecoder()
  const firstEvent = eventReader()
  for await (const chunk of answer.body ?? []) {
    const message = firstEvent(decoder.decode(chunk, { stream: true }))
    // Leaving the loop ends the stream.
    if (message !== undefined) return message
  }
  return undefined
}

/**
 * Takes a stream of events piece by piece, and gives the data of the first whole event that has any. It looks at each
 * character once, however small a server makes the pieces.
 */
function eventReader(): (piece: string) => unknown {
  let line = ''
  let data: string[] = []
  return (piece) => {
    const [rest = '', ...starts] = piece.split('\n')
    line += rest
    for (const start of starts) {
      const whole = line.endsWith('\r') ? line.slice(0, -1) : line
      line = start
      if (whole.startsWith('data:')) data.push(whole.slice(5).trimStart())
      if (whole !== '') continue
      const joined = data.join('\n')
      data = []
      if (joined !== '') return JSON.parse(joined)
    }
    return undefined
  }
}
