import { type DestinationStream, type Logger, pino } from 'pino'
import { logLimit } from './logLimit.ts'
import { traceFields } from './observe/trace.ts'

export type { Logger }

/**
 * Logger that writes one JSON object per line to standard output, and a limited number of each kind (`logLimit.ts`). The level is `LOG_LEVEL` (default `info`).
 * Tickets and sessions are redacted. A line that is written within a trace has its `trace_id`.
 */
export function createLogger(name: string, level = process.env['LOG_LEVEL'] ?? 'info', destination?: DestinationStream): Logger {
  const redact = ['ticket', '*.ticket', 'session', 'headers.authorization']
  const options = { name, level, timestamp: pino.stdTimeFunctions.isoTime, redact, hooks: { logMethod: logLimit() }, mixin: traceFields }
  return pino(options, destination ?? standardOutput())
}

/**
 * Standard output, which Node writes synchronously when it is a pipe or a file. Pino's own destination repeats a write without an end when the process exits after
 * the reader of its log has gone (EPIPE); here such lines are dropped.
 */
function standardOutput(): DestinationStream {
  if (!process.stdout.listeners('error').includes(dropLine)) process.stdout.on('error', dropLine)
  return process.stdout
}

function dropLine(problem: NodeJS.ErrnoException): void {
  if (problem.code !== 'EPIPE') throw problem
}
