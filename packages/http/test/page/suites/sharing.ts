// Sharing: two users in two browsers.
import { expect, it } from 'vitest'
import { canary, openSecret, rowOf, toast, type World } from '../support/world.ts'

export function sharingSuite(world: () => World): void {
  it('one user shares, the other uses it until it is taken back', async () => {
    const [owner, friend] = [world().newUser('owner'), world().newUser('friend')]
    await world().scope(owner, 'github').set('token', `${canary}-shared`)
    const mine = await world().open(owner)
    const theirs = await world().open(friend)
    await theirs.getByRole('heading', { name: 'No secrets yet' }).waitFor()

    const drawer = await openSecret(mine, 'token')
    await drawer.getByText('who may use it').click()
    await drawer.getByText('Nobody but its owner').waitFor()
    await drawer.getByText('Also sets new values').waitFor()
    await drawer.getByLabel('Share with').fill(friend)
    await drawer.getByRole('button', { name: 'Share', exact: true }).click()
    await toast(mine, `${friend} may now use this secret: read`).waitFor()

    await theirs.reload()
    await rowOf(theirs, 'token').getByText(`from ${owner}`).waitFor()
    const seen = await openSecret(theirs, 'token')
    await seen.getByRole('button', { name: 'Reveal' }).click()
    await seen.getByText(`${canary}-shared`).waitFor()
    await seen.getByText('who may use it').click()
    await seen.getByText('Only its owner, and who has the permission admin').waitFor()
    await seen.getByRole('button', { name: 'New value' }).click()
    const dialog = theirs.getByRole('dialog', { name: 'New value of token' })
    await dialog.getByLabel('Value', { exact: true }).fill('not allowed')
    await dialog.getByRole('button', { name: 'Save as version 2' }).click()
    await dialog.getByRole('alert').waitFor()

    await drawer.getByRole('button', { name: `Remove ${friend}` }).click()
    await toast(mine, `${friend} can no longer use this secret`).waitFor()
    await theirs.reload()
    await theirs.getByText('There is no such secret').waitFor()
    expect(await theirs.getByText(canary).count()).toBe(0)
  })

  it('the filter finds what others share', async () => {
    const [owner, friend] = [world().newUser('owner'), world().newUser('friend')]
    await world().scope(owner, 'figma').set('of-owner', 'x')
    await world().scope(owner, 'figma').share('of-owner', { with: friend, permission: 'read' })
    await world().scope(friend, 'figma').set('of-friend', 'x')
    const page = await world().open(friend)
    await rowOf(page, 'of-friend').waitFor()
    await page.getByLabel('Sharing').selectOption('with-me')
    await page.getByText('1 secret', { exact: true }).waitFor()
    await rowOf(page, 'of-owner').waitFor()
  })
}
