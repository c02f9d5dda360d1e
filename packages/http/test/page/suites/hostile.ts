// Names, descriptions and tags that look like something else: they are text, everywhere.
import { expect, it } from 'vitest'
import { openSecret, rowOf, toast, type World } from '../support/world.ts'

const payload = '<img src=x onerror="globalThis.hacked=1"><script>globalThis.hacked=1<\u005cscript>'
const override = '\u202e'
const names = [
  '<b onclick=hack()>bold<b>',
  `exe${override}gpj.token`,
  '👩‍👩‍👧 família ключ',
  '%2e%2e javascript:hack()',
  'n'.repeat(256),
]

export function hostileSuite(world: () => World): void {
  it('[S43] texts that look like markup stay text in the table, the drawer, the history, the dialogs and the trail', async () => {
    const user = `${world().newUser('x')}<script>hacked=1</script>`
    const scope = world().scope(user, payload.replaceAll('/', ' '))
    for (const name of names) await scope.set(name, 'x', { description: payload, tags: [payload, `tag${override}`] })
    const page = await world().open(user, { scheme: 'dark' })
    await page.getByText('5 secrets', { exact: true }).waitFor()
    const shown = await page.locator('tr.row a.name').allInnerTexts()
    expect(shown.sort()).toEqual(names.map((name) => name.replace(override, '⟨U+202E⟩')).sort())
    for (const name of shown) {
      const drawer = await openSecret(page, name)
      await drawer.getByText(payload).first().waitFor()
      await drawer.getByText('what happened to it').click()
      await drawer.getByText('created').first().waitFor()
      await drawer.getByText('who may use it').click()
      const friend = `${payload}${shown.indexOf(name)}`
      await drawer.getByLabel('Share with').fill(friend)
      await drawer.getByRole('button', { name: 'Share', exact: true }).click()
      await toast(page, `${friend} may now use this secret`).waitFor()
      await drawer.getByRole('button', { name: 'Close' }).click()
    }
    await page.getByRole('link', { name: 'Audit' }).click()
    await page.getByText('10 events').waitFor()
    expect(
      await page.evaluate(() => ['hacked' in globalThis, document.querySelectorAll('img, script').length]),
    ).toEqual([false, 1])
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
  })

  it('[S43] a name with hidden marks is destroyed by typing what is shown of it', async () => {
    const user = world().newUser('hidden')
    const scope = world().scope(user, 'github')
    await scope.set(`a${override}b`, 'x')
    const page = await world().open(user)
    await rowOf(page, 'a⟨U+202E⟩b').waitFor()
    const drawer = await openSecret(page, 'a⟨U+202E⟩b')
    await drawer.getByRole('button', { name: 'Destroy' }).click()
    const dialog = page.getByRole('dialog', { name: 'Destroy permanently' })
    await dialog.getByLabel('Type its name').fill('a⟨U+202E⟩b')
    await page.keyboard.press('Enter')
    await toast(page, 'is destroyed').waitFor()
    expect(await scope.describe(`a${override}b`)).toBeUndefined()
  })
}
