// Adding secrets: presets with their own fields and checks, generated values, the first steps of an empty vault.
import { expect, it } from 'vitest'
import { canary, toast, type World } from '../support/world.ts'

export function addingSuite(world: () => World): void {
  it('an empty vault says what to do first', async () => {
    const page = await world().open(world().newUser('new'))
    await page.getByRole('heading', { name: 'No secrets yet' }).waitFor()
    await page.getByRole('button', { name: 'Paste .env' }).click()
    await page.getByRole('heading', { name: 'Paste a .env file' }).waitFor()
  })

  it('[A11] refuses a value that its preset knows to be wrong, and stores the right one', async () => {
    const user = world().newUser('adder')
    const page = await world().open(user)
    await page.getByRole('button', { name: 'Add secret' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('What is it').selectOption({ label: 'Stripe secret key' })
    expect(await dialog.getByLabel('Name').inputValue()).toBe('stripe_secret_key')
    const token = dialog.getByLabel('Token', { exact: true })
    await token.fill(`${'pk_'}${'live_'}${'a'.repeat(24)}`)
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.getByText('is a publishable key').waitFor()
    expect(await token.getAttribute('aria-invalid')).toBe('true')
    expect(await world().scope(user, 'default').describe('stripe_secret_key')).toBeUndefined()

    const right = `${'sk_'}${'live_'}${'a'.repeat(24)}`
    await token.fill(right)
    await dialog.getByRole('button', { name: 'Save' }).click()
    await toast(page, 'stripe_secret_key is stored').waitFor()
    const stored = await world().scope(user, 'default').get('stripe_secret_key')
    expect(stored?.reveal()).toBe(right)
    expect((await world().scope(user, 'default').describe('stripe_secret_key'))?.type).toBe('api_key')
  })

  it('[A11] a value of several fields has a field for each', async () => {
    const user = world().newUser('twilio')
    const page = await world().open(user)
    await page.getByRole('button', { name: 'Add secret' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('What is it').selectOption('twilio-auth-token')
    await dialog.getByLabel('Account SID').fill(`${'A'}C${'1'.repeat(32)}`)
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.getByText('Auth token must not be empty').waitFor()
    await dialog.getByLabel('Auth token', { exact: true }).fill('b'.repeat(32))
    await dialog.getByLabel('Name').fill('account')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await toast(page, 'account is stored').waitFor()
    const fields = Object.values((await world().scope(user, 'default').get('account'))?.fields() ?? {})
    expect(fields.sort()).toEqual([`${'A'}C${'1'.repeat(32)}`, 'b'.repeat(32)])
  })

  it('generates a strong value, and takes settings with it', async () => {
    const user = world().newUser('generator')
    const page = await world().open(user)
    await page.getByRole('button', { name: 'Add secret' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Generate a strong value' }).click()
    await dialog.getByLabel('Name').fill('session')
    await dialog.getByLabel('Server').fill('web')
    await dialog.getByText('More settings').click()
    await dialog.getByLabel('Description').fill('signs sessions')
    await dialog.getByLabel('Tier').selectOption('3')
    await dialog.getByLabel('Tags').fill('web, prod')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await toast(page, 'session is stored').waitFor()
    const scope = world().scope(user, 'web')
    expect((await scope.get('session'))?.reveal()).toMatch(/^[\w-]{43}$/)
    expect(await scope.describe('session')).toMatchObject({
      tier: 3,
      tags: ['prod', 'web'],
      description: 'signs sessions',
    })
  })

  it('a name that is taken is said, and nothing is overwritten until that is asked for', async () => {
    const user = world().newUser('twice')
    const scope = world().scope(user, 'default')
    await scope.set('token', `${canary} first`)
    const page = await world().open(user)
    await page.getByRole('button', { name: 'Add secret' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Value', { exact: true }).fill('second')
    await dialog.getByLabel('Name').fill('token')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.getByText('There is a secret of this name already').waitFor()
    expect((await scope.get('token'))?.reveal()).toBe(`${canary} first`)
    await dialog.getByRole('button', { name: 'Store as version 2' }).click()
    await toast(page, 'token is stored').waitFor()
    expect((await scope.get('token'))?.reveal()).toBe('second')
  })
}
