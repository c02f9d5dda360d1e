// What one principal can do with secrets that are credentials for others, or look like them.
import type { SecretInfo } from '../contracts/index.ts'
import type { CanaryOptions } from './parse/canary.ts'
import type { RenewOptions, ValidateOptions } from './parse/renew.ts'
import type { SecretValue } from './secret-value.ts'
import type { RenewFunction } from './secrets/renew.ts'
import type { ProbeFunction, ValidationReport } from './secrets/validate.ts'
import type { WaitOptions } from './wait-options.ts'

/** The verbs of a scope that renew and try credentials, and that lay out decoys. They throw what those of a scope throw. */
export interface CredentialVerbs {
  /**
   * A value that still works for at least `marginMs` (default 60,000), such as an access token. When the stored one does
   * not, or nobody has said until when it does, one caller of all processes on the store asks `refresh` for the next and
   * stores it; the others wait for that, for at most `waitMs` (default 20,000). Undefined when the secret is absent.
   *
   * `refresh` gets the stored value and has 8 seconds. What it returns is stored even if the caller's signal is aborted by
   * then, but never over a value that somebody else has set. A process that ends after the answer and before the store
   * loses the answer.
   *
   * Takes the permission `write` when the value has to be renewed. Throws `VAULT_SIGN_IN_REQUIRED` when `refresh` did: the
   * secret then has `needsSignIn` until the next `set`, and nobody asks again. `VAULT_RENEWAL_FAILED`, from `refresh` or
   * after `waitMs`, returns the old value for as long as that works. Throws what else `refresh` throws, and what `get`
   * throws.
   *
   * @example
   * const askIssuer = async (old: string) => ({ next: `what follows ${old}`, lifeMs: 3_600_000 })
   * const token = await github.renew('token', async (old) => {
   *   const { next, lifeMs } = await askIssuer(old.reveal())
   *   return { value: next, freshUntil: new Date(Date.now() + lifeMs) }
   * })
   * console.log(token?.version)
   */
  renew(name: string, refresh: RenewFunction, options?: RenewOptions): Promise<SecretValue | undefined>
  /**
   * Whether a value works, by a function that tries it: `valid`, `invalid` or `unknown`, with a summary that repeats
   * nothing of the value. A probe that throws, or takes longer than `limitMs` (default 10,000), leaves it `unknown`. Changes
   * nothing. Undefined when the secret is absent. Throws what `get` throws.
   *
   * @example
   * const login = async (token: string) => (token.startsWith('a value') ? 200 : 401)
   * const report = await github.validate('token', async (value) => {
   *   const status = await login(value.reveal())
   *   return { status: status === 200 ? 'valid' : status === 401 ? 'invalid' : 'unknown', summary: `HTTP ${status}` }
   * })
   * console.log(report?.status, report?.summary)
   */
  validate(name: string, probe: ProbeFunction, options?: ValidateOptions): Promise<ValidationReport | undefined>
  /**
   * Makes a decoy: a secret with a value that looks real and opens nothing. Anyone who reads it calls the vault's `onCanary`
   * and makes the event `access.canary` beside `secret.accessed`. It looks like any secret but to those with the permission
   * `admin`, who see `isCanary`. Nothing that works should read it, so keep it out of a scope that `getAll` reads. Throws
   * `VAULT_CONFLICT` when there is a secret of that name.
   *
   * @example
   * await github.canary('admin-token', { shape: 'github_token' })
   */
  canary(name: string, options?: CanaryOptions): Promise<SecretInfo>
  /**
   * The names of this scope's canaries whose value stands in a text as it is, such as the arguments of a tool in JSON;
   * each makes the event `access.canary` and calls `onCanary`. One query. Sees only canaries for which the principal has
   * the permission `admin`, so that nobody can find out here what is one. Throws `VAULT_NOT_SUPPORTED` as `getAll` does.
   *
   * @example
   * const stolen = await github.findCanaries(JSON.stringify({ query: 'arguments of a tool' }))
   */
  findCanaries(text: string, options?: WaitOptions): Promise<readonly string[]>
}
