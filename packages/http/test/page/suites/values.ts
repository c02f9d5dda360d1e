// Values: never in the browser before a reveal, and gone from it afterwards.
import { expect, it } from 'vitest'
import { canary, keptBy, openSecret, toast, type World } from '../support/world.ts'

export function valueSuite(world: () => World): void {
  it('is shown on demand, hides by itself after 30 s, and then is nowhere in the browser', async () => {
    const user = world().newUser('revealer')
    const value = `${canary}-revealed`
    await world().scope(user, 'github').set('token', value)
    const page = await world().open(user, { clock: 'of the test' })
    const drawer = await openSecret(page, 'token')
    expect(await keptBy(page)).not.toContain(canary)
    await drawer.getByRole('button', { name: 'Reveal' }).click()
    await drawer.getByText(value).waitFor()
    await page.clock.fastForward(29_000)
    expect(await drawer.getByText(value).count()).toBe(1)
    await page.clock.fastForward(2_000)
    await drawer.getByText('The value is hidden').waitFor()
    expect(await keptBy(page)).not.toContain(canary)
    await expectForgotten(page, value)
  })

  it('hides when the user says so, when the tab is left, and when the secret is closed', async () => {
    const user = world().newUser('leaver')
    await world().scope(user, 'github').set('token', `${canary}-left`)
    const page = await world().open(user)
    const drawer = await openSecret(page, 'token')
    const reveal = async (): Promise<void> => {
      await drawer.getByRole('button', { name: 'Reveal' }).click()
      await drawer.getByText(canary).waitFor()
    }
    await reveal()
    await drawer.getByRole('button', { name: 'Hide' }).click()
    expect(await keptBy(page)).not.toContain(canary)
    await reveal()
    await page.evaluate(() => {
      Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true })
      document.dispatchEvent(new Event('visibilitychange'))
      Reflect.deleteProperty(document, 'visibilityState')
    })
    await drawer.getByText('The value is hidden').waitFor()
    expect(await keptBy(page)).not.toContain(canary)
    await reveal()
    await page.keyboard.press('Escape')
    await drawer.waitFor({ state: 'detached' })
    expect(await keptBy(page)).not.toContain(canary)
  })

  it('is copied without being shown', async () => {
    const user = world().newUser('copier')
    await world().scope(user, 'github').set('token', `${canary}-copied`)
    const page = await world().open(user)
    const drawer = await openSecret(page, 'token')
    await drawer.getByRole('button', { name: 'Copy' }).click()
    await toast(page, 'Copied').waitFor()
    expect(await keptBy(page)).not.toContain(canary)
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(`${canary}-copied`)
  })

  it('looks the same for every value while it is hidden', async () => {
    const user = world().newUser('looker')
    const scope = world().scope(user, 'github')
    await scope.set('long', `${canary}${'l'.repeat(500)}`)
    await scope.set('short', 's')
    const page = await world().open(user)
    const pictures: string[] = []
    for (const name of ['long', 'short']) {
      const drawer = await openSecret(page, name)
      const picture = await drawer.locator('.masked-value').screenshot({ animations: 'disabled' })
      pictures.push(picture.toString('base64'))
      await page.keyboard.press('Escape')
    }
    expect(pictures[0]).toBe(pictures[1])
  })

  it('asks for the reason that a critical secret wants', async () => {
    const user = world().newUser('reasoner')
    await world().scope(user, 'github').set('root', `${canary}-root`, { tier: 1 })
    const page = await world().open(user)
    const drawer = await openSecret(page, 'root')
    await drawer.getByRole('button', { name: 'Reveal' }).click()
    await drawer.getByText('asks for a reason').waitFor()
    await drawer.getByLabel('Reason').fill('incident 7')
    await drawer.getByRole('button', { name: 'Reveal' }).click()
    await drawer.getByText(`${canary}-root`).waitFor()
    const { items } = await world()
      .vault.as({ id: user })
      .auditLog({ owner: user, actions: ['secret.accessed'] })
    expect(items[0]?.event.reason).toBe('incident 7')
  })
}

/** No string of the page's own memory has the value, once what is unreachable is collected. */
async function expectForgotten(page: import('@mcpvault/testkit/browser').Page, value: string): Promise<void> {
  const session = await page.context().newCDPSession(page)
  let snapshot = ''
  session.on('HeapProfiler.addHeapSnapshotChunk', ({ chunk }) => {
    snapshot += chunk
  })
  // What an answer that has just ended still holds for the browser is let go a moment later.
  const hasValue = async (): Promise<boolean> => {
    snapshot = ''
    await session.send('HeapProfiler.collectGarbage')
    await session.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false })
    expect(snapshot.includes('The value is hidden')).toBe(true)
    return snapshot.includes(value)
  }
  await expect.poll(hasValue, { timeout: 30_000 }).toBe(false)
  await session.detach()
}
