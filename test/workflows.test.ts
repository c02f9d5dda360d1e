// The workflows, as far as they can be held without running them: sound YAML, versions, commands and servers that exist.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { readText, repositoryFiles, root } from './files.ts'

interface Step {
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, unknown>>
  readonly env?: Readonly<Record<string, string>>
}
interface Job {
  readonly 'runs-on': string
  readonly 'timeout-minutes'?: number
  readonly strategy?: { readonly matrix: { readonly node: readonly number[] } }
  readonly steps: readonly Step[]
}

const manifest: { scripts: Record<string, string>; engines: { node: string } } = JSON.parse(readText('package.json'))
const jobs = repositoryFiles()
  .filter((path) => path.startsWith('.github/workflows/'))
  .flatMap((path) => {
    const { jobs }: { jobs: Record<string, Job> } = parse(readText(path))
    return Object.entries(jobs).map(([name, job]) => ({ name: `${path} ${name}`, job }))
  })

describe('each job of the workflows', () => {
  it('is read', () => {
    expect(jobs.map(({ name }) => name)).toEqual([
      '.github/workflows/ci.yml all',
      '.github/workflows/ci.yml images',
      '.github/workflows/release.yml release',
    ])
  })

  it.each(jobs)('ends in time, on a machine and with actions of a named version: $name', ({ job }) => {
    expect(job['runs-on']).toMatch(/-\d/)
    expect(job['timeout-minutes']).toBeLessThanOrEqual(60)
    for (const { uses } of job.steps) expect(uses ?? 'none@v1').toMatch(/^[\w/-]+@v\d+$/)
  })

  it.each(jobs)('runs what is there: $name', ({ job }) => {
    const commands = job.steps.flatMap((step) => [
      step.run ?? [],
      step.with?.['version'] ?? [],
      step.with?.['publish'] ?? [],
    ])
    const texts = commands.flat().map(String)
    expect(texts.length).toBeGreaterThan(0)
    for (const text of texts) {
      const [, script] = /^npm (?:run )?([\w:]+)$/.exec(text) ?? []
      if (script === undefined) expect(text).toBe('bash .ci/run')
      else expect(manifest.scripts).toHaveProperty([script])
    }
    expect(existsSync(join(root, '.ci', 'run'))).toBe(true)
  })
})

it('every version of Node that is promised has a job, the oldest first', () => {
  const [, oldest] = /^>=(\d+)/.exec(manifest.engines.node) ?? []
  const tried = jobs.flatMap(({ job }) => job.strategy?.matrix.node ?? [])
  expect(tried).toEqual([Number(oldest), 22, 24])
})

describe('the job on images', () => {
  const env =
    jobs.flatMap(({ job }) => job.steps).find((step) => step.env?.['MCPVAULT_TEST_WAYS'] !== undefined)?.env ?? {}
  const ways = env['MCPVAULT_TEST_WAYS']?.split(',') ?? []
  const [, table = ''] = /\n(\| service [\s\S]*?)\n\n/.exec(readText('packages/testkit/README.md')) ?? []
  const [head = [], , ...services] = table.split('\n').map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
  const columns = head.map((cell) => /`(\w+)`/.exec(cell)?.[1] ?? cell)

  it('asks for ways that there are', () => {
    expect(ways.length).toBeGreaterThan(0)
    expect(columns).toEqual(expect.arrayContaining(ways))
  })

  it.each(services.map((cells) => [cells[0] ?? '', cells] as const))(
    'gets %s, on a machine where it is not root',
    (_, cells) => {
      const usable = ways.filter((way) => {
        const cell = cells[columns.indexOf(way)] ?? ''
        return way === 'url'
          ? /\bMCPVAULT_TEST_\w+/.test(cell) && env[/MCPVAULT_TEST_\w+/.exec(cell)?.[0] ?? '']
          : cell !== ''
      })
      expect(usable.filter((way) => way !== 'debian')).not.toEqual([])
    },
  )

  it('has images of a named version, those that the test kit starts', () => {
    const started = readText('packages/testkit/src/install/find-servers.ts').match(/(?<=image: ')[^']+/g) ?? []
    const told = services.flatMap((cells) => /`([^`]+)`/.exec(cells[columns.indexOf('container')] ?? '')?.[1] ?? [])
    expect(started.sort()).toEqual(told.sort())
    for (const image of started) expect(image).toMatch(/^[\w/]+:\d[\d.]*$/)
  })
})
