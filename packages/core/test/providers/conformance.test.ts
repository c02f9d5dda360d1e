// Every built-in key provider passes the conformance kit.
import { describe, test } from 'vitest'
import {
  keyFromPassphrase,
  keyRing,
  multiProvider,
  recoveryKey,
  recoveryOpener,
  recoveryRecipient,
} from '../../src/providers/index.ts'
import { keyProviderConformance, type ProviderUnderTest } from '../../src/testing/index.ts'
import { keyOf } from './fixtures.ts'

const oldKeys = { 'main#1': keyOf('main 1') }
const keys = { ...oldKeys, 'main#2': keyOf('main 2') }
const older = keyRing({ current: 'main#1', keys: oldKeys })
const ring = keyRing({ current: 'main#2', keys })
const secrets = Object.values(keys)

const passphrase = 'correct horse battery staple'
const salt = keyOf('salt').subarray(0, 16)
const stretched = keyFromPassphrase({ passphrase, salt, kdf: 'pbkdf2-sha256', iterations: 100_000 })

const { publicKey, privateKey } = recoveryKey()
const [recipient, opener] = [recoveryRecipient(publicKey), recoveryOpener(privateKey)]
const multi = multiProvider({ primary: ring, recovery: [recipient] })

const subjects: readonly (readonly [string, Omit<ProviderUnderTest, 'cleanup'>])[] = [
  ['keyRing', { provider: ring, older, secrets }],
  ['keyFromPassphrase', { provider: stretched, secrets: [Buffer.from(passphrase)] }],
  ['recoveryOpener', { provider: opener }],
  ['recoveryRecipient', { provider: recipient, opener }],
  ['multiProvider', { provider: multi, older: multiProvider({ primary: older, recovery: [opener] }), opener, secrets }],
  ['multiProvider of a passphrase', { provider: multiProvider({ primary: stretched, recovery: [opener] }), secrets }],
]

describe.each(subjects)('%s', (_name, subject) => {
  test.each(keyProviderConformance)('$name', ({ run }) => run(async () => ({ ...subject, cleanup: async () => {} })))
})
