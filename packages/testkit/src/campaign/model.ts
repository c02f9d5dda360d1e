// What secrets must look like after a run of steps: all that may be true when the outcome of a step is unknown.
import type { Permission, SecretScope, Vault } from '@mcpvault/core'

/** A secret as a model knows it. */
export interface ModelSecret {
  /** The value of version n stands at n - 1. */
  readonly values: readonly string[]
  readonly state: 'active' | 'deleted'
  readonly grants: Readonly<Record<string, Permission>>
}

/** Secrets by name; all are alice's, for one server. */
export type Model = Readonly<Record<string, ModelSecret>>

/** One operation: how a vault does it, and what it does to a model. */
export interface Step {
  readonly label: string
  run(world: World): Promise<unknown>
  /** The model afterwards, and the answer that an acknowledged operation then has. */
  apply(model: Model): readonly [Model, unknown]
  /** What a failure leaves half done is finished by doing it again. */
  readonly again?: true
  /** Done by another than the owner. */
  readonly byOther?: true
  /** Takes from the events of the owner's own steps what they would be found by. */
  readonly erases?: true
}

/** What a step works with: every call of it carries its correlation id. */
export interface World {
  readonly vault: Vault
  readonly correlationId: string
  scope(): SecretScope
}

export const owner = 'alice'
export const server = 'github'

/** The models that are still possible once a step was acknowledged with this answer. */
export function acknowledged(models: readonly Model[], step: Step, answer: unknown): readonly Model[] {
  const results = models.map((model) => step.apply(model))
  return distinct(results.filter(([, expected]) => same(expected, answer)).map(([model]) => model))
}

/** The models that are possible once a step failed: it happened, or it did not. */
export function unknown(models: readonly Model[], step: Step): readonly Model[] {
  return distinct([...models, ...models.map((model) => step.apply(model)[0])])
}

function distinct(models: readonly Model[]): readonly Model[] {
  return models.filter((model, index) => models.findIndex((other) => same(other, model)) === index)
}

/** Whether two plain values are the same; the order of names does not count. */
export function same(a: unknown, b: unknown): boolean {
  return spelled(a) === spelled(b)
}

function spelled(value: unknown): string {
  return (
    JSON.stringify(value, (_, part: unknown) =>
      typeof part === 'object' && part !== null && !Array.isArray(part)
        ? Object.fromEntries(Object.entries(part).sort(([x], [y]) => (x < y ? -1 : 1)))
        : part,
    ) ?? 'undefined'
  )
}
