// The steps to a schema: only the missing ones are taken, and a schema of another release is refused.
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { planMigrations, requireMigrations } from '../../src/adapter/index.ts'
import { VaultError } from '../../src/errors/index.ts'

const tables = { version: 1, name: 'tables', text: 'CREATE TABLE a (b TEXT)' }
const lists = { version: 2, name: 'lists', text: 'CREATE INDEX c ON a (b) -- é' }
const steps = [tables, lists]

const sum = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex')
const first = [1, sum(tables.text)] as const
const second = [2, sum(lists.text)] as const

function codeOf(work: () => unknown): unknown {
  try {
    work()
  } catch (error) {
    return error instanceof VaultError ? error.code : error
  }
  return undefined
}

describe('the plan', () => {
  it('takes every step of an empty database, in order, each with its checksum', () => {
    expect(planMigrations(steps, new Map())).toEqual({
      missing: [
        { ...tables, checksum: sum(tables.text) },
        { ...lists, checksum: sum(lists.text) },
      ],
      report: { version: 2, applied: [1, 2] },
    })
  })

  it('takes the missing step alone', () => {
    const { missing, report } = planMigrations(steps, new Map([first]))
    expect(missing.map(({ name }) => name)).toEqual(['lists'])
    expect(report).toEqual({ version: 2, applied: [2] })
  })

  it('takes none where all were taken', () => {
    const plan = planMigrations(steps, new Map([second, first]))
    expect(plan).toEqual({ missing: [], report: { version: 2, applied: [] } })
  })

  it('has version 0 without steps', () => {
    expect(planMigrations([], new Map()).report).toEqual({ version: 0, applied: [] })
  })

  it.each([
    ['an earlier step that was another one', new Map([[1, 'other'] as const]), 'VAULT_CONFIG_INVALID'],
    ['the latest step that was another one', new Map([first, [2, 'other'] as const]), 'VAULT_CONFIG_INVALID'],
    ['a newer step', new Map([first, second, [3, 'newer'] as const]), 'VAULT_STORE_NOT_READY'],
    [
      'a newer step beside another one',
      new Map([[1, 'other'] as const, [3, 'newer'] as const]),
      'VAULT_STORE_NOT_READY',
    ],
  ])('refuses %s', (_name, stored, code) => {
    expect(codeOf(() => planMigrations(steps, stored))).toBe(code)
  })
})

describe('the requirement', () => {
  it('accepts exactly these steps', () => {
    expect(codeOf(() => requireMigrations(steps, new Map([first, second])))).toBeUndefined()
  })

  it.each([
    ['no step', new Map<number, string>()],
    ['a missing step', new Map([first])],
    ['a missing earlier step', new Map([second])],
    ['another step', new Map([first, [2, 'other'] as const])],
    ['a newer step', new Map([first, second, [3, 'newer'] as const])],
  ])('refuses %s', (_name, stored) => {
    expect(codeOf(() => requireMigrations(steps, stored))).toBe('VAULT_STORE_NOT_READY')
  })

  it('says that a newer schema asks for a newer package', () => {
    expect(() => requireMigrations(steps, new Map([first, second, [3, 'newer']]))).toThrow(/Update the package/)
  })
})
