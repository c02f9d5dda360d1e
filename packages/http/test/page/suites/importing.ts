// Pasting a .env file: what would change is shown before anything is written.
import { expect, it } from 'vitest'
import { canary, keptBy, rowOf, toast, type World } from '../support/world.ts'

export function importSuite(world: () => World): void {
  it('tells new, changed, same and refused apart, and then writes the first two', async () => {
    const user = world().newUser('importer')
    const scope = world().scope(user, 'web')
    await scope.set('SAME', `${canary}-same`)
    await scope.set('CHANGED', `${canary}-before`)
    const page = await world().open(user)
    await rowOf(page, 'SAME').waitFor()
    await page.keyboard.press('i')
    const dialog = page.getByRole('dialog')
    const token = `${'ghp'}_${'a'.repeat(36)}`
    const lines = [`NEW=${token}`, `SAME="${canary}-same"`, 'CHANGED=after', 'EMPTY=', 'not a variable']
    await dialog.getByLabel('The text of the file').fill(lines.join('\n'))
    await dialog.getByLabel('Server').fill('web')
    await dialog.getByRole('button', { name: 'Preview' }).click()
    await dialog.getByText('1 new, 1 changed, 1 the same, 2 refused').waitFor()
    const fates = await dialog.locator('tbody tr').allInnerTexts()
    expect(fates.map((text) => text.replaceAll(/\s+/g, ' ').trim())).toEqual([
      '1 NEW new looks like a GitHub classic token',
      '2 SAME same',
      '3 CHANGED changed becomes version 2',
      '4 EMPTY refused has no value.',
      expect.stringMatching(/^5 refused The line must be a name/),
    ])
    expect(await keptBy(page)).not.toContain(canary)
    expect((await scope.get('CHANGED'))?.reveal()).toBe(`${canary}-before`)
    expect(await scope.describe('NEW')).toBeUndefined()

    await dialog.getByRole('button', { name: 'Store 2 secrets' }).click()
    await toast(page, '2 secrets stored').waitFor()
    expect((await scope.get('NEW'))?.reveal()).toBe(token)
    expect(await scope.describe('NEW')).toMatchObject({ type: 'api_key' })
    expect((await scope.get('CHANGED'))?.reveal()).toBe('after')
    expect(await scope.describe('SAME')).toMatchObject({ version: 1 })
  })

  it('goes on after an outage in the middle, with what is left', async () => {
    const user = world().newUser('resumer')
    const scope = world().scope(user, 'web')
    const page = await world().open(user)
    await page.getByRole('button', { name: 'Paste .env' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('The text of the file').fill('ONE=1\nTWO=2\nTHREE=3')
    await dialog.getByLabel('Server').fill('web')
    await dialog.getByRole('button', { name: 'Preview' }).click()
    world().interrupt((request) =>
      new URL(request.url).pathname.endsWith('/TWO') ? new Response(null, { status: 503 }) : undefined,
    )
    await dialog.getByRole('button', { name: 'Store 3 secrets' }).click()
    // The second is asked for while the button counts two already.
    await dialog.getByText('not stored').waitFor()
    expect(await scope.describe('THREE')).toBeUndefined()
    world().interrupt(undefined)
    await dialog.getByRole('button', { name: 'Store 2 secrets' }).click()
    await toast(page, '3 secrets stored').waitFor()
    expect((await scope.get('THREE'))?.reveal()).toBe('3')
  })
}
