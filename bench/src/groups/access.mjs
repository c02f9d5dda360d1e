// Access decisions on a secret with 10,000 grants, under a role with 100 rules.
import { raceOptions } from '../effort.mjs'
import { loadAccess } from '../internals.mjs'
import { race } from '../rounds.mjs'
import { valueRow } from '../rows.mjs'

const grantCount = 10_000
const ruleCount = 100

/** @param {{ readonly effort: import('../effort.mjs').Effort }} input */
export async function run({ effort }) {
  const { compilePolicy, decideAccess } = await loadAccess()
  const rules = compilePolicy({ roles: { developer: Array.from({ length: ruleCount }, (_, index) => ruleAt(index)) } })
  const grants = Array.from({ length: grantCount }, (_, index) => grantAt(index)).sort(byPrincipal)
  const secret = { owner: 'alice', server: 'github', name: 'TOKEN', type: 'api_key', tier: 2, tags: ['ci'] }
  const question = { context: {}, operation: 'get', secret, grants, rules }
  const developer = { id: 'nobody', roles: ['developer'] }
  const lookUp = new Map(grants.map((grant) => [grant.principal, grant]))
  const results = await race(
    [
      { name: 'one Map look-up', run: (turn) => lookUp.get(grants[turn % grantCount].principal) },
      {
        name: 'a grantee with the role',
        run: (turn) =>
          decideAccess({ ...question, principal: { id: grants[turn % grantCount].principal, roles: ['developer'] } }),
      },
      { name: 'a stranger with the role', run: () => decideAccess({ ...question, principal: developer }) },
      { name: 'the owner', run: () => decideAccess({ ...question, principal: { id: 'alice' } }) },
    ],
    raceOptions(effort, { clock: 'cpu' }),
  )
  const rows = results.map(({ name, medianUs }, index) => {
    const row = { work: 'decide', contestant: name, value: medianUs, unit: 'us' }
    return index === 0 ? row : valueRow({ ...row, goal: 'access' })
  })
  return { rows, notes: [`${grantCount} grants, ${ruleCount} rules, of which none applies to a stranger.`] }
}

/** @param {number} index */
function ruleAt(index) {
  return { allow: /** @type {const} */ (['read']), owner: `team-${index}*`, server: 'github*', tags: ['ci', 'nightly'] }
}

/** @param {number} index */
function grantAt(index) {
  const permission = /** @type {const} */ ('read')
  return { principal: `user-${index}`, permission, grantedBy: 'alice', grantedAt: new Date(0) }
}

/** In the order of JavaScript's `<`, as stored grants are. */
function byPrincipal(a, b) {
  return a.principal < b.principal ? -1 : 1
}
