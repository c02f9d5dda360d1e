// Taking secrets out of use: deactivate, delete with undo, destroy for good.
import { expect, it } from 'vitest'
import { openSecret, rowOf, toast, type World } from '../support/world.ts'

export function removalSuite(world: () => World): void {
  it('deactivates and activates', async () => {
    const user = world().newUser('switcher')
    await world().scope(user, 'github').set('token', 'x')
    const page = await world().open(user)
    const drawer = await openSecret(page, 'token')
    await drawer.getByRole('button', { name: 'Deactivate' }).click()
    await drawer.getByText('Its state is inactive').waitFor()
    expect(await drawer.getByRole('button', { name: 'Reveal' }).isDisabled()).toBe(true)
    await drawer.getByRole('button', { name: 'Activate' }).click()
    await drawer.getByRole('button', { name: 'Deactivate' }).waitFor()
    expect((await world().scope(user, 'github').describe('token'))?.state).toBe('active')
  })

  it('deletes, and undoes it', async () => {
    const user = world().newUser('deleter')
    const scope = world().scope(user, 'github')
    await scope.set('token', 'x')
    await scope.set('other', 'x')
    const page = await world().open(user)
    const drawer = await openSecret(page, 'token')
    await drawer.getByRole('button', { name: 'Delete' }).click()
    await toast(page, 'token is deleted').waitFor()
    expect(await rowOf(page, 'token').count()).toBe(0)
    expect((await scope.list({ state: 'deleted' })).items).toMatchObject([{ name: 'token' }])
    await page.getByRole('button', { name: 'Undo' }).click()
    await toast(page, 'token is back').waitFor()
    await rowOf(page, 'token').waitFor()
    expect((await scope.describe('token'))?.state).toBe('active')
  })

  it('finds what was deleted by its state, and brings it back', async () => {
    const user = world().newUser('finder')
    const scope = world().scope(user, 'github')
    await scope.set('gone', 'x')
    await scope.set('here', 'x')
    await scope.delete('gone')
    const page = await world().open(user)
    await rowOf(page, 'here').waitFor()
    await page.getByLabel('State').selectOption('deleted')
    const drawer = await openSecret(page, 'gone')
    await drawer.getByRole('button', { name: 'Undelete' }).click()
    await drawer.getByRole('button', { name: 'Deactivate' }).waitFor()
    expect((await scope.describe('gone'))?.state).toBe('active')
  })

  it('destroys only once the name is typed', async () => {
    const user = world().newUser('destroyer')
    const scope = world().scope(user, 'github')
    await scope.set('token', 'x')
    const page = await world().open(user)
    const drawer = await openSecret(page, 'token')
    await drawer.getByRole('button', { name: 'Destroy' }).click()
    const dialog = page.getByRole('dialog', { name: 'Destroy for good' })
    const button = dialog.getByRole('button', { name: 'Destroy' })
    expect(await button.isDisabled()).toBe(true)
    await dialog.getByLabel('Type its name').fill('tokens')
    expect(await button.isDisabled()).toBe(true)
    await dialog.getByLabel('Type its name').fill('token')
    await button.click()
    await toast(page, 'token is destroyed').waitFor()
    expect(await scope.describe('token')).toBeUndefined()
  })
}
