// The two pictures of the page in the documentation; `MCPVAULT_PICTURES=1` writes them again.
import { existsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from '@mcpvault/testkit/browser'
import { expect, it } from 'vitest'
import { openSecret, rowOf, type World } from '../support/world.ts'

const folder = join(import.meta.dirname, '..', '..', '..', '..', '..', 'docs', 'images')
const day = 86_400_000

export function pictureSuite(world: () => World): void {
  it('the pictures in the documentation are there, and small', async () => {
    const user = 'alice'
    await fill(world(), user)
    const list = await world().open(user)
    await rowOf(list, 'webhook_secret').waitFor()
    const secret = await world().open(user, { scheme: 'dark', width: 560 })
    const drawer = await openSecret(secret, 'deploy_token')
    await drawer.getByText('who may use it').click()
    await drawer.getByText('carol').waitFor()
    await drawer.locator('.dialog-content').evaluate((content) => content.scrollTo(0, 0))
    const paths = [await picture(list, 'page-secrets.png'), await picture(secret, 'page-secret.png')]
    expect(paths.every((path) => existsSync(path))).toBe(true)
    expect(paths.reduce((sum, path) => sum + statSync(path).size, 0)).toBeLessThan(150_000)
  })
}

/** A vault as somebody would have it after a while. */
async function fill(world: World, user: string): Promise<void> {
  const now = Date.now()
  const [github, stripe, orders] = ['github', 'stripe', 'orders-db'].map((server) => world.scope(user, server))
  const token = { type: 'api_key', tags: ['ci', 'release'], expiresAt: new Date(now + 12 * day) } as const
  await github?.set('deploy_token', 'x', { ...token, description: 'Publishes releases from the CI' })
  await github?.set('deploy_token', 'y')
  await github?.get('deploy_token')
  await github?.share('deploy_token', { with: 'bob', permission: 'read' })
  await github?.share('deploy_token', { with: 'carol', permission: 'write' })
  await github?.set('webhook_secret', 'x', { type: 'jwt_secret', tags: ['ci'] })
  await stripe?.set('restricted_key', 'x', { type: 'api_key', tier: 1, expiresAt: new Date(now + 80 * day) })
  await stripe?.set('old_key', 'x', { type: 'api_key', tier: 3 })
  await stripe?.deactivate('old_key')
  await orders?.set('database_url', 'x', { type: 'database_url', tier: 1, tags: ['prod', 'eu'] })
  const figma = world.scope('bob', 'figma')
  await figma.set('figma_token', 'x', { type: 'api_key' })
  await figma.share('figma_token', { with: user, permission: 'read' })
}

async function picture(page: Page, name: string): Promise<string> {
  const path = join(folder, name)
  await page.evaluate(() => document.fonts.ready)
  const bytes = await page.screenshot({
    animations: 'disabled',
    clip: { x: 0, y: 0, width: page.viewportSize()?.width ?? 0, height: 700 },
  })
  expect(bytes.length).toBeLessThan(75_000)
  if (process.env['MCPVAULT_PICTURES'] === '1') writeFileSync(path, bytes)
  return path
}
