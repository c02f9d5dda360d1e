// Values of every shape through every way out of a tool: none of them comes out, in any encoding.
import { writingIn } from '@mcpvault/testkit/canary'
import { fc } from '@mcpvault/testkit/property'
import { expect, it } from 'vitest'
import { type ToolExtra, withSecrets } from '../../src/index.ts'
import { userVault } from '../support/test-vault.ts'

const runs = process.env['MCPVAULT_LONG'] === '1' ? 2_000 : 40

const texts = fc
  .oneof(
    fc.constant(''),
    fc.string({ maxLength: 20 }),
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.constantFrom('"\\', '\n', '%+ ', '<&>', '{"a":', 'é漢😀'),
  )
  .filter((text) => text.isWellFormed() && !text.includes('\0'))
/** Keeps a value apart from what stands around it: a shrunk or special number would not. */
const apart = fc.noShrink(fc.noBias(fc.uint8Array({ minLength: 9, maxLength: 9 })))
/** Tokens, and texts that JSON, URLs and HTML escape. */
const values = fc.tuple(texts, apart).map(([text, bytes]) => `k${text}${Buffer.from(bytes).toString('base64url')}k`)

const encodings: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => JSON.stringify({ text }),
  (text) => encodeURIComponent(text),
  (text) => new URLSearchParams({ text }).toString(),
  (text) => Buffer.from(`user:${text}`).toString('base64'),
  (text) => Buffer.from(text).toString('base64url'),
  (text) => Buffer.from(text).toString('hex'),
]

it('[N16] a canary campaign over results, errors, notifications and progress finds nothing', async () => {
  const { vault } = await userVault()
  const scope = vault.as({ id: 'alice' }).scope({ server: 'canary' })
  const sent: unknown[] = []
  const extra: ToolExtra = { sendNotification: async (notification: unknown) => void sent.push(notification) }
  const tool = withSecrets(
    vault,
    { principal: { id: 'alice' }, secrets: { value: 'canary' } },
    async ({ way, encoding }: { way: number; encoding: number }, call) => {
      const text = `before ${encodings[encoding]?.(call.secrets.value.reveal())} after`
      const notify = (method: string) =>
        call.extra.sendNotification?.({ method, params: { message: text, data: [text] } } as never)
      await notify('notifications/progress')
      await notify('notifications/message')
      if (way === 0) throw new Error(text, { cause: { text } })
      if (way === 1) return { content: [{ type: 'text', text }], _meta: { [text]: text } }
      return {
        structuredContent: { deep: [{ text }] },
        content: [{ type: 'resource', resource: { blob: Buffer.from(text).toString('base64') } }],
      }
    },
  )
  const ways = fc.record({ way: fc.nat({ max: 2 }), encoding: fc.nat({ max: encodings.length - 1 }) })
  await fc.assert(
    fc.asyncProperty(values, ways, async (value, args) => {
      await scope.set('value', value)
      sent.length = 0
      const result = await tool(args, extra).catch((error: Error) => [error.message, error.stack, error.cause])
      const out = JSON.stringify([result, sent])
      expect(out).toContain('[secret:canary/value]')
      const core = Buffer.from(value).subarray(-13)
      expect(writingIn(out, core)).toBeUndefined()
    }),
    { numRuns: runs },
  )
})
