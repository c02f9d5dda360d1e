// What the fields of a query mean: each alone decides, and all of them hold together.
import { describe, expect, it } from 'vitest'
import {
  type AuditFilter,
  matchesAuditFilter,
  matchesSecretQuery,
  type SecretQuery,
} from '../../src/contracts/index.ts'
import { sampleAuditRow, sampleGrant, sampleRef, sampleSecret } from '../../src/testing/index.ts'

describe('a query of secrets', () => {
  const expiresAt = new Date(1_000)
  const record = {
    ...sampleSecret({ ref: sampleRef({ owner: 'alice', server: 'github', name: 'token' }) }),
    type: 'api_key',
    tier: 2 as const,
    state: 'inactive' as const,
    tags: ['ci', 'prod'],
    grants: [sampleGrant({ principal: 'bob' })],
    dekId: 'key',
    expiresAt,
  }
  type Query = Omit<SecretQuery, 'after' | 'limit'>

  it.each<readonly [name: string, right: Query, wrong: Query]>([
    ['owner', { owner: 'alice' }, { owner: 'bob' }],
    ['owner it is not of', { notOwner: 'bob' }, { notOwner: 'alice' }],
    ['server', { server: 'github' }, { server: 'GitHub' }],
    ['type', { type: 'api_key' }, { type: 'custom' }],
    ['tier', { tier: 2 }, { tier: 1 }],
    ['data key', { dekId: 'key' }, { dekId: 'other' }],
    ['states', { states: ['active', 'inactive'] }, { states: ['active'] }],
    ['owner it is visible to', { visibleTo: 'alice' }, { visibleTo: 'carol' }],
    ['grantee it is visible to', { visibleTo: 'bob' }, { visibleTo: 'carol' }],
    ['one of some tags', { tagsAny: ['dev', 'ci'] }, { tagsAny: ['dev'] }],
    ['one of no tags', {}, { tagsAny: [] }],
    ['all of some tags', { tagsAll: ['prod', 'ci'] }, { tagsAll: ['ci', 'dev'] }],
    ['all of no tags', { tagsAll: [] }, { tagsAll: ['dev'] }],
    ['expiry', { expiresBefore: new Date(1_001) }, { expiresBefore: new Date(1_000) }],
  ])('matches by %s', (_name, right, wrong) => {
    expect(matchesSecretQuery(record, right)).toBe(true)
    expect(matchesSecretQuery(record, wrong)).toBe(false)
    expect(matchesSecretQuery(record, { owner: 'alice', ...wrong, ...right, server: 'gitlab' })).toBe(false)
  })

  it('never finds by expiry what does not expire', () => {
    const { expiresAt: _, ...unlimited } = record
    expect(matchesSecretQuery(unlimited, { expiresBefore: new Date(8e15) })).toBe(false)
  })
})

describe('a filter of audit rows', () => {
  const row = {
    ...sampleAuditRow({ stream: 'stream' }),
    columns: {
      at: new Date(1_000),
      action: 'secret.updated' as const,
      outcome: 'denied' as const,
      principal: 'alice',
      owner: 'bob',
      server: 'github',
      name: 'token',
      secretId: 'id',
      correlationId: 'call',
    },
  }

  it.each<readonly [name: string, right: AuditFilter, wrong: AuditFilter]>([
    ['stream', { stream: 'stream' }, { stream: 'other' }],
    ['principal', { principal: 'alice' }, { principal: 'bob' }],
    ['owner', { owner: 'bob' }, { owner: 'alice' }],
    ['server', { server: 'github' }, { server: 'gitlab' }],
    ['name', { name: 'token' }, { name: 'Token' }],
    ['secret', { secretId: 'id' }, { secretId: 'token' }],
    ['call', { correlationId: 'call' }, { correlationId: 'id' }],
    ['actions', { actions: ['secret.shared', 'secret.updated'] }, { actions: ['secret.shared'] }],
    ['no action', {}, { actions: [] }],
    ['outcomes', { outcomes: ['denied'] }, { outcomes: ['allowed', 'failed'] }],
    ['the first time', { from: new Date(1_000) }, { from: new Date(1_001) }],
    ['the time that ends it', { to: new Date(1_001) }, { to: new Date(1_000) }],
  ])('matches by %s', (_name, right, wrong) => {
    expect(matchesAuditFilter(row, right)).toBe(true)
    expect(matchesAuditFilter(row, wrong)).toBe(false)
    expect(matchesAuditFilter(row, { ...right, principal: 'carol' })).toBe(false)
  })

  it('never finds by a name what has none', () => {
    const { stream, columns } = row
    const { owner: _, ...nameless } = columns
    expect(matchesAuditFilter({ stream, columns: nameless }, { owner: 'bob' })).toBe(false)
  })
})
