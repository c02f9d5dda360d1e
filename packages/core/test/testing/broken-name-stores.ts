// Stores that change or compare text in ways of their own.
import type { SecretRef, SecretStore } from '../../src/contracts/index.ts'
import { type BrokenStore, brokenSecrets, type SecretBreak } from './breaking.ts'

const foldings: Readonly<Record<string, (text: string) => string>> = {
  'folds case': (text) => text.toLowerCase(),
  normalises: (text) => text.normalize('NFC'),
  'trims the end': (text) => text.trimEnd(),
  'trims the start': (text) => text.trimStart(),
  'drops zero-width characters': (text) => text.replaceAll('\u200b', ''),
  'cuts at 255 characters': (text) => text.slice(0, 255),
}

const namesCaught = {
  owner: 'owners that differ in any byte are different owners',
  server: 'servers that differ in any byte are different servers',
  name: 'secrets whose names differ in any byte are different secrets',
} as const

const foldedNames = Object.entries(foldings).flatMap(([what, fold]) =>
  (['owner', 'server', 'name'] as const).map((part) =>
    named(`the store ${what} of each ${part}`, namesCaught[part], (s) =>
      mapRefs(s, (ref) => ({ ...ref, [part]: fold(ref[part]) })),
    ),
  ),
)

const joinedKeys = [':', '/', '|', '.', ' ', '}', '%', '\\'].map((mark) =>
  named(`scopes are joined with ${JSON.stringify(mark)}`, 'no separator makes two scopes meet', (s) =>
    mapRefs(s, ({ owner, server, name }) => ({ owner: 'all', server: `${owner}${mark}${server}`, name })),
  ),
)

const comparisons: readonly BrokenStore[] = [
  named('tags are compared without case', 'tags match byte for byte', (s) => ({
    put: (record, options) => s.put({ ...record, tags: record.tags.map(lower) }, options),
    list: (query) => s.list(query.tagsAny ? { ...query, tagsAny: query.tagsAny.map(lower) } : query),
  })),
  named('types are compared without case', 'types match byte for byte', (s) => ({
    put: (record, options) => s.put({ ...record, type: lower(record.type) }, options),
    list: (query) => s.list(query.type ? { ...query, type: lower(query.type) } : query),
  })),
  named('grantees are compared without case', 'grantees match byte for byte', (s) => ({
    put: (record, options) => {
      const grants = record.grants.map((grant) => ({ ...grant, principal: lower(grant.principal) }))
      return s.put({ ...record, grants }, options)
    },
    list: (query) => s.list(query.visibleTo ? { ...query, visibleTo: lower(query.visibleTo) } : query),
  })),
  named('line ends are changed', 'text that the store does not read comes back as it was', (s) => ({
    put: ({ description = '', ...record }, options) =>
      s.put({ ...record, description: description.replaceAll('\r\n', '\n') }, options),
  })),
]

export const brokenNameStores: readonly BrokenStore[] = [...foldedNames, ...joinedKeys, ...comparisons]

function named(what: string, caught: string, part: SecretBreak): BrokenStore {
  return brokenSecrets(what, `names: ${caught}`, part)
}

function mapRefs(secrets: SecretStore, change: (ref: SecretRef) => SecretRef): Partial<SecretStore> {
  return {
    async find(ref, versions) {
      const found = await secrets.find(change(ref), versions)
      return found && { ...found, ref }
    },
    put: (record, options) => secrets.put({ ...record, ref: change(record.ref) }, options),
  }
}

function lower(text: string): string {
  return text.toLowerCase()
}
