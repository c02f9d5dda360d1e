// The caller's logger, as the vault uses it: whatever it does, an operation has the result that it has without it.
import { callSafely } from '../errors/index.ts'
import type { VaultLogger } from './options.ts'

/** A logger whose errors and rejections are ignored. */
export function safeLogger(logger: VaultLogger): VaultLogger {
  return {
    debug: (facts, message) => callSafely(() => logger.debug(facts, message)),
    warn: (facts, message) => callSafely(() => logger.warn(facts, message)),
  }
}
