// Looks through the arguments of a call, which a model wrote, for values that no model should have.
import type { Redactor } from '../redact/index.ts'
import { eachText } from '../redact/scan.ts'
import type { Inbound, MissingCall } from './call.ts'

/**
 * Reports what it finds by label, `server/name`. A canary among them has raised the alarm of the vault by then. Throws what
 * `onFound` throws, which refuses the call.
 */
export async function lookThroughArguments(
  { canariesOf = [], onFound }: Inbound,
  { args, call, redactor }: { readonly args: unknown; readonly call: MissingCall; readonly redactor: Redactor },
): Promise<void> {
  const live = redactor.scan(args)
  const texts = canariesOf.length === 0 ? [] : piecesOf(textOf(args))
  const searches = canariesOf.flatMap((server) => texts.map((text) => ({ server, text })))
  const canaries = await Promise.all(
    searches.map(async ({ server, text }) => {
      const names = await call.session.scope({ server }).findCanaries(text, { signal: call.signal })
      return names.map((name) => `${server}/${name}`)
    }),
  )
  const found = [...new Set([...canaries.flat(), ...live])]
  if (found.length > 0) await onFound?.(found, call)
}

/** All texts of the arguments, as they are and without the encodings in which a canary would be hidden. */
function textOf(args: unknown): string {
  const parts: string[] = []
  eachText(args, (text) => {
    const plain = withoutEscapes(withoutEscapes(text))
    parts.push(text, ...(plain === text ? [] : [plain]), ...decodedRuns(plain))
  })
  return parts.join('\n')
}

/** Without the escapes of URLs and of slashes in JSON. A canary has no character that others stand for. */
function withoutEscapes(text: string): string {
  return text
    .replace(/%([0-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replaceAll('\\/', '/')
}

/** What runs of letters say as base64, which may begin at any of four letters, and as hex. */
function decodedRuns(text: string): readonly string[] {
  return (text.match(/[A-Za-z0-9+/_-]{24,}/g) ?? []).flatMap((run) => [
    ...[0, 1, 2, 3].map((from) => Buffer.from(run.slice(from), 'base64').toString('latin1')),
    ...(run.match(/[0-9a-fA-F]{32,}/g) ?? []).map((hex) => Buffer.from(hex, 'hex').toString('latin1')),
  ])
}

/** What a vault looks through at once, with room, and more than the longest canary has. */
const pieceLength = 4_000_000
const overlap = 2_000

function piecesOf(text: string): readonly string[] {
  const count = Math.max(1, Math.ceil((text.length - overlap) / (pieceLength - overlap)))
  return Array.from({ length: count }, (_, at) => {
    const start = at * (pieceLength - overlap)
    return text.slice(start, start + pieceLength)
  })
}
