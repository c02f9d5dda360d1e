// The page in a real browser: by keyboard alone, without scripts, on small screens, and against forms of other sites.
import { describeWith } from '@mcpvault/testkit'
import { axeViolations, type Page } from '@mcpvault/testkit/browser'
import { eventually } from '@mcpvault/testkit/eventually'
import { expect, it } from 'vitest'
import { startBrowserWorld } from '../support/elicit-browser.ts'
import { canary } from '../support/elicit-world.ts'
import { listen } from '../support/http-servers.ts'

describeWith('the page in a browser', startBrowserWorld, (world) => {
  it('takes a secret by keyboard alone, and works once', async () => {
    const app = await world().app()
    const url = await app.link()
    const page = await app.visit(url)
    await untilFocused(page, 'field-0.value')
    await page.keyboard.type('first')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Space')
    expect(await focused(page)).toBe('Mask Value')
    expect(await page.getByLabel('Value', { exact: true }).getAttribute('type')).toBe('text')
    await page.keyboard.press('Enter')
    expect(await page.getByLabel('Value', { exact: true }).getAttribute('type')).toBe('password')
    await page.keyboard.press('Shift+Tab')
    await page.keyboard.press('Control+A')
    await page.keyboard.type(canary)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Stored' }).waitFor()
    expect(await app.stored()).toBe(canary)
    await page.goto(url)
    await page.getByRole('heading', { name: 'This link was used' }).waitFor()
  })

  it('works without scripts', async () => {
    const app = await world().app()
    const page = await app.visit(await app.link(), { javaScriptEnabled: false })
    await page.getByLabel('Value').fill(canary)
    await page.getByRole('button', { name: 'Store' }).click()
    await page.getByRole('heading', { name: 'Stored' }).waitFor()
    expect(await app.stored()).toBe(canary)
  })

  it('says beside the field what is wrong, goes there, and keeps no value', async () => {
    const app = await world().app({ presets: { 'issues/token': 'twilio-auth-token' } })
    const page = await app.visit(await app.link())
    const sid = `AC${'0a'.repeat(16)}`
    await page.getByLabel('Account SID').fill(sid)
    await page.getByLabel('Auth token', { exact: true }).fill(canary)
    await page.getByRole('button', { name: 'Show Auth token' }).click()
    await page.getByRole('button', { name: 'Store' }).click()
    await page.getByText('Auth token must be 32 hexadecimal digits.').waitFor()
    const field = page.getByLabel('Auth token', { exact: true })
    await untilFocused(page, 'field-0.authToken')
    const description = await field.getAttribute('aria-describedby')
    expect(description?.split(' ')).toContain('field-0.authToken-error')
    expect(await page.getByLabel('Account SID').inputValue()).toBe(sid)
    expect(await keptBy(page)).not.toContain(canary)
    expect(await axeViolations(page)).toEqual([])
    await page.keyboard.type('0b'.repeat(16))
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Stored' }).waitFor()
    expect(await keptBy(page)).not.toContain('0b0b')
  })

  it('takes several lines, masked until they are shown', async () => {
    const app = await world().app({ presets: { 'issues/token': 'jwt-key' } })
    const label = 'PRIVATE KEY'
    const pem = `-----BEGIN ${label}-----\n${'QUJD'.repeat(16)}\n-----END ${label}-----`
    const page = await app.visit(await app.link())
    const area = page.getByLabel('Key', { exact: true })
    await area.fill(pem)
    const masking = (): Promise<unknown> =>
      page.evaluate(`getComputedStyle(document.querySelector('textarea')).getPropertyValue('-webkit-text-security')`)
    expect(await masking()).toBe('disc')
    await page.getByRole('button', { name: 'Show Key' }).click()
    expect(await masking()).toBe('none')
    await page.getByRole('button', { name: 'Store' }).click()
    await page.getByRole('heading', { name: 'Stored' }).waitFor()
    expect(await app.stored()).toBe(pem)
  })

  it('has no form for a wrong link, after its time, for another user, and for nobody', async () => {
    const app = await world().app()
    const url = await app.link()
    const headings = async (page: Page): Promise<string> =>
      `${await page.getByRole('heading').textContent()}, ${await page.locator('form').count()} forms`
    expect(await headings(await app.visit(`${url}x`))).toBe('There is no such link, 0 forms')
    expect(await headings(await app.visit(url, { user: 'bob' }))).toBe('This link is not for you, 0 forms')
    expect(await headings(await app.visit(url, { user: '' }))).toBe('You are not signed in, 0 forms')
    const open = await app.visit(url)
    app.clock.advance(600_000)
    await open.getByLabel('Value', { exact: true }).fill(canary)
    await open.keyboard.press('Enter')
    await open.getByRole('heading', { name: 'This link has expired' }).waitFor()
    expect(await app.stored()).toBeUndefined()
  })

  it.each([
    // Cookies do not look at ports, so the victim is signed in there.
    ['another port of the host', '127.0.0.1'],
    // Chromium sends new cookies along for two minutes.
    ['another site', 'localhost'],
  ])('takes no form that a page of %s sends in the name of its user', async (_, host) => {
    const app = await world().app()
    const url = await app.link()
    const form = `<form method="post" action="${url}"><input name="0.value" value="of the attacker"></form>
<button onclick="document.forms[0].submit()">Win a prize</button>`
    const evil = await listen((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end(form)
    })
    const page = await app.visit(evil.replace('127.0.0.1', host))
    const answer = page.waitForResponse(url)
    await page.getByRole('button').click()
    expect((await answer).status()).toBe(403)
    expect(await app.stored()).toBeUndefined()
  })

  it('cannot be framed', async () => {
    const app = await world().app()
    const url = await app.link()
    const outer = await listen((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end(`<title>outer</title><iframe src="${url}"></iframe>`)
    })
    const page = await app.visit('about:blank')
    // The browser says in its console that it refuses the frame, so that page is one without a watch on it.
    const watcher = await page.context().newPage()
    await watcher.goto(outer)
    expect(await watcher.frames()[1]?.locator('form').count()).toBe(0)
  })

  it('[S43] shows names that look like markup as text', async () => {
    const payload = `<img src=x onerror="globalThis.hacked=1">"'&\u202e`
    const user = '<script>globalThis.hacked=1<\u002fscript>'
    const app = await world().app()
    const page = await app.visit(await app.link(user, [payload, `"><legend>${payload}`]), { user, width: 320 })
    await page.getByText(payload.replace('\u202e', '⟨U+202E⟩')).first().waitFor()
    await page.getByText(user).waitFor()
    await page.getByRole('button', { name: 'Store' }).click()
    expect(await page.evaluate(`['hacked' in globalThis, document.querySelectorAll('img, script').length]`)).toEqual([
      false,
      1,
    ])
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
  })

  it.each(['light', 'dark'] as const)('meets WCAG 2.2 AA in %s, with a form and without', async (scheme) => {
    const app = await world().app({ presets: { 'issues/token': 'github-fine-grained-token' } })
    const url = await app.link('alice', ['token', 'other'])
    expect(await axeViolations(await app.visit(url, { scheme, width: 320 }))).toEqual([])
    expect(await axeViolations(await app.visit(url, { scheme, user: 'bob' }))).toEqual([])
  })
})

/** A browser moves the focus to a field only when it draws the page, which may be after the page has loaded. */
async function untilFocused(page: Page, id: string): Promise<void> {
  await eventually(async () => expect(await page.evaluate('document.activeElement.id')).toBe(id))
}

function focused(page: Page): Promise<unknown> {
  return page.evaluate(`document.activeElement.getAttribute('aria-label')`)
}

/** Everything that the browser has of the page: its DOM with what fields hold, its storage, its address and title. */
async function keptBy(page: Page): Promise<string> {
  const kept: unknown = await page.evaluate(`[
    document.documentElement.outerHTML,
    ...[...document.querySelectorAll('input, textarea')].map((field) => field.value),
    JSON.stringify(localStorage), JSON.stringify(sessionStorage), document.cookie,
    location.href, document.title, JSON.stringify(history.state),
  ].join('\\n')`)
  return String(kept)
}
