// A small word about a state; the word carries the meaning, the colour only repeats it.
import type { ComponentChildren } from 'preact'

export type Tone = 'neutral' | 'ok' | 'warn' | 'danger' | 'accent'

export function Badge({ tone = 'neutral', children }: { readonly tone?: Tone; readonly children: ComponentChildren }) {
  return <span class={`badge ${tone}`}>{children}</span>
}
