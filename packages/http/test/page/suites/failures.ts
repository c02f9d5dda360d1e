// When the network or the vault fails: what was typed stays, and trying again is enough.
import { expect, it } from 'vitest'
import { openSecret, rowOf, toast, type World } from '../support/world.ts'

export function failureSuite(world: () => World): void {
  it('a 503 and a cut connection in the middle of a save lose nothing typed, and double nothing', async () => {
    const user = world().newUser('unlucky')
    const scope = world().scope(user, 'default')
    const page = await world().open(user)
    await page.getByRole('button', { name: 'Add secret' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Value', { exact: true }).fill('a value')
    await dialog.getByLabel('Name').fill('token')
    const isWrite = (request: Request): boolean => request.method === 'PUT'
    world().interrupt((request) =>
      isWrite(request) ? new Response(null, { status: 503, headers: { 'retry-after': '2' } }) : undefined,
    )
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.getByText('Nothing was lost. Try again in 2 s').waitFor()
    world().interrupt((request) => (isWrite(request) ? 'cut after' : undefined))
    await dialog.getByRole('button', { name: 'Try again' }).click()
    await dialog.getByText('The server cannot be reached').waitFor()
    await page.getByText('No connection to the server').waitFor()
    expect(await dialog.getByLabel('Value', { exact: true }).inputValue()).toBe('a value')
    world().interrupt(undefined)
    // The write that got no answer was carried out, and the page says so instead of writing again.
    await dialog.getByRole('button', { name: 'Try again' }).click()
    await dialog.getByText('There is a secret of this name already').waitFor()
    expect(await scope.describe('token')).toMatchObject({ version: 1 })
  })

  it('works on after being offline', async () => {
    const user = world().newUser('offline')
    await world().scope(user, 'github').set('token', 'x')
    const page = await world().open(user)
    const drawer = await openSecret(page, 'token')
    await drawer.getByRole('button', { name: 'Edit' }).click()
    await drawer.getByLabel('Description').fill('typed offline')
    await page.context().setOffline(true)
    await drawer.getByRole('button', { name: 'Save', exact: true }).click()
    await drawer.getByText('The server cannot be reached').waitFor()
    expect(await drawer.getByLabel('Description').inputValue()).toBe('typed offline')
    await page.context().setOffline(false)
    await drawer.getByRole('button', { name: 'Try again' }).click()
    await toast(page, 'Settings saved').waitFor()
    expect((await world().scope(user, 'github').describe('token'))?.description).toBe('typed offline')
  })

  it('a session that ended is said, and a new sign-in goes on from there', async () => {
    const user = world().newUser('expired')
    await world().scope(user, 'github').set('token', 'x')
    const page = await world().open(user)
    const drawer = await openSecret(page, 'token')
    const cookies = await page.context().cookies()
    await page.context().clearCookies()
    await drawer.getByRole('button', { name: 'Reveal' }).click()
    await drawer.getByText('You are signed out').waitFor()
    await drawer.getByRole('button', { name: 'Copy' }).click()
    await drawer.getByText('You are signed out').waitFor()
    await page.context().addCookies(cookies)
    await drawer.getByRole('button', { name: 'Reveal' }).click()
    await drawer.getByText('x', { exact: true }).waitFor()
  })

  it('a list that cannot be loaded is tried again, after a skeleton', async () => {
    const user = world().newUser('retry')
    await world().scope(user, 'github').set('token', 'x')
    world().interrupt((request) => (request.url.includes('/secrets') ? new Response(null, { status: 503 }) : undefined))
    const page = await world().open(user)
    await page.getByText('The vault cannot do this at the moment').waitFor()
    world().interrupt(undefined)
    await page.getByRole('button', { name: 'Try again' }).click()
    await rowOf(page, 'token').waitFor()
  })
}
