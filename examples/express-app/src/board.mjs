// The feature of the app: the issues of the user, read with the user's own token and with those that others have shared.
import { boardPage } from '../views/board.mjs'
import { readIssues, tokenPlace } from './issues.mjs'

const maxColumns = 5

/**
 * @param {object} parts
 * @param {import('@mcpvault/core').Vault} parts.vault
 * @param {string} parts.issuesUrl
 * @returns {(req: import('express').Request, res: import('express').Response) => Promise<void>}
 */
export function boardOf({ vault, issuesUrl }) {
  return async (req, res) => {
    const { principal } = res.locals
    const userAgent = req.get('user-agent')
    const session = vault.as(principal, { ...(req.ip && { sourceIp: req.ip }), ...(userAgent && { userAgent }) })
    const { items } = await session.listAll({ server: tokenPlace.server, namePrefix: tokenPlace.name })
    const owners = items.filter(({ name }) => name === tokenPlace.name).map(({ owner }) => owner)
    const columns = await Promise.all(
      owners.slice(0, maxColumns).map(async (owner) => {
        try {
          return { owner, issues: await readIssues(session, { owner, issuesUrl }) }
        } catch (error) {
          console.error(`The issues of a token could not be read: ${error instanceof Error ? error.name : 'Error'}`)
          return { owner, issues: undefined }
        }
      }),
    )
    res.send(boardPage({ user: principal.id, columns }))
  }
}
