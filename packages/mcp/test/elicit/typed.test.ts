// What users type into the page: checked by presets, tried at the provider, stored, and never shown again.
import { describe, expect, it } from 'vitest'
import { canary, csrfIn, elicitWorld } from '../support/elicit-world.ts'

const token = `github_pat_${'a1B2'.repeat(12)}`

describe('what is typed', () => {
  it('[A11] is checked by the preset of the secret, and asked for again without what was typed', async () => {
    const world = elicitWorld({ presets: { 'issues/token': 'github-fine-grained-token' } })
    const url = await world.link()
    const answer = await world.send(url, { '0.value': `${token} ` })
    expect(answer.status).toBe(422)
    expect(answer.text).toContain('Token must have no spaces or line breaks.')
    expect(answer.text).toContain('aria-invalid="true"')
    expect(answer.text).not.toContain(token)
    expect((await world.send(url, { '0.value': token })).status).toBe(200)
    expect(await world.vault.as({ id: 'alice' }).scope({ server: 'issues' }).describe('token')).toMatchObject({
      type: 'api_key',
    })
  })

  it('[A11] has several fields where the preset has, and shows again those that are no secrets', async () => {
    const world = elicitWorld({ presets: { 'issues/token': 'twilio-auth-token' } })
    const url = await world.link()
    const sid = `AC${'0a'.repeat(16)}`
    const answer = await world.send(url, { '0.accountSid': sid, '0.authToken': canary })
    expect(answer.text).toContain(`value="${sid}"`)
    expect(answer.text).toContain('Auth token must be 32 hexadecimal digits.')
    expect(answer.text).not.toContain(canary)
    await world.send(url, { '0.accountSid': sid, '0.authToken': '0b'.repeat(16) })
    const value = await world.vault.as({ id: 'alice' }).scope({ server: 'issues' }).get('token')
    expect(value?.fields()).toEqual({ accountSid: sid, authToken: '0b'.repeat(16) })
  })

  it('keeps its line breaks as they were', async () => {
    const world = elicitWorld({ presets: { 'issues/token': 'jwt-key' } })
    const label = 'PRIVATE KEY'
    const pem = `-----BEGIN ${label}-----\n${'QUJD'.repeat(16)}\n-----END ${label}-----\n`
    const url = await world.link()
    expect((await world.open(url)).text).toContain('<textarea class="code masked"')
    expect((await world.send(url, { '0.value': pem.replaceAll('\n', '\r\n') })).status).toBe(200)
    expect(await world.stored()).toBe(pem)
  })

  it('is stored for all secrets of the link, or is asked for again', async () => {
    const world = elicitWorld()
    const url = await world.link('alice', ['one', 'two'])
    expect((await world.send(url, { '0.value': 'first' })).text).toContain('Value must not be empty.')
    expect(await world.stored('one')).toBeUndefined()
    await world.send(url, { '0.value': 'first', '1.value': 'second' })
    expect([await world.stored('one'), await world.stored('two')]).toEqual(['first', 'second'])
  })

  it('is refused when the provider refuses it, and taken when the provider does not answer', async () => {
    const outcomes = ['invalid', 'unknown'] as const
    let asked = 0
    const world = elicitWorld({ probe: () => outcomes[asked++] ?? Promise.reject(new Error('away')) })
    const url = await world.link()
    expect((await world.send(url, { '0.value': canary })).text).toContain('Value was refused by the provider.')
    expect((await world.send(url, { '0.value': canary })).status).toBe(200)
    expect((await world.send(await world.link('alice', ['other']), { '0.value': canary })).status).toBe(200)
    expect(asked).toBe(3)
  })

  it('is taken when the provider needs longer than 10 s', async () => {
    let begin: (signal: AbortSignal) => void = () => {}
    const begun = new Promise<AbortSignal>((resolve) => {
      begin = resolve
    })
    const world = elicitWorld({
      probe: ({ signal }) => {
        begin(signal)
        return new Promise(() => {})
      },
    })
    const sent = world.send(await world.link(), { '0.value': canary })
    const signal = await begun
    world.clock.advance(10_000)
    expect((await sent).status).toBe(200)
    expect(signal.aborted).toBe(true)
  })

  it('is taken when the browser has gone before the provider is asked', async () => {
    const world = elicitWorld({ probe: () => new Promise(() => {}) })
    const url = await world.link()
    const body = new URLSearchParams({ '0.value': canary, csrf: csrfIn((await world.open(url)).text) })
    expect((await world.open(url, 'alice', { method: 'POST', body, signal: AbortSignal.abort() })).status).toBe(200)
    expect(await world.stored()).toBe(canary)
  })

  it('is not stored when the vault refuses, which is said, and the link is not used up', async () => {
    const world = elicitWorld()
    const url = await world.link()
    const scope = world.vault.as({ id: 'alice' }).scope({ server: 'issues' })
    await scope.set('token', 'before', { description: canary.toUpperCase() })
    const answer = await world.send(url, { '0.value': canary.toUpperCase() })
    expect(answer).toMatchObject({ status: 422, text: expect.stringContaining('VAULT_VALUE_INVALID') })
    expect((await world.send(url, { '0.value': canary })).status).toBe(200)
    expect(await world.stored()).toBe(canary)
  })

  it('is in no event of the trail', async () => {
    const world = elicitWorld()
    await world.send(await world.link(), { '0.value': canary })
    const { items } = await world.vault.as({ id: 'alice' }).auditLog({ limit: 100 })
    expect(items.map(({ event }) => event.action)).toContain('secret.created')
    expect(JSON.stringify(items)).not.toContain(canary)
  })
})

describe('names that look like markup', () => {
  it('[S43] are text', async () => {
    const world = elicitWorld()
    const payload = `<img src=x onerror=hack()>"'&\u202e`
    const user = '<script>hack()</script>'
    const { text } = await world.open(await world.link(user, [payload]), user)
    expect(text).toContain('&lt;img src=x onerror=hack()&gt;&quot;&#39;&amp;⟨U+202E⟩')
    expect(text.match(/<script/g)).toHaveLength(1)
    expect(text).not.toContain('<img')
  })
})
