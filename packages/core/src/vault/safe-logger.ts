// The caller's logger, as the vault uses it: whatever it does, an operation has the result that it has without it.
import { callSafely } from '../time/index.ts'

type Log = (facts: Readonly<Record<string, unknown>>, message: string) => void

interface Logger {
  readonly debug: Log
  readonly warn: Log
}

/** A logger whose errors and rejections are ignored. */
export function safeLogger(logger: Logger): Logger {
  return {
    debug: (facts, message) => callSafely(() => logger.debug(facts, message)),
    warn: (facts, message) => callSafely(() => logger.warn(facts, message)),
  }
}
