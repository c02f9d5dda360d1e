// What every part of the drawer is given.
import type { SecretInfo } from '../client.ts'

/** The secret as it was last seen, and what takes a newer state. */
export interface PartProps {
  readonly info: SecretInfo
  readonly onChange: (info: SecretInfo) => void
  /** Reads the state of the secret again. */
  readonly refresh: () => Promise<void>
}
