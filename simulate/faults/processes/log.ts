import pino, { type Logger } from 'pino'
import type { Kernel } from '../kernel/kernel.ts'

export const silentLogger = pino({ level: 'silent' })

/** A logger that writes a process's log lines into the history. */
export function historyLogger(kernel: Kernel, name: string): Logger {
  const write = (line: string): void => {
    const { msg, err, ...rest } = JSON.parse(line) as { msg: string; err?: { message: string } } & Record<string, unknown>
    for (const key of ['level', 'pid', 'hostname', 'time']) delete rest[key]
    kernel.record(`  ${name}: ${msg} ${Object.keys(rest).length === 0 ? '' : JSON.stringify(rest)}${err === undefined ? '' : ` (${err.message})`}`)
  }
  return pino({ level: 'info', base: null, timestamp: false }, { write })
}
