// Tools that use a secret well, and some that leak it in every way that a result, an error or a notification has.
import { createHash } from 'node:crypto'
import type { Vault } from '@mcpvault/core'
import { type PrincipalSource, type ToolExtra, withSecrets } from '../../src/index.ts'

/** What tells a token without showing it. */
export function fingerprint(token: string): string {
  return createHash('sha256').update(token).digest('hex').slice(0, 16)
}

export interface ToolOptions {
  /** Default: the user of the verified access token. */
  readonly principal?: PrincipalSource
}

export function toolHandlers(vault: Vault, options: ToolOptions = {}) {
  const secrets = { token: 'issues' } as const
  const text = (value: string) => ({ content: [{ type: 'text' as const, text: value }] })
  return {
    whoami: withSecrets(vault, { ...options, secrets }, async (_args: object, { secrets: { token }, principal }) => {
      await new Promise((resolve) => setImmediate(resolve))
      return text(`${principal.id} ${fingerprint(token.reveal())}`)
    }),
    leak: withSecrets(vault, { ...options, secrets }, (_args: object, { secrets: { token } }) => {
      const value = token.reveal()
      const data = Buffer.from(`key ${value} end`).toString('base64')
      return {
        content: [
          { type: 'text' as const, text: `Authorization: Basic ${Buffer.from(`me:${value}`).toString('base64')}` },
          {
            type: 'text' as const,
            text: JSON.stringify({ url: `https://x.example/?k=${encodeURIComponent(value)}`, value }),
          },
          { type: 'resource' as const, resource: { uri: 'a:b', blob: data } },
          { type: 'image' as const, data, mimeType: 'image/png' },
        ],
        structuredContent: { deep: [value, { hex: Buffer.from(value).toString('hex') }] },
        _meta: { 'example/value': value },
      }
    }),
    fail: withSecrets(vault, { ...options, secrets }, (_args: object, { secrets: { token } }) => {
      throw new Error(`The API refused the key ${token.reveal()}.`, { cause: token.reveal() })
    }),
    notify: withSecrets(vault, { ...options, secrets }, async (_args: object, { secrets: { token }, extra }) => {
      const value = token.reveal()
      const { progressToken } = progressOf(extra)
      const message = `using ${value}`
      await notify(extra, { method: 'notifications/message', params: { level: 'info', data: { value, message } } })
      if (progressToken !== undefined) {
        await notify(extra, { method: 'notifications/progress', params: { progressToken, progress: 1, message } })
      }
      return text('done')
    }),
    missing: withSecrets(vault, { ...options, secrets: { key: 'search', other: 'mail' } }, () => text('never')),
  }
}

type Send = (notification: unknown) => Promise<void>

/** By whichever line of the SDK the call came. */
function notify(extra: ToolExtra, notification: unknown): Promise<void> {
  // Typed so that no notification fits both lines; the ones here do.
  const send = (extra.mcpReq?.notify ?? extra.sendNotification) as Send | undefined
  return send?.(notification) ?? Promise.reject(new Error('no way to notify'))
}

function progressOf(extra: ToolExtra): { readonly progressToken?: string | number } {
  const meta: unknown = Reflect.get(extra.mcpReq ?? extra, '_meta')
  return typeof meta === 'object' && meta !== null ? meta : {}
}
