// A sink that tells a logger of each event.
import { view } from '../../bytes/index.ts'
import type { AuditSink } from '../../contracts/index.ts'

/** The one method that is used of a logger, in the order of arguments of pino and its kin. */
export interface AuditLogger {
  /** `fields` has the names of `auditEventSchema`. A promise that it returns is awaited. */
  info(fields: Readonly<Record<string, unknown>>, message: string): unknown
}

/** Logs each event. Never durable: a logger does not say when a line is safe. */
export function loggerSink(logger: AuditLogger): AuditSink {
  return {
    id: 'logger',
    durable: false,
    async write(rows) {
      // Awaited together, so that none rejects while another is awaited. One that fails is a failure of the sink.
      await Promise.all(rows.map(({ body }) => logger.info(JSON.parse(view(body).toString('utf8')), 'Audit event')))
    },
  }
}
