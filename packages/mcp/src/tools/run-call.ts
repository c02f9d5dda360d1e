// One call of a wrapped tool, from its principal to a result without values.
import { randomUUID } from 'node:crypto'
import { type Vault, withCorrelation } from '@mcpvault/core'
import { isMcpVaultError } from '../errors.ts'
import { missingError } from '../missing.ts'
import type { Redactor } from '../redact/index.ts'
import { callAgain, type MissingCall, type NamedDeclaration, type ToolCall, type WithSecretsOptions } from './call.ts'
import { type LeasedOf, type LeasedSecret, type ParsedDeclaration, parseDeclaration } from './declarations.ts'
import { redactedExtra, signalOf, type ToolExtra } from './extra.ts'
import { refusalOf } from './failures.ts'
import { lookThroughArguments } from './inbound.ts'
import { leaseSecret } from './leases.ts'
import { type Lifetime, startLifetime } from './lifetime.ts'
import { principalOf } from './principal.ts'

export interface CallPlan {
  readonly vault: Vault
  readonly declarations: readonly ParsedDeclaration[]
  readonly options: WithSecretsOptions<unknown>
  readonly timeoutMs: number
  readonly redactor: Redactor
}

export interface CalledWith {
  readonly args: unknown
  readonly call: ToolCall<unknown>
}

interface Request {
  readonly args: unknown
  readonly extra: ToolExtra
  readonly work: (called: CalledWith) => unknown
}

export async function runCall(plan: CallPlan, request: Request): Promise<unknown> {
  const { redactor } = plan
  const lifetime = startLifetime({ signal: signalOf(request.extra), timeoutMs: plan.timeoutMs })
  try {
    return redactor.result(await lifetime.limit(answer(plan, request, lifetime)))
  } catch (error) {
    const clean = redactor.error(error)
    const refusal = refusalOf(clean)
    if (refusal === undefined) throw clean
    return refusal
  } finally {
    lifetime.end()
  }
}

async function answer(plan: CallPlan, request: Request, lifetime: Lifetime): Promise<unknown> {
  const { vault, options, redactor } = plan
  const principal = await principalOf(options.principal, request.extra)
  const { correlationId = randomUUID(), ...context } = options.context?.(request.extra) ?? {}
  const session = vault.as(principal, { ...context, correlationId })
  const call: MissingCall = {
    extra: redactedExtra(request.extra, (value) => redactor.result(value)),
    principal: session.principal,
    session,
    correlationId,
    signal: lifetime.signal,
    redactor,
  }
  // Sessions that the handler opens itself have the same id.
  return withCorrelation(correlationId, async () => {
    const prepared = { ...request, call, lifetime }
    if (options.inbound !== undefined)
      await lookThroughArguments(options.inbound, { args: request.args, call, redactor })
    try {
      return await attempt(plan, prepared)
    } catch (error) {
      if (!isMcpVaultError(error, 'MCP_SECRET_MISSING')) throw error
      const instead = await options.onMissing?.(error.missing ?? [], call)
      if (instead === undefined) throw error
      return instead === callAgain ? await attempt(plan, prepared) : instead
    }
  })
}

interface Prepared extends Request {
  readonly call: MissingCall
  readonly lifetime: Lifetime
}

/** What is missing is said here for all: a boundFetch knows neither the principal nor how to store a secret. */
async function attempt(plan: CallPlan, prepared: Prepared): Promise<unknown> {
  try {
    return await withValues(plan, prepared)
  } catch (error) {
    if (!isMcpVaultError(error, 'MCP_SECRET_MISSING')) throw error
    const { howToStore } = plan.options
    throw missingError(error.missing ?? [], { principalId: prepared.call.principal.id, howToStore })
  }
}

async function withValues({ declarations, redactor }: CallPlan, prepared: Prepared): Promise<unknown> {
  const { args, call, lifetime, work } = prepared
  const { session, principal } = call
  const parts = { session, lifetime, redactor }

  /** All of them, or one error that names each one that cannot be used. */
  async function leaseAll(
    wanted: readonly ParsedDeclaration[],
  ): Promise<readonly (LeasedSecret<unknown> | undefined)[]> {
    const found = await Promise.all(wanted.map((each) => leaseSecret(parts, each)))
    const missing = found.flatMap((each) => ('missing' in each ? [each.missing] : []))
    if (missing.length > 0) throw missingError(missing, { principalId: principal.id })
    return found.map((each) => ('lease' in each ? each.lease : undefined))
  }

  async function lease<const D extends NamedDeclaration>(declaration: D): Promise<LeasedOf<D>> {
    const [leased] = await leaseAll([parseDeclaration(declaration.name, declaration)])
    // It was read and checked for this declaration.
    return leased as LeasedOf<D>
  }

  const leased = await leaseAll(declarations)
  const secrets = Object.fromEntries(declarations.map(({ key }, index) => [key, leased[index]]))
  return work({ args, call: { ...call, secrets, lease } })
}
