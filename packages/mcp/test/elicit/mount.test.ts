// The page over node:http and Express, its headers beside those of the settings page, and its colors.
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import express from 'express'
import { describe, expect, it } from 'vitest'
import { type ElicitHandler, incomingOf, toExpress, toNode } from '../../src/elicit/index.ts'
import { secured } from '../../src/elicit/page/headers.ts'
import { style } from '../../src/elicit/page/style.ts'
import { canary, csrfIn, elicitWorld } from '../support/elicit-world.ts'
import { listen } from '../support/http-servers.ts'

type Mount = (handler: ElicitHandler) => Promise<string>

const mounts: readonly (readonly [string, Mount])[] = [
  ['node:http', (handler) => listen(toNode(handler))],
  ['Express', (handler) => listen(express().use('/connect', toExpress(handler)))],
  [
    'Express behind its body parsers',
    (handler) =>
      listen(
        express()
          .use(express.json(), express.urlencoded({ extended: true }))
          .use('/connect', toExpress(handler)),
      ),
  ],
  [
    'Express behind a parser that keeps the bytes',
    (handler) =>
      listen(
        express()
          .use(express.raw({ type: () => true }))
          .use('/connect', toExpress(handler)),
      ),
  ],
]

const headers = { 'x-user': 'alice' }

describe('the page', () => {
  it.each(mounts)('is served by %s, takes the form, and refuses what is no form', async (_, mount) => {
    const world = elicitWorld()
    const origin = await mount(world.elicitation.handler)
    const link = await world.link()
    const url = `${origin}connect/${link.split('/').at(-1)}`
    const csrf = csrfIn(await (await fetch(url, { headers })).text())
    const post = (body: string | URLSearchParams, type?: string): Promise<Response> =>
      fetch(url, { method: 'POST', body, headers: { ...headers, ...(type !== undefined && { 'content-type': type }) } })
    expect((await post('{"csrf":"x"}', 'application/json')).status).toBe(415)
    expect((await post(new URLSearchParams({ '0.value': `${canary} äß&=` }))).status).toBe(403)
    expect((await post(new URLSearchParams({ '0.value': `${canary} äß&=`, csrf }))).status).toBe(200)
    expect(await world.stored()).toBe(`${canary} äß&=`)
    expect((await fetch(url, { method: 'HEAD', headers })).status).toBe(410)
  })

  it.each(mounts)('has its files in %s', async (_, mount) => {
    const origin = await mount(elicitWorld().elicitation.handler)
    const answers = await Promise.all(['elicit.css', 'elicit.js'].map((name) => fetch(`${origin}connect/${name}`)))
    expect(answers.map((answer) => [answer.status, answer.headers.get('content-type')])).toEqual([
      [200, 'text/css; charset=utf-8'],
      [200, 'text/javascript; charset=utf-8'],
    ])
    expect((await fetch(`${origin}connect/elicit.css`, { method: 'POST' })).status).toBe(405)
  })

  it.each(['said', 'not said'])('refuses a body that is too large, whose length is %s, and answers', async (length) => {
    const world = elicitWorld()
    const origin = await listen(toNode(world.elicitation.handler))
    const url = `${origin}connect/${(await world.link()).split('/').at(-1)}`
    const body = Buffer.alloc(3_000_000, 97)
    const type = { 'content-type': 'application/x-www-form-urlencoded' }
    const status = await new Promise((resolve, reject) => {
      const said = length === 'said' ? { 'content-length': body.length } : {}
      const sending = request(url, { method: 'POST', headers: { ...headers, ...type, ...said } })
      sending.once('response', (answer) => resolve(answer.resume().statusCode))
      sending.once('error', reject)
      sending.end(body)
    })
    expect(status).toBe(413)
  })

  it('knows the request of the server that it came by', async () => {
    const world = elicitWorld({
      principalOfBrowser: (request) => ({ id: String(incomingOf(request)?.headers['x-user']) }),
    })
    const origin = await listen(toNode(world.elicitation.handler))
    const url = `${origin}connect/${(await world.link()).split('/').at(-1)}`
    expect([(await fetch(url, { headers })).status, (await fetch(url)).status]).toEqual([200, 403])
  })
})

describe('the headers', () => {
  const source = readFileSync(new URL('../../../http/src/safety/headers.ts', import.meta.url), 'utf8')

  it('are those of the settings page, but that the form may be sent', () => {
    const policy = [...(/const policy = \[([^\]]*)\]/.exec(source)?.[1]?.matchAll(/"([^"]+)"/g) ?? [])].map(
      (each) => each[1],
    )
    const others = [...source.matchAll(/\['([\w-]+)', '([^']+)'\]/g)].map(([, name, value]) => [name, value])
    expect([policy.length, others.length]).toEqual([8, 5])
    const own = secured(new Response()).headers
    expect(own.get('content-security-policy')?.split('; ')).toEqual(
      policy.map((each) => (each === "form-action 'none'" ? "form-action 'self'" : each)),
    )
    expect(Object.fromEntries(own)).toMatchObject(Object.fromEntries(others))
    expect(own.get('cache-control')).toBe('no-store')
  })

  it('are on every answer', async () => {
    const world = elicitWorld({ signInUrl: () => 'https://app.example.com/sign-in' })
    const url = await world.link()
    const answers = [
      await world.open(url),
      await world.open(url, 'bob'),
      await world.open(url, ''),
      await world.open(`${url}x`),
      await world.open(url, 'alice', { method: 'PUT' }),
      await world.send(url, { '0.value': '' }),
      await world.open('https://app.example.com/connect/elicit.css'),
    ]
    expect(answers.map(({ status }) => status)).toEqual([200, 403, 303, 404, 405, 422, 200])
    for (const answer of answers) {
      expect(answer.headers.get('content-security-policy')).toContain("script-src 'self'")
      expect(answer.headers.get('cache-control')).toBe('no-store')
      expect(answer.headers.get('referrer-policy')).toBe('no-referrer')
    }
  })

  it('need no inline script or style', async () => {
    const world = elicitWorld()
    const { text } = await world.open(await world.link())
    expect(text).not.toMatch(/<style|style=|<script>|\son[a-z]+=/)
  })
})

describe('the colors', () => {
  it('are those of the settings page, light and dark', () => {
    const source = readFileSync(new URL('../../../http/page/style/base.css', import.meta.url), 'utf8')
    const known = new Set(propertiesIn(source))
    expect(propertiesIn(style).length).toBeGreaterThan(15)
    expect(propertiesIn(style).filter((each) => !known.has(each))).toEqual([])
  })

  function propertiesIn(css: string): readonly string[] {
    return [...css.matchAll(/(--[\w-]+): ([^;]+);/g)].map(([, name, value]) => `${name}: ${value}`)
  }
})
