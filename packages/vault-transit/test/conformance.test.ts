// The conformance kit of key providers, on the transit engine of a real server.
import { keyProviderConformance } from '@mcpvault/core/testing'
import { describeWith, startStoredBao } from '@mcpvault/testkit'
import { beforeAll, it } from 'vitest'
import { vaultTransit } from '../src/index.ts'
import { mountTransit } from './support/setting.ts'

describeWith('vaultTransit', startStoredBao, (service) => {
  let mount = ''
  beforeAll(async () => {
    mount = await mountTransit(service())
    await service().call('POST', `${mount}/keys/mcpvault/rotate`)
  })

  it.each(keyProviderConformance)('$name', ({ run }) =>
    run(async () => {
      let isSilent = false
      const { url, token } = service()
      const providerOn = (send: typeof fetch) => vaultTransit({ url, token, mount, key: 'mcpvault', fetch: send })
      return {
        provider: providerOn((input, init) => (isSilent ? untilAborted(init?.signal) : fetch(input, init))),
        older: providerOn(withFirstVersion),
        secrets: [Buffer.from(token)],
        hang() {
          isSilent = true
        },
        cleanup: async () => {},
      }
    }),
  )
})

/** A request that nobody answers. */
function untilAborted(signal: AbortSignal | null | undefined): Promise<Response> {
  return new Promise((_resolve, reject) => {
    if (signal?.aborted === true) reject(signal.reason)
    signal?.addEventListener('abort', () => reject(signal.reason))
  })
}

/** Encrypts as before the rotation of the key. */
const withFirstVersion: typeof fetch = (input, init) => {
  if (!String(input).includes('/encrypt/')) return fetch(input, init)
  return fetch(input, { ...init, body: JSON.stringify({ ...JSON.parse(String(init?.body)), key_version: 1 }) })
}
