import { type DestinationStream, type Logger, pino } from 'pino'
import { logLimit } from './logLimit.ts'

export type { Logger }

/**
 * Logger that writes one JSON object per line to standard output, and a limited number of each kind (`logLimit.ts`). The level is `LOG_LEVEL` (default `info`).
 * Tickets and sessions are redacted.
 */
export function createLogger(name: string, level = process.env['LOG_LEVEL'] ?? 'info', destination?: DestinationStream): Logger {
  const redact = ['ticket', '*.ticket', 'session', 'headers.authorization']
  const options = { name, level, timestamp: pino.stdTimeFunctions.isoTime, redact, hooks: { logMethod: logLimit() } }
  return destination === undefined ? pino(options) : pino(options, destination)
}
