import pino, { type Logger } from 'pino'
import type { Kernel } from '../kernel/kernel.ts'

export const silent = pino({ level: 'silent' })

/** What the processes log, among the history. */
export function talking(kernel: Kernel, name: string): Logger {
  const write = (line: string): void => {
    const { msg, err, ...rest } = JSON.parse(line) as { msg: string; err?: { message: string } } & Record<string, unknown>
    for (const key of ['level', 'pid', 'hostname', 'time']) delete rest[key]
    kernel.tell(`  ${name}: ${msg} ${Object.keys(rest).length === 0 ? '' : JSON.stringify(rest)}${err === undefined ? '' : ` (${err.message})`}`)
  }
  return pino({ level: 'info', base: null, timestamp: false }, { write })
}
