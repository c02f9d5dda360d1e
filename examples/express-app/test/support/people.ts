// Two people with a browser each, on one app: what the tests of the pages do again and again.
import { openBrowser, type Page } from '@mcpvault/testkit/browser'
import { expect, onTestFinished } from 'vitest'
import { type App, passwords } from './app.ts'

export interface Person {
  readonly page: Page
  /** The bodies of all answers to the browser, but those that reveal a value or were asked to make a token. */
  answers(): Promise<string>
}

/** Opens a browser, which the people of the test share. */
export async function openPeople(app: App) {
  const { browser, stop } = await openBrowser()
  onTestFinished(stop)
  return {
    /** Somebody who is not signed in. What the console says fails the test. */
    async newPerson(): Promise<Person> {
      const context = await browser.newContext({ viewport: { width: 1_160, height: 760 } })
      const page = await context.newPage()
      const complaints: string[] = []
      page.on('pageerror', (error) => complaints.push(String(error)))
      page.on('console', (message) => complaints.push(message.text()))
      onTestFinished(() => expect(complaints).toEqual([]))
      const bodies: Promise<string>[] = []
      page.on('response', (response) => {
        const isAnswer = response.status() < 300 && !/\/reveal$/.test(new URL(response.url()).pathname)
        if (isAnswer) bodies.push(response.text())
      })
      await page.goto(app.url)
      return { page, answers: async () => (await Promise.all(bodies)).join('\n') }
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
