// A sink that tells a logger of each event.
import { view } from '../../bytes/index.ts'
import type { AuditSink } from '../../contracts/index.ts'

/** The one method that is used of a logger, in the order of arguments of pino and its kin. */
export interface AuditLogger {
  /** `fields` has the names of `auditEventSchema`. */
  info(fields: Readonly<Record<string, unknown>>, message: string): void
}

/** Logs each event. Never durable: a logger does not say when a line is safe. */
export function loggerSink(logger: AuditLogger): AuditSink {
  return {
    id: 'logger',
    durable: false,
    write(rows) {
      for (const { body } of rows) logger.info(JSON.parse(view(body).toString('utf8')), 'Audit event')
    },
  }
}
