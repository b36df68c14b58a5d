import { type Logger, pino } from 'pino'

export type { Logger }

/** Logger that writes one JSON object per line to standard output. The level is `LOG_LEVEL` (default `info`). Tickets and sessions are redacted. */
export function createLogger(name: string, level = process.env['LOG_LEVEL'] ?? 'info'): Logger {
  return pino({ name, level, timestamp: pino.stdTimeFunctions.isoTime, redact: ['ticket', '*.ticket', 'session', 'headers.authorization'] })
}
