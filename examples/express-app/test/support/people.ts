// Two people with a browser each, on one app: what the tests of the pages do again and again.
import { complaintsOf, openBrowser, type Page } from '@mcpvault/testkit/browser'
import { expect, onTestFinished } from 'vitest'
import { passwords } from './app.ts'

/** Opens a browser, which the people of the test share. */
export async function openPeople(url: string) {
  const { browser, stop } = await openBrowser()
  onTestFinished(stop)
  return {
    /** The page of somebody who is not signed in. What its console says fails the test. */
    async newPage(): Promise<Page> {
      const context = await browser.newContext({ viewport: { width: 1_000, height: 700 } })
      const page = await context.newPage()
      const complaints = complaintsOf(page)
      onTestFinished(() => expect(complaints()).toBe(''))
      await page.goto(url)
      return page
    },
  }
}

/** Fills in the form that a new person sees. */
export async function signIn(page: Page, user: 'alice' | 'bob'): Promise<void> {
  await page.getByLabel('User').fill(user)
  await page.getByLabel('Password').fill(passwords[user])
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Issues' }).waitFor()
}

/** Opens the drawer of a secret, and gives it. */
export async function openSecret(page: Page, name: string) {
  await page.getByRole('link', { name, exact: true }).click()
  const drawer = page.locator('dialog.side')
  await drawer.getByRole('heading', { name: 'Settings' }).waitFor()
  return drawer
}

/** A message that says something was done. */
export function toast(page: Page, text: string) {
  return page.locator('.toast', { hasText: text })
}
