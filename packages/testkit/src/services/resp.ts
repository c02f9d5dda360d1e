// The least client of Redis: one command over one connection, so that the kit needs no driver.
import { connect } from 'node:net'

export interface RespTarget {
  readonly host: string
  readonly port: number
}

type Reply = string | number | null | readonly Reply[]

const limitMs = 5_000

/** Sends one command and gives its reply; text replies as text. Throws the server's error. */
export function redisCall(target: RespTarget, args: readonly string[]): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const socket = connect(target)
    let received = Buffer.alloc(0)
    const end = (): void => void socket.destroy()
    const limit = setTimeout(() => fail(new Error('Redis did not answer in time.')), limitMs)
    function fail(error: Error): void {
      clearTimeout(limit)
      end()
      reject(error)
    }
    socket.once('error', fail)
    socket.once('close', () => fail(new Error('Redis closed the connection.')))
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk])
      const parsed = parse(received, 0)
      if (parsed === undefined) return
      clearTimeout(limit)
      end()
      if (parsed.error === undefined) resolve(parsed.reply)
      else reject(new Error(parsed.error))
    })
    socket.write(encode(args))
  })
}

function encode(args: readonly string[]): string {
  return `*${args.length}\r\n${args.map((arg) => `$${Buffer.byteLength(arg)}\r\n${arg}\r\n`).join('')}`
}

interface Parsed {
  readonly reply: Reply
  readonly error?: string
  readonly next: number
}

/** The reply that begins at `from`; undefined while it is not whole. */
function parse(bytes: Buffer, from: number): Parsed | undefined {
  const lineEnd = bytes.indexOf('\r\n', from)
  if (lineEnd < 0) return undefined
  const text = bytes.toString('utf8', from + 1, lineEnd)
  const next = lineEnd + 2
  switch (bytes.toString('latin1', from, from + 1)) {
    case '+':
      return { reply: text, next }
    case '-':
      return { reply: null, error: text, next }
    case ':':
      return { reply: Number(text), next }
    case '$':
      return parseBulk(bytes, next, Number(text))
    default:
      return parseArray(bytes, next, Number(text))
  }
}

function parseBulk(bytes: Buffer, from: number, length: number): Parsed | undefined {
  if (length < 0) return { reply: null, next: from }
  const end = from + length
  return bytes.length < end + 2 ? undefined : { reply: bytes.toString('utf8', from, end), next: end + 2 }
}

function parseArray(bytes: Buffer, from: number, count: number): Parsed | undefined {
  const items: Reply[] = []
  let next = from
  for (let index = 0; index < count; index += 1) {
    const item = parse(bytes, next)
    if (item === undefined) return undefined
    items.push(item.reply)
    next = item.next
  }
  return { reply: items, next }
}
