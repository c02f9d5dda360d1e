// validate: what a probe found, without anything of the value.

import { codeOf, operatorPrincipal, testVault, tickingVault } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import { VaultError } from '../../src/errors/index.ts'
import type { ProbeFunction } from '../../src/vault/secrets/validate.ts'

const password = 'p/ss "word" & ümlaut'
const fields = { user: 'some-user', password, pin: '123' }

async function vaultWithAccount() {
  const test = tickingVault()
  await test.scope('alice').set('account', fields, { hosts: ['api.example.com'] })
  const probe = (found: ProbeFunction) => test.scope('alice').validate('account', found)
  return { ...test, probe }
}

const saying = (summary: string) => () => ({ status: 'valid', summary }) as const

describe('validate', () => {
  it.each(['valid', 'invalid', 'unknown'] as const)('says %s, of which version and when', async (status) => {
    const { probe } = await vaultWithAccount()
    const report = await probe((value, { info }) => {
      expect(value.fields()).toEqual(fields)
      expect(info).toMatchObject({ name: 'account', hosts: ['api.example.com'] })
      return { status, summary: 'HTTP 200' }
    })
    expect(report).toEqual({ status, summary: 'HTTP 200', version: 1, checkedAt: expect.any(Date) })
  })

  it.each([
    ['as it is', password],
    ['in JSON', JSON.stringify(password).slice(1, -1)],
    ['in a URL', encodeURIComponent(password)],
    ['in base64', Buffer.from(password).toString('base64')],
    ['in base64url', Buffer.from(password).toString('base64url')],
    ['in hex', Buffer.from(password).toString('hex')],
    ['of another field', 'some-user'],
  ])('replaces what a summary repeats of the value %s', async (_, repeated) => {
    const { probe } = await vaultWithAccount()
    const summary = (await probe(saying(`the server said ${repeated} to us`)))?.summary
    expect(summary).not.toContain(repeated.replaceAll('=', ''))
    expect(summary).toMatch(/^the server said \[secret\]=* to us$/)
  })

  it('replaces what a summary repeats of bytes', async () => {
    const { scope } = testVault()
    const bytes = Buffer.from([0xff, 0xfe, 0x80, 0x81, 0x82])
    await scope('alice').set('raw', bytes)
    const summary = `${bytes.toString('hex')} and ${bytes.toString('base64url')}`
    expect((await scope('alice').validate('raw', saying(summary)))?.summary).toBe('[secret] and [secret]')
  })

  it('makes one line of a summary, and cuts it', async () => {
    const { probe } = await vaultWithAccount()
    expect((await probe(saying('one\r\n\u001b[31mtwo')))?.summary).toBe('one [31mtwo')
    expect((await probe(saying('x'.repeat(1_000))))?.summary).toHaveLength(500)
  })

  it('leaves it unknown when the probe throws, with nothing of what it threw but the words of the vault', async () => {
    const { probe } = await vaultWithAccount()
    const thrown = await probe(() => Promise.reject(new Error(`bad ${password}`)))
    expect(thrown).toMatchObject({ status: 'unknown', summary: 'The probe failed or took too long.' })
    const own = await probe(() => Promise.reject(new VaultError('VAULT_NOT_SUPPORTED')))
    expect(own).toMatchObject({ status: 'unknown', summary: 'The store or provider does not support this.' })
  })

  it('leaves it unknown when the probe takes too long, and wipes the value', async () => {
    const { scope, clock } = testVault()
    await scope('alice').set('account', fields)
    let isAborted = false
    let lent: { fields(): unknown } | undefined
    const call = scope('alice').validate(
      'account',
      (value, { signal }) => {
        lent = value
        signal.addEventListener('abort', () => {
          isAborted = true
        })
        queueMicrotask(() => clock.advance(5_000))
        return new Promise(() => undefined)
      },
      { limitMs: 5_000 },
    )
    expect(await call).toMatchObject({ status: 'unknown' })
    expect(isAborted).toBe(true)
    expect(() => lent?.fields()).toThrow(expect.objectContaining({ code: 'VAULT_CLOSED' }))
  })

  it('ends with the signal of its caller', async () => {
    const { scope } = await vaultWithAccount()
    const giving = new AbortController()
    const probe = () => {
      queueMicrotask(() => giving.abort(new Error('gone')))
      return new Promise<never>(() => undefined)
    }
    await expect(scope('alice').validate('account', probe, { signal: giving.signal })).rejects.toThrow('gone')
  })

  it('is undefined for an absent secret, and throws for one that is not in use', async () => {
    const { scope } = await vaultWithAccount()
    expect(await scope('alice').validate('other', saying('x'))).toBeUndefined()
    expect(await scope('alice', { id: 'mallory' }).validate('account', saying('x'))).toBeUndefined()
    await scope('alice').deactivate('account')
    expect(await codeOf(scope('alice').validate('account', saying('x')))).toBe('VAULT_INACTIVE')
  })

  it('refuses what is no probe, no option and no answer', async () => {
    const { scope, probe } = await vaultWithAccount()
    await expect(scope('alice').validate('account', JSON.parse('{}'))).rejects.toThrow(TypeError)
    expect(await codeOf(scope('alice').validate('account', saying('x'), { limitMs: 0 }))).toBe('VAULT_VALUE_INVALID')
    for (const answer of [null, {}, { status: 'good', summary: 'x' }, { status: 'valid' }]) {
      await expect(probe(() => JSON.parse(JSON.stringify(answer)))).rejects.toThrow(TypeError)
    }
  })

  it('[S39] makes its event before the value is lent', async () => {
    const { vault, probe } = await vaultWithAccount()
    let before: readonly string[] = []
    await probe(async () => {
      const { items } = await vault.as(operatorPrincipal).auditLog({ principal: 'alice' })
      before = items.map(({ event }) => `${event.action} by ${event.operation}`)
      return { status: 'valid', summary: 'x' }
    })
    expect(before[0]).toBe('secret.validated by validate')
  })
})
