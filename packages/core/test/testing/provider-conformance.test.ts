// Every promise of the contract of key providers is guarded: a provider that breaks it makes a named case fail.
import { AssertionError } from 'node:assert/strict'
import { describe, expect, test, vi } from 'vitest'
import type { KeyProvider } from '../../src/contracts/index.ts'
import { keyProviderConformance, type ProviderConformanceCase, type ProviderFactory } from '../../src/testing/index.ts'
import { brokenProviders } from './broken-providers.ts'
import { soundProvider, subjectOf } from './sound-provider.ts'

describe('each broken provider fails the case that names what is broken', () => {
  test.each(brokenProviders)('$broken', async ({ part, caught }) => {
    const sound = soundProvider()
    const broken = Object.defineProperties({ ...sound }, Object.getOwnPropertyDescriptors(part(sound)))
    await expect(caseNamed(caught).run(factoryOf(broken))).rejects.toBeInstanceOf(AssertionError)
  })

  test('and every case has one', () => {
    const caught = new Set(brokenProviders.map((broken) => broken.caught))
    expect(keyProviderConformance.map(({ name }) => name).filter((name) => !caught.has(name))).toEqual([])
  })
})

describe('a provider that has every part', () => {
  test.each(keyProviderConformance)('passes: $name', ({ run }) => run(factoryOf(soundProvider())))
})

test('a call that a silent key service keeps is noticed', async () => {
  const sound = soundProvider()
  let isSilent = false
  const provider: KeyProvider = {
    ...sound,
    unwrap: (record, scope) => (isSilent ? new Promise(() => {}) : sound.unwrap(record, scope)),
  }
  const { run } = caseNamed('calls: end when their signal is aborted, and that is no refusal')
  const hang = () => {
    isSilent = true
  }
  await expect(run(async () => ({ ...subjectOf(provider), hang }))).rejects.toThrow('unwrap goes on')
})

test('cases have names of their own, and clean up whether they pass or fail', async () => {
  const names = keyProviderConformance.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  const sound = soundProvider()
  const failing: KeyProvider = {
    ...sound,
    wrap() {
      throw new Error('no')
    },
  }
  for (const { run } of keyProviderConformance)
    for (const provider of [sound, failing]) {
      const cleanup = vi.fn(async () => {})
      await run(async () => ({ ...subjectOf(provider), cleanup })).catch(() => undefined)
      expect(cleanup).toHaveBeenCalledTimes(1)
    }
})

test('a case that does not apply asks nothing of the provider', async () => {
  const { id, currentKeyIds, wrap, unwrap } = soundProvider()
  const bare: KeyProvider = { id, currentKeyIds, wrap, unwrap }
  for (const { requires, run } of keyProviderConformance) {
    if (requires === undefined) continue
    expect(requires(bare)).toBe(false)
    expect(requires(soundProvider())).toBe(true)
    const asked = vi.fn()
    const mute = { id, currentKeyIds: asked, wrap: asked, unwrap: asked }
    await run(factoryOf(mute))
    expect(asked).not.toHaveBeenCalled()
  }
})

function caseNamed(name: string): ProviderConformanceCase {
  const found = keyProviderConformance.find((conformanceCase) => conformanceCase.name === name)
  if (found === undefined) throw new Error(`no case is named ${name}`)
  return found
}

function factoryOf(provider: KeyProvider): ProviderFactory {
  return async () => subjectOf(provider)
}
