// The audit trail on the page: who, what, when, from where; filters, pages, live refresh, export, verification.
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import type { World } from '../support/world.ts'

export function auditSuite(world: () => World): void {
  it('[S33] shows and filters the events on the own secrets, also as they come', async () => {
    const user = world().newUser('watcher')
    const scope = world().scope(user, 'github')
    await scope.set('token', 'x')
    await scope.set('other', 'x')
    await scope.get('token')
    await scope.share('token', { with: 'bob', permission: 'read' })
    // Events of one millisecond in two streams come in either order.
    const sharedMs = Date.now()
    await expect.poll(() => Date.now()).toBeGreaterThan(sharedMs)
    await world().vault.as({ id: 'bob' }).scope({ owner: user, server: 'github' }).get('token')
    const page = await world().open(user, { at: '#/audit', clock: 'of the test' })
    const rows = page.locator('table.events tbody tr')
    await rows.nth(4).waitFor()
    expect((await rows.allInnerTexts())[0]).toMatch(/bob\s+read\s+token v1 github\s+allowed/)
    await page.getByLabel('What').selectOption('sharing')
    await page.clock.fastForward(500)
    await page.getByText('1 event', { exact: true }).waitFor()
    expect((await rows.allInnerTexts())[0]).toMatch(/shared with bob/)
    await page.getByRole('button', { name: 'Clear' }).click()
    await page.getByLabel('Who', { exact: true }).fill('bob')
    await page.clock.fastForward(500)
    await page.getByText('1 event', { exact: true }).waitFor()
    await page.getByLabel('Who', { exact: true }).fill('')
    await page.getByLabel('Secret').fill('other')
    await page.clock.fastForward(500)
    await page.getByText('1 event', { exact: true }).waitFor()

    await page.getByLabel('Live').check()
    await scope.delete('other')
    await page.clock.fastForward(11_000)
    await page.getByText('2 events', { exact: true }).waitFor()
    expect((await rows.allInnerTexts())[0]).toMatch(/deleted\s+other/)
  })

  it('[S33] pages through a long trail, and exports what the filters leave', async () => {
    const user = world().newUser('pager')
    const scope = world().scope(user, 'github')
    await scope.set('token', 'x')
    for (let read = 0; read < 104; read++) await scope.get('token')
    const page = await world().open(user, { at: '#/audit' })
    await page.getByText('100 events loaded, there are older ones').waitFor()
    await page.getByRole('button', { name: 'Load older' }).click()
    await page.getByText('105 events', { exact: true }).waitFor()
    await page.getByLabel('What').selectOption('changes')
    await page.getByText('1 event', { exact: true }).waitFor()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Export' }).click(),
    ])
    const lines = readFileSync(await download.path(), 'utf8')
      .trim()
      .split('\n')
    expect(lines.map((line) => JSON.parse(line).action)).toEqual(['secret.created'])
  })

  it('[S33] says what was verified, and shows the first bad event after a row was altered in the database', async () => {
    const user = world().newUser('auditor')
    const scope = world().scope(user, 'github')
    await scope.set('token', 'x')
    await scope.get('token')
    await scope.delete('token')
    const page = await world().open(user, { at: '#/audit' })
    await page.getByRole('button', { name: 'Verify' }).click()
    await page.getByText(/All [\d,]+ events of \d+ streams? hold/).waitFor()
    await page.getByText('verified', { exact: true }).waitFor()

    const [event] = (
      await world()
        .vault.as({ id: user })
        .auditLog({ owner: user, actions: ['secret.accessed'] })
    ).items
    const place = `stream = '${event?.stream}' AND sequence = ${event?.sequence}`
    const altered = "CAST(replace(CAST(body AS TEXT), 'allowed', 'refused') AS BLOB)"
    world().alter(`UPDATE mcpvault_audit SET body = ${altered} WHERE ${place}`)
    await page.getByRole('button', { name: 'Verify again' }).click()
    await page.getByText('does not hold').waitFor()
    await page
      .getByText(`Event ${event?.sequence} of stream ${event?.stream.slice(0, 8)} was altered`)
      .first()
      .waitFor()
    await page.reload()
    await page.locator('tr.bad', { hasText: 'was altered in the store' }).waitFor()
  })
}
