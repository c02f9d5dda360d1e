// What the two sides of an elicitation share: the tool call that asks, and the page that collects.
import type { Completions } from './completions.ts'
import type { ElicitConfig } from './options.ts'
import type { SharedState } from './shared-state.ts'

export interface ElicitParts {
  readonly config: ElicitConfig
  readonly state: SharedState
  readonly completions: Completions
}
