// Two people use the app in real browsers: sign-in, a secret from its preset to its end, sharing, the feature, the trail.
import { axeViolations } from '@mcpvault/testkit/browser'
import { expect, it } from 'vitest'
import { startApp } from './support/app.ts'
import { openPeople, openSecret, signIn, toast } from './support/people.ts'
import { startRecorder } from './support/recorder.ts'
import { screenshot } from './support/screenshots.ts'

it('[S33] [A3] two users keep, share, use and destroy a token on the page, and only a reveal answers with its value', async () => {
  const app = await startApp()
  const token = app.token('alice')
  const recorder = await startRecorder(app.url)
  const people = await openPeople(recorder.url)
  const [alice, bob] = [await people.newPage(), await people.newPage()]
  expect(await axeViolations(alice)).toEqual([])
  await signIn(alice, 'alice')
  expect(await axeViolations(alice)).toEqual([])
  await signIn(bob, 'bob')

  // Added with the checks of its preset.
  await alice.getByRole('link', { name: 'Open the vault' }).click()
  await alice.getByRole('button', { name: 'Add secret' }).click()
  const dialog = alice.getByRole('dialog')
  await dialog.getByLabel('What is it').selectOption({ label: 'GitHub classic token' })
  await dialog.getByLabel('Token', { exact: true }).fill('not a token')
  await dialog.getByLabel('Server').fill('github')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog
    .locator('[aria-invalid="true"]')
    .and(dialog.getByLabel('Token', { exact: true }))
    .waitFor()
  await dialog.getByLabel('Token', { exact: true }).fill(token)
  await dialog.getByRole('button', { name: 'Save' }).click()
  await toast(alice, 'github_token is stored').waitFor()

  // Revealed, and hidden again.
  const drawer = alice.locator('dialog.side')
  await drawer.getByRole('button', { name: 'Reveal' }).click()
  await drawer.getByText(token).waitFor()
  await drawer.getByRole('button', { name: 'Hide' }).click()
  expect(await alice.content()).not.toContain(token)

  // The feature uses it: for its owner, and after sharing for the other user.
  await alice.goto(recorder.url)
  await alice.getByText('Replace the logo').waitFor()
  await bob.reload()
  await bob.getByText('Connect your account').waitFor()
  await alice.getByRole('link', { name: 'Vault' }).click()
  await openSecret(alice, 'github_token')
  await drawer.getByText('who may use it').click()
  await drawer.getByLabel('Share with').fill('bob')
  await drawer.getByRole('button', { name: 'Share', exact: true }).click()
  await toast(alice, 'bob may now use this secret: read').waitFor()
  await toast(alice, 'bob may now').getByRole('button').click()
  await screenshot(alice, 'share', 700)
  await bob.reload()
  await bob.getByRole('heading', { name: 'Shared by alice' }).waitFor()
  await bob.getByText('Replace the logo').waitFor()
  await screenshot(bob, 'board', 500)
  expect(await axeViolations(bob)).toEqual([])

  // Taken back, then destroyed.
  await drawer.getByRole('button', { name: 'Remove bob' }).click()
  await toast(alice, 'bob can no longer use this secret').waitFor()
  await bob.reload()
  await bob.getByText('Connect your account').waitFor()
  await drawer.getByRole('button', { name: 'Destroy' }).click()
  await alice.getByLabel('Type its name').fill('github_token')
  await alice.keyboard.press('Enter')
  await toast(alice, 'github_token is destroyed').waitFor()

  // The trail has all of it, in the order in which it happened.
  await alice.getByRole('link', { name: 'Audit' }).click()
  await alice.reload()
  await alice.locator('table.events tbody tr').first().waitFor()
  await alice.getByRole('button', { name: 'Verify' }).click()
  await alice.locator('.verdict').getByText('verified', { exact: true }).waitFor()
  await screenshot(alice, 'audit', 530)
  const rows = alice.locator('table.events tbody tr', { hasText: 'github_token' })
  const [who, what] = await Promise.all(['td.c-who', 'td.c-what'].map((cell) => rows.locator(cell).allInnerTexts()))
  expect(who?.map((name, index) => `${name} ${what?.[index]}`)).toEqual([
    'alice destroyed',
    'alice unshared from bob',
    'bob read',
    'alice shared with bob',
    'alice read',
    'alice read',
    'alice created',
  ])

  await bob.getByRole('button', { name: 'Sign out' }).click()
  await bob.getByRole('heading', { name: 'Sign in' }).waitFor()

  expect(recorder.answers.filter(({ status }) => status >= 500)).toEqual([])
  const withValue = recorder.answers.filter(({ text }) => text.includes(token))
  expect(withValue.map(({ path }) => path)).toEqual(['/vault/api/v1/secrets/github/github_token/reveal?owner=alice'])
  expect(app.said().replace(/^alice: token .*$/m, '')).not.toContain(token)
  expect(await app.stop()).toBe(0)
})
