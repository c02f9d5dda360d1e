// Finds in a text what must not be in the repository: paths of one machine, hosts of registries, secrets, open ends.

interface Rule {
  readonly name: string
  readonly pattern: RegExp
  /** Test data may look like a secret. */
  readonly exceptInFixtures: boolean
}

// Written in pieces, so that this file passes its own check.
const hosts = [
  ['registry', 'npmjs', 'org'],
  ['registry', 'yarnpkg', 'com'],
  ['npm', 'pkg', 'github', 'com'],
  ['files', 'pythonhosted', 'org'],
  ['pypi', 'org'],
  ['static', 'crates', 'io'],
  ['index', 'crates', 'io'],
  ['proxy', 'golang', 'org'],
  ['repo1', 'maven', 'org'],
  ['deb', 'debian', 'org'],
  ['unpkg', 'com'],
  ['cdn', 'jsdelivr', 'net'],
].map((labels) => labels.join('\\.'))

const rules: readonly Rule[] = [
  { name: 'a path of one machine', pattern: /(?<![\w.~$}-])\/(?:work|root|home|Users)\/\w/, exceptInFixtures: false },
  { name: 'the host of a registry', pattern: new RegExp(`\\b(?:${hosts.join('|')})\\b`, 'i'), exceptInFixtures: false },
  {
    name: 'an open end',
    pattern: new RegExp(`\\b(?:${['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X'].join('|')})\\b`),
    exceptInFixtures: false,
  },
  { name: 'a GitHub token', pattern: /\bgh[pousr]_[A-Za-z0-9]{36}/, exceptInFixtures: true },
  { name: 'a GitHub token', pattern: /\bgithub_pat_[A-Za-z0-9_]{60,}/, exceptInFixtures: true },
  { name: 'an AWS key id', pattern: /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/, exceptInFixtures: true },
  { name: 'a Slack token', pattern: /\bxox[abprs]-[A-Za-z0-9-]{20,}/, exceptInFixtures: true },
  { name: 'an API key', pattern: /\bsk[-_](?:live_|ant-|proj-)?[A-Za-z0-9_-]{32,}/, exceptInFixtures: true },
  { name: 'a JSON web token', pattern: /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/, exceptInFixtures: true },
  { name: 'a private key', pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----/, exceptInFixtures: true },
]

/** One sentence for each line that breaks a rule; it never repeats what was found. */
export function checkWords(path: string, text: string): readonly string[] {
  const applicable = rules.filter((rule) => !(rule.exceptInFixtures && isFixture(path)))
  return text
    .split('\n')
    .flatMap((line, index) =>
      applicable.filter(({ pattern }) => pattern.test(line)).map(({ name }) => `${path}:${index + 1}: has ${name}`),
    )
}

function isFixture(path: string): boolean {
  return /\/(?:fixtures|vectors)\//.test(path)
}
