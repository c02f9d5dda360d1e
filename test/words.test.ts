// No file of the repository names a machine, a registry or a secret.
import { describe, expect, it } from 'vitest'
import { readText, repositoryFiles } from './files.ts'
import { checkWords } from './words/check-words.ts'

describe('the files of the repository', () => {
  it('name no machine, no registry and no secret, and leave no open ends', () => {
    // The bytes of a picture can look like anything.
    const paths = repositoryFiles().filter((path) => !path.endsWith('.png'))
    expect(paths).toContain('package.json')
    expect(paths.flatMap((path) => checkWords(path, readText(path)))).toEqual([])
  })
})

describe('the check of words', () => {
  const filler = 'a1B2'.repeat(20)
  const secrets = [
    ['a classic GitHub token', `ghp_${filler.slice(0, 36)}`],
    ['a fine-grained GitHub token', `github_pat_${filler.slice(0, 60)}`],
    ['an AWS key id', `AKIA${filler.toUpperCase().slice(0, 16)}`],
    ['a Slack token', `xoxb-${filler.slice(0, 20)}`],
    ['an API key', `sk-${filler.slice(0, 32)}`],
    ['a JSON web token', [`eyJ${filler}`, `eyJ${filler}`, filler].join('.')],
    ['a private key', ['-----BEGIN', 'PRIVATE KEY-----'].join(' ')],
  ] as const

  it.each(secrets)('finds %s, but not in a fixture', (_name, secret) => {
    expect(checkWords('src/a.ts', `first\nconst a = '${secret}'`)).toHaveLength(1)
    expect(checkWords('test/fixtures/a.ts', `const a = '${secret}'`)).toEqual([])
  })

  it.each(['work', 'root', 'home', 'Users'])('finds a path below /%s', (folder) => {
    expect(checkWords('test/fixtures/a.md', `see ${['', folder, 'vault'].join('/')}`)).toHaveLength(1)
  })

  it('finds the host of a registry', () => {
    expect(checkWords('a.md', ['registry', 'npmjs', 'org'].join('.'))).toHaveLength(1)
  })

  it('finds an open end', () => {
    expect(checkWords('a.ts', `// ${'TO'}DO: later`)).toHaveLength(1)
  })

  it('never repeats what it found', () => {
    const [, secret] = secrets[0]
    expect(checkWords('src/a.ts', secret).join()).not.toContain(filler.slice(0, 8))
  })

  it.each(['https://example.com/home/page', './root/a', 'ghp_...', '$dir/home/x', 'sk-short', 'main#3'])(
    'accepts %s',
    (text) => {
      expect(checkWords('src/a.ts', text)).toEqual([])
    },
  )
})
