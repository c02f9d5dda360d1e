// How the files of the settings page are served: to whom, under which name, and for how long they are kept.
import { describe, expect, it } from 'vitest'
import type { PageFiles } from '../../src/page/assets.ts'
import { isPagePath, servePage } from '../../src/page/serve.ts'

const bytes = (text: string) => new Uint8Array(new TextEncoder().encode(text))
const files: PageFiles = new Map([
  ['index.html', { type: 'text/html; charset=utf-8', bytes: bytes('<!doctype html>') }],
  ['assets/index-a1b2.js', { type: 'text/javascript; charset=utf-8', bytes: bytes('void 0') }],
])
const page = { basePath: '/vault', files, signInUrl: undefined, isSignedIn: async () => true }

describe('the page', () => {
  it('is at the base path with a slash, which relative addresses need', async () => {
    const redirect = await servePage({ ...page, path: '' })
    expect({ status: redirect?.status, location: redirect?.headers.get('location') }).toEqual({
      status: 302,
      location: '/vault/',
    })
    const html = await servePage({ ...page, path: '/' })
    expect(html?.status).toBe(200)
    expect(html?.headers.get('cache-control')).toBe('no-store')
    expect(await html?.text()).toBe('<!doctype html>')
  })

  it('sends who is not signed in to sign in, or says so', async () => {
    const stranger = { ...page, path: '/', isSignedIn: async () => false }
    const told = await servePage(stranger)
    expect(told?.status).toBe(401)
    expect(await told?.text()).toContain('not signed in')
    const sent = await servePage({ ...stranger, signInUrl: '/login' })
    expect({ status: sent?.status, location: sent?.headers.get('location') }).toEqual({
      status: 302,
      location: '/login',
    })
  })

  it('has files that are kept long, since a new one has another name', async () => {
    const file = await servePage({ ...page, path: '/assets/index-a1b2.js' })
    expect(file?.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    expect(file?.headers.get('cache-control')).toContain('immutable')
  })

  it.each([
    '/assets/absent.js',
    '/assets/../index.html',
    '/assets/%2e%2e/index.html',
    '/assets/',
    '/assets/index.html',
  ])('has no file at %s', async (path) => {
    expect(await servePage({ ...page, path })).toBeUndefined()
  })

  it.each([
    ['', true],
    ['/', true],
    ['/assets/a.js', true],
    ['/api/v1/me', false],
    ['/index.html', false],
    ['/assets', false],
  ])('has %j among its paths: %s', (path, expected) => {
    expect(isPagePath(path)).toBe(expected)
  })
})
