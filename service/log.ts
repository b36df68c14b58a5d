import { type Logger, pino } from 'pino'

export type { Logger }

/** One JSON object a line on standard output; `LOG_LEVEL` (default `info`). */
export function createLogger(name: string, level = process.env['LOG_LEVEL'] ?? 'info'): Logger {
  return pino({ name, level, timestamp: pino.stdTimeFunctions.isoTime, redact: ['ticket', '*.ticket', 'session', 'headers.authorization'] })
}
