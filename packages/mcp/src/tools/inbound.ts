// Looks through the arguments of a call, which a model wrote, for values that no model should have.
import type { Redactor } from '../redact/index.ts'
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
  const text = JSON.stringify(args) ?? ''
  const canaries = await Promise.all(
    canariesOf.map(async (server) => {
      const names = await call.session.scope({ server }).findCanaries(text, { signal: call.signal })
      return names.map((name) => `${server}/${name}`)
    }),
  )
  const found = [...new Set([...canaries.flat(), ...live])]
  if (found.length > 0) await onFound?.(found, call)
}
