// `npm run mutation`: the whole of it, or some folders.
import { expect, it } from 'vitest'
import { mutationArgs } from '../scripts/lib/mutation.mjs'

it('judges everything unless folders are named', () => {
  expect(mutationArgs([])).toEqual([])
  expect(mutationArgs(['--concurrency', '1'])).toEqual(['--concurrency', '1'])
})

it('judges the folders that are named, and remembers their outcome apart', () => {
  expect(mutationArgs(['access', 'audit/log', '--concurrency', '1'])).toEqual([
    '--mutate',
    'packages/core/src/access/**/*.ts,packages/core/src/audit/log/**/*.ts,!packages/core/src/**/index.ts',
    '--incrementalFile',
    '.cache/mutation/access+audit-log.json',
    '--concurrency',
    '1',
  ])
})

it('refuses a folder that is not there', () => {
  expect(() => mutationArgs(['acess'])).toThrow('There is no folder packages/core/src/acess.')
})
