// A vault with the page that asks for secrets, driven by requests as a browser sends them, under a clock of the test.
import { createVault, generateKey, keyRing, memoryStore, type Vault, type VaultStore } from '@mcpvault/core'
import { type ManualClock, manualClock } from '@mcpvault/core/testing'
import { onTestFinished } from 'vitest'
import { type Elicitation, type ElicitSecretsOptions, elicitSecrets } from '../../src/elicit/index.ts'
import { withSecrets } from '../../src/index.ts'

export const baseUrl = 'https://app.example.com/connect'
export const canary = 'canary-5b1f0c7e93d2'

export interface ElicitWorld {
  readonly vault: Vault
  readonly clock: ManualClock
  readonly elicitation: Elicitation
  /** The link that a call of a tool of this user is refused with. */
  link(user?: string, names?: readonly string[]): Promise<string>
  /** A request of a browser in which this user is signed in; '' for nobody. */
  open(url: string, user?: string, init?: RequestInit): Promise<Answer>
  /** Sends the form of the page, with the fields that are given; what it has hidden is sent along. */
  send(url: string, fields: Readonly<Record<string, string>>, options?: SendOptions): Promise<Answer>
  /** What alice has stored for `issues`. */
  stored(name?: string): Promise<string | undefined>
  /** Another process on the same vault. */
  again(): Elicitation
}

export interface SendOptions {
  readonly user?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly csrf?: string
}

export interface Answer {
  readonly status: number
  readonly text: string
  readonly headers: Headers
}

export type WorldOptions = Partial<Omit<ElicitSecretsOptions, 'vault'>>

export function elicitWorld(options: WorldOptions = {}, store: VaultStore = memoryStore()): ElicitWorld {
  const clock = manualClock()
  const keys = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })
  const vault = createVault({ keys, store, clock })
  onTestFinished(() => vault.close())
  const make = (): Elicitation =>
    elicitSecrets({
      vault,
      baseUrl,
      clock,
      principalOfBrowser: (request) => {
        const id = request.headers.get('x-user') ?? ''
        return id === '' ? undefined : { id }
      },
      ...options,
    })
  const elicitation = make()

  async function open(url: string, user = 'alice', init: RequestInit = {}): Promise<Answer> {
    const headers = new Headers(init.headers)
    headers.set('x-user', user)
    const response = await elicitation.handler(new Request(url, { ...init, headers }))
    return { status: response.status, text: await response.text(), headers: response.headers }
  }

  return {
    vault,
    clock,
    elicitation,
    open,
    async link(user = 'alice', names = ['token']) {
      const secrets = Object.fromEntries(names.map((name) => [name, 'issues']))
      const tool = withSecrets(vault, { secrets, principal: { id: user }, onMissing: elicitation.onMissing() }, () => ({
        content: [],
      }))
      return linkIn(JSON.stringify(await tool({})))
    },
    async send(url, fields, { user = 'alice', headers = {}, csrf } = {}) {
      const token = csrf ?? csrfIn((await open(url, user)).text)
      const body = new URLSearchParams({ ...fields, csrf: token })
      const own = { origin: new URL(url).origin, 'sec-fetch-site': 'same-origin' }
      return open(url, user, { method: 'POST', body, headers: { ...own, ...headers } })
    },
    async stored(name = 'token') {
      return (await vault.as({ id: 'alice' }).scope({ server: 'issues' }).get(name))?.reveal()
    },
    again: make,
  }
}

export function linkIn(text: string): string {
  return /https?:\/\/[\w.:[\]-]+\/connect\/[\w-]+/.exec(text)?.[0] ?? 'none'
}

export function csrfIn(text: string): string {
  return /name="csrf" value="([\w-]+)"/.exec(text)?.[1] ?? ''
}
