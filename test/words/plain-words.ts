// The words that pages, comments, messages and names do not use, each with the word of the field to use instead.

/** A word to avoid. `example` is a text that the pattern finds. */
export interface PlainWord {
  readonly avoid: string
  readonly pattern: RegExp
  readonly rather: string
  readonly example: string
}

/** Folders of sources that are held to the list as well, such as `packages/core/src`. */
export const plainSources: readonly string[] = [
  'packages/core',
  'packages/aws-kms',
  'packages/http',
  'packages/mcp',
  'packages/mongo',
  'packages/postgres',
  'packages/recovery',
  'packages/redis',
  'packages/sqlite',
  'packages/testkit',
  'packages/vault-transit',
]

/** Folders within these that are not held to it. Frozen vectors are never edited. */
export const exemptSources: readonly string[] = ['packages/core/test/vectors']

export const plainWords: readonly PlainWord[] = [
  {
    avoid: 'most...',
    pattern: /\bmost[A-Z]\w*|\b(?:const|let|readonly) most\b|\{ most\b|\.most\b/,
    rather: 'max...',
    example: 'const mostTries = 3',
  },
  {
    avoid: 'least...',
    pattern: /\bleast[A-Z]\w*|\b(?:const|let|readonly) least\b|\{ least\b|\.least\b/,
    rather: 'min...',
    example: 'const leastBatch = 8',
  },
  { avoid: 'usual...', pattern: /\busual[A-Z]\w*/, rather: 'default...', example: 'const usualPoolSize = 10' },
  { avoid: 'ear', pattern: /\b(?:ears?|earOf|openEar)\b/i, rather: 'listener', example: 'const ear = earOf(pool)' },
  { avoid: 'anew', pattern: /\b\w*anew\b/i, rather: 'again, or reconnect', example: 'await listenAnew()' },
  {
    avoid: 'give up',
    pattern: /\bg(?:ive|ives|ave|iving|iven) ?up(?:\b|[A-Z])/i,
    rather: 'abandon, stop',
    example: 'The vault gave up; giveUpStream()',
  },
  {
    avoid: 'give way',
    pattern: /\bg(?:ive|ives|ave|iving|iven) ?way\b/i,
    rather: 'conflict, serialization failure',
    example: 'One statement gave way to another.',
  },
  { avoid: 'unfit', pattern: /unfit/i, rather: 'invalid', example: 'options.onUnfit(error)' },
  { avoid: 'patient', pattern: /patien(?:t|ce)/i, rather: 'flushSoon, urgent, timeout', example: 'bePatient()' },
  {
    avoid: 'Around',
    pattern: /\b(?:interface|type) Around\b/,
    rather: 'RecordColumns',
    example: 'export interface Around {',
  },
  { avoid: 'lane', pattern: /\b[lL]anes?\b|[a-z]Lanes?\b|\b[lL]ane[A-Z]/, rather: 'write stream', example: 'maxLanes' },
  { avoid: 'ticket', pattern: /ticket/i, rather: 'append, result', example: 'const ticket = trail.book()' },
  {
    avoid: 'behind the turn',
    pattern: /\bbehind (?:the|this) (?:\w+ )?turn\b/i,
    rather: 'after the current tick',
    example: 'Behind the running turn it fills the time.',
  },
  {
    avoid: 'hear',
    pattern: /\bhear(?:s|d|ing)?\b|\bheard[A-Z]/,
    rather: 'listen, be notified',
    example: 'The store heard of a change.',
  },
  {
    avoid: 'be told',
    pattern: /\b(?:is|are|be|was|were) told\b(?! apart)|\btells? (?:of|everything|whoever)\b/i,
    rather: 'notify, be notified',
    example: 'The store is told of changes.',
  },
  {
    avoid: 'may pass',
    pattern: /\bthat may pass\b|\bisPassing\b|\bpassingCode\b/,
    rather: 'transient',
    example: 'an error that may pass',
  },
  {
    avoid: 'fall silent',
    pattern: /\bf(?:alls?|ell|alling) silent\b/i,
    rather: 'stop responding',
    example: 'when the network falls silent',
  },
  { avoid: 'spoil', pattern: /\bspoil/i, rather: 'affect', example: 'A failing call spoils no other.' },
  {
    avoid: 'come to be',
    pattern: /\bc(?:omes?|ame) to be\b/i,
    rather: 'be created, be opened',
    example: 'connections that never come to be',
  },
  {
    avoid: 'stand alone',
    pattern: /\bst(?:ands?|ood) alone\b/i,
    rather: 'standalone',
    example: 'a server that stands alone',
  },
  {
    avoid: 'pass over',
    pattern: /\bpass(?:es|ed|ing)? over\b/i,
    rather: 'skip, ignore',
    example: 'Later fields are passed over.',
  },
  {
    avoid: 'side by side',
    pattern: /\bside ?by ?side\b/i,
    rather: 'concurrent',
    example: 'how many writes run side by side',
  },
  { avoid: 'for ever', pattern: /\bfor (?:ever|good)\b/i, rather: 'permanently', example: 'It is gone for ever.' },
  { avoid: 'whoever', pattern: /\bwhoever\b/i, rather: 'anyone who', example: 'whoever writes the database' },
  {
    avoid: 'make a pseudonym',
    pattern: /\bma(?:kes?|de|king) a user a pseudonym\b/i,
    rather: 'pseudonymise a user',
    example: 'It may make a user a pseudonym.',
  },
  {
    avoid: 'lease',
    pattern: /\bLeaseStore\b|\b(?:acquire|renew|release)Lease\b|\b[a-z]+Leases\b|\bmeta-leases?\b|\.leases\b/,
    rather: 'lock, for mutual exclusion in the store',
    example: 'store.leases.acquire(name)',
  },
  {
    avoid: 'detail: It ...',
    pattern: /\bdetail: ['"`]It /,
    rather: 'what the field must be: must be a boolean',
    example: `throw new VaultError(code, { detail: 'It is true or false.' })`,
  },
  {
    avoid: 'a price in microseconds',
    pattern: /\b\d[\d.,]* ?(?:us|µs|microseconds?)(?!\w)/,
    rather: 'figures in bench/README.md',
    example: '// This costs 3.7 us.',
  },
]
