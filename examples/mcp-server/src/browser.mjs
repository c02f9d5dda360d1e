// A user's browser, as far as a page with one form needs it: signed in by a cookie, as by the sign-in of your app.

/** @param {{ login: string }} options */
export function browserOf({ login }) {
  const cookie = `login=${login}`

  /** @param {string} url */
  async function open(url) {
    const response = await fetch(url, { headers: { cookie } })
    return { status: response.status, html: await response.text() }
  }

  return {
    open,
    /**
     * Opens the page and sends its form with this value.
     *
     * @param {string} url
     * @param {string} value
     * @returns {Promise<number>} the status
     */
    async typeIn(url, value) {
      const { html } = await open(url)
      const [, csrf = ''] = /name="csrf" value="([\w-]+)"/.exec(html) ?? []
      const body = new URLSearchParams({ csrf, '0.value': value })
      const { status } = await fetch(url, { method: 'POST', headers: { cookie, origin: new URL(url).origin }, body })
      return status
    },
  }
}
