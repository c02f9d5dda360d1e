// Takes the steps of a script one after another, and knows every state that their answers allow.

import { isVaultError, type Vault } from '@mcpvault/core'
import { expect } from 'vitest'
import { driven, idle, type Time } from './manual-time.ts'
import { acknowledged, type Model, owner, type Step, server, unknown, type World } from './model.ts'

/** Steps taken so far, and what may be true after them. */
export interface CampaignRun {
  take(step: Step): Promise<void>
  /** Lets batches, counts of uses and checkpoints be written. */
  settle(): Promise<void>
  models(): readonly Model[]
  failures(): number
  /** The correlation ids of acknowledged steps that still find their events. */
  acknowledged(): ReadonlyMap<string, Step>
}

export function createRun(parts: {
  readonly vault: Vault
  readonly time: Time
  readonly about: string
  /** Resolves once what failed either has happened or never will. */
  readonly decided?: (() => Promise<void>) | undefined
}): CampaignRun {
  const { vault, time, about } = parts
  let models: readonly Model[] = [{}]
  let failures = 0
  let taken = 0
  const acked = new Map<string, Step>()

  async function attempt(step: Step): Promise<boolean> {
    const correlationId = `${++taken} ${step.label}`
    const world: World = {
      vault,
      correlationId,
      scope: () => vault.as({ id: owner }, { correlationId }).scope({ server }),
    }
    try {
      const answer = await driven(time, step.run(world))
      models = acknowledged(models, step, answer)
      expect(models, `${about}: ${correlationId} answered ${JSON.stringify(answer)}`).not.toEqual([])
      if (step.erases) for (const [id, { byOther }] of acked) if (!byOther) acked.delete(id)
      acked.set(correlationId, step)
      return true
    } catch (error) {
      if (!isExpected(error)) throw new Error(`${about}: ${correlationId} must not fail like this`, { cause: error })
      failures += 1
      await parts.decided?.()
      models = unknown(models, step)
      return false
    }
  }

  return {
    async take(step) {
      const done = await attempt(step)
      if (!done && step.again) expect(await attempt(step), `${about}: ${step.label} again`).toBe(true)
    },
    settle: () => idle(time, 70_000),
    models: () => models,
    failures: () => failures,
    acknowledged: () => acked,
  }
}

function isExpected(error: unknown): boolean {
  if (isVaultError(error)) return error.retryable
  return error instanceof Error && 'code' in error && error.code === 'VAULT_STORE_FAILED'
}
