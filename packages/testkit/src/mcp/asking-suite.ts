// What a server that asks its users for missing secrets promises to the clients of both lines.
import { expect, it } from 'vitest'
import { writingIn } from '../canary.ts'
import { type ClientKind, connectClient } from './clients.ts'
import type { Target } from './transports.ts'

export interface AskingServer {
  /** A tool that uses a secret of its caller. */
  readonly tool: string
  /** A user who has stored it, and what the tool answers. */
  readonly owner: { readonly target: Target; readonly answer: string }
  /** A user who has not. */
  readonly newcomer: { readonly target: Target; readonly answer: string }
  /** Types the secret of the newcomer into the page of this link, as the newcomer; gives the status. */
  typeIn(link: string): Promise<number>
  /** What no client may get. */
  readonly secrets: readonly string[]
}

export const clientKinds: readonly ClientKind[] = ['1.x', '2.x', '2.x of 2026']

/** Each test opens a server of its own, which asks within the call. */
export function askingSuite(open: () => Promise<AskingServer>): void {
  it.each(clientKinds)(
    'a client of %s gets what its user may use, and a user without a secret is asked',
    async (kind) => {
      const { tool, owner, newcomer, typeIn, secrets } = await open()
      const known = await connectClient({ kind, target: owner.target })
      expect(await known.call(tool)).toMatchObject({ isError: false, text: owner.answer })

      // A client that opens no links prints one.
      const printing = await connectClient({ kind, target: newcomer.target })
      const refused = await printing.call(tool)
      expect(refused).toMatchObject({ isError: true, meta: { 'mcpvault/code': 'MCP_SECRET_MISSING' } })
      expect(refused.text).toMatch(/http:\/\/\S+\/connect\/[\w-]+/)

      const statuses: number[] = []
      const opening = await connectClient({
        kind,
        target: newcomer.target,
        capabilities: { elicitation: { url: {} } },
        async answer({ url }) {
          statuses.push(await typeIn(String(url)))
          return 'accept'
        },
      })
      const answer = { isError: false, text: newcomer.answer }
      expect(await opening.call(tool)).toMatchObject(answer)
      expect(statuses).toEqual([200])
      expect(await printing.call(tool)).toMatchObject(answer)

      const said = [known, printing, opening].flatMap((client) => client.said).join('\n')
      expect(said).toContain(newcomer.answer.split('\n')[0])
      for (const secret of secrets) expect(writingIn(said, Buffer.from(secret))).toBeUndefined()
    },
  )
}
