// Answers that come late, in another order, or to a page whose user has gone on: nothing newer is overwritten, and
// nothing typed is lost.
import type { Page } from '@mcpvault/testkit/browser'
import { expect, it } from 'vitest'
import { openSecret, rowOf, toast, type World } from '../support/world.ts'

/** As long as Playwright waits: the machine may be busy. */
const timeLimit = { timeout: 30_000 }

/** Keeps the answers back that fit, from now on. */
function hold(world: World, fits: (request: Request, place: string) => boolean) {
  let release = (): void => undefined
  const heldUntil = new Promise<void>((resolve) => {
    release = resolve
  })
  let seen = 0
  world.interrupt((request) => {
    if (!fits(request, new URL(request.url).pathname)) return undefined
    seen += 1
    return { heldUntil }
  })
  return {
    release,
    /** How many requests fitted. */
    seen: () => seen,
    /** Until the page has asked. */
    asked: () => expect.poll(() => seen, timeLimit).toBeGreaterThan(0),
  }
}

/** Until the page has taken an answer that it waits for. */
async function answered(page: Page, method: string, place: string, act: () => void): Promise<void> {
  const answer = page.waitForResponse(
    (response) => response.request().method() === method && new URL(response.url()).pathname.endsWith(place),
  )
  act()
  await (await answer).finished()
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))))
}

export function raceSuite(world: () => World): void {
  it('a late answer overwrites no newer state of a secret', async () => {
    const user = world().newUser('late')
    await world().scope(user, 'github').set('token', 'x', { description: 'the older one' })
    const page = await world().open(user)
    await rowOf(page, 'token').waitFor()
    const held = hold(world(), ({ method }, place) => method === 'GET' && place.endsWith('/token'))
    const drawer = await openSecret(page, 'token')
    await held.asked()
    await drawer.getByRole('button', { name: 'Edit' }).click()
    await drawer.getByLabel('Description').fill('the newer one')
    await drawer.getByRole('button', { name: 'Save', exact: true }).click()
    await toast(page, 'Settings saved').waitFor()
    await answered(page, 'GET', '/token', held.release)
    await drawer.getByText('the newer one').waitFor()
  })

  it('a list that was asked for before keeps what was added since', async () => {
    const user = world().newUser('adder')
    await world().scope(user, 'default').set('older', 'x')
    const held = hold(world(), ({ method }, place) => method === 'GET' && place.endsWith('/secrets'))
    const page = await world().open(user)
    await held.asked()
    await page.getByRole('button', { name: 'Add secret' }).click()
    const dialog = page.getByRole('dialog', { name: 'Add a secret' })
    await dialog.getByLabel('Value', { exact: true }).fill('a value')
    await dialog.getByLabel('Name').fill('newer')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await toast(page, 'newer is stored').waitFor()
    held.release()
    await rowOf(page, 'older').waitFor()
    await rowOf(page, 'newer').waitFor()
  })

  it('a save that ends after its form was closed closes no other one', async () => {
    const user = world().newUser('hasty')
    const page = await world().open(user)
    await page.getByRole('button', { name: 'Add secret' }).click()
    const dialog = page.getByRole('dialog', { name: 'Add a secret' })
    await dialog.getByLabel('Value', { exact: true }).fill('the first value')
    await dialog.getByLabel('Name').fill('first')
    const held = hold(world(), ({ method }) => method === 'PUT')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await held.asked()
    await page.keyboard.press('Escape')
    await dialog.getByRole('button', { name: 'Discard it' }).click()
    await page.getByRole('button', { name: 'Add secret' }).click()
    await dialog.getByLabel('Value', { exact: true }).fill('the second value')
    held.release()
    await toast(page, 'first is stored').waitFor()
    expect(await dialog.getByLabel('Value', { exact: true }).inputValue()).toBe('the second value')
  })

  it('a deletion that ends late leaves the drawer of another secret open', async () => {
    const user = world().newUser('deleter')
    for (const name of ['gone', 'other']) await world().scope(user, 'github').set(name, 'x')
    const page = await world().open(user)
    const gone = await openSecret(page, 'gone')
    const held = hold(world(), ({ method }) => method === 'DELETE')
    await gone.getByRole('button', { name: 'Delete' }).click()
    await held.asked()
    await gone.getByRole('button', { name: 'Close' }).click()
    const other = await openSecret(page, 'other')
    await other.getByRole('button', { name: 'Edit' }).click()
    await other.getByLabel('Description').fill('half typed')
    held.release()
    await toast(page, 'gone is deleted').waitFor()
    expect(await other.getByLabel('Description').inputValue()).toBe('half typed')
    await other.getByRole('heading', { name: 'other' }).waitFor()
  })

  it('an import that is closed in the middle writes nothing more', async () => {
    const user = world().newUser('stopper')
    const page = await world().open(user)
    await page.getByRole('button', { name: 'Paste .env' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('The text of the file').fill('ONE=1\nTWO=2')
    await dialog.getByLabel('Server').fill('web')
    await dialog.getByRole('button', { name: 'Preview' }).click()
    const held = hold(world(), ({ method }) => method === 'PUT')
    await dialog.getByRole('button', { name: 'Store 2 secrets' }).click()
    await held.asked()
    await page.keyboard.press('Escape')
    await dialog.getByRole('button', { name: 'Discard it' }).click()
    await answered(page, 'PUT', '/ONE', held.release)
    await rowOf(page, 'ONE').waitFor()
    expect(held.seen()).toBe(1)
    expect(await world().scope(user, 'web').describe('TWO')).toBeUndefined()
  })

  it('a list of permissions that a newer one has overtaken is not shown', async () => {
    const user = world().newUser('giver')
    await world().scope(user, 'github').set('token', 'x')
    const page = await world().open(user)
    const drawer = await openSecret(page, 'token')
    await drawer.getByText('who may use it').click()
    await drawer.getByText('Nobody but its owner').waitFor()
    let lists = 0
    const held = hold(world(), ({ method }, place) => {
      if (method !== 'GET' || !place.endsWith('/grants')) return false
      lists += 1
      return lists === 1
    })
    for (const friend of ['first-friend', 'second-friend']) {
      await drawer.getByLabel('Share with').fill(friend)
      await drawer.getByRole('button', { name: 'Share', exact: true }).click()
      // It would lie over the button.
      await toast(page, `${friend} may now use this secret`).getByRole('button').click()
      await expect.poll(() => lists, timeLimit).toBe(friend === 'first-friend' ? 1 : 2)
    }
    await drawer.getByRole('button', { name: 'Remove second-friend' }).waitFor()
    await answered(page, 'GET', '/grants', held.release)
    expect(await drawer.getByRole('button', { name: /^Remove / }).count()).toBe(2)
  })

  it('the names of fields that come late leave what was typed meanwhile', async () => {
    const user = world().newUser('typist')
    await world().scope(user, 'mail').set('account', { user: 'a', password: 'b' })
    const page = await world().open(user)
    const drawer = await openSecret(page, 'account')
    await drawer.getByRole('button', { name: 'New value' }).click()
    const dialog = page.getByRole('dialog', { name: 'New value of account' })
    const held = hold(world(), (_, place) => place.endsWith('/reveal'))
    await dialog.getByRole('button', { name: 'Show its field names' }).click()
    await held.asked()
    await dialog.getByLabel('Field').fill('password')
    await dialog.getByLabel('New value', { exact: true }).fill('typed meanwhile')
    held.release()
    await dialog.getByLabel('Field').nth(1).waitFor()
    const typed = await dialog.getByLabel('New value', { exact: true }).all()
    expect(await Promise.all(typed.map((field) => field.inputValue()))).toEqual(['typed meanwhile', ''])
  })

  it('going back in the middle of an edit asks first', async () => {
    const user = world().newUser('goer')
    await world().scope(user, 'github').set('token', 'x')
    const page = await world().open(user)
    const drawer = await openSecret(page, 'token')
    await drawer.getByRole('button', { name: 'Edit' }).click()
    const at = page.url()
    // In one task of the browser, so that nothing is painted in between. Its driver would wait for an address that the
    // page leaves at once.
    await drawer.getByLabel('Description').evaluate((field) => {
      Object.assign(field, { value: 'half typed' })
      field.dispatchEvent(new Event('input', { bubbles: true }))
      history.back()
    })
    await drawer.getByText('What you typed is not saved').waitFor()
    expect(await drawer.getByLabel('Description').inputValue()).toBe('half typed')
    await expect.poll(() => page.url()).toBe(at)
    await drawer.getByRole('button', { name: 'Discard it' }).click()
    await drawer.waitFor({ state: 'detached' })
  })

  it('what one user types is not stored for another who signed in in another tab', async () => {
    const [user, other] = [world().newUser('one'), world().newUser('another')]
    const page = await world().open(user)
    await page.getByRole('button', { name: 'Add secret' }).click()
    const dialog = page.getByRole('dialog', { name: 'Add a secret' })
    await dialog.getByLabel('Value', { exact: true }).fill('for one alone')
    await dialog.getByLabel('Name').fill('token')
    await page.context().addCookies([{ name: 'user', value: other, url: world().origin }])
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.getByText('The principal may not do this').waitFor()
    expect(await world().scope(other, 'default').describe('token')).toBeUndefined()
  })

  it('a variable whose secret was deleted is stored as a new one', async () => {
    const user = world().newUser('returner')
    const scope = world().scope(user, 'web')
    await scope.set('TOKEN', 'before')
    await scope.delete('TOKEN')
    const page = await world().open(user)
    await page.getByRole('button', { name: 'Paste .env' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('The text of the file').fill('TOKEN=after')
    await dialog.getByLabel('Server').fill('web')
    await dialog.getByRole('button', { name: 'Preview' }).click()
    await dialog.getByRole('button', { name: 'Store 1 secret' }).click()
    await toast(page, '1 secret stored').waitFor()
    expect((await scope.get('TOKEN'))?.reveal()).toBe('after')
  })

  it('the focus goes to the content when what it came from is gone', async () => {
    const user = world().newUser('focus')
    for (const name of ['kept', 'removed']) await world().scope(user, 'github').set(name, 'x')
    const page = await world().open(user)
    const drawer = await openSecret(page, 'removed')
    await drawer.getByRole('button', { name: 'Delete' }).click()
    await toast(page, 'removed is deleted').waitFor()
    await drawer.waitFor({ state: 'detached' })
    await page.locator('main:focus').waitFor()
    await openSecret(page, 'kept')
    await page.keyboard.press('Escape')
    const focused = page.locator('a:focus')
    await focused.waitFor()
    expect(await focused.textContent()).toBe('kept')
  })
}
