// An id of the page for one component, for labels and what they label.
import { useMemo } from 'preact/hooks'

let last = 0

export function useId(): string {
  return useMemo(() => {
    last += 1
    return `id-${last}`
  }, [])
}
