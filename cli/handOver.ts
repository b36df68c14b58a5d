import { join } from 'node:path'
import type { Surroundings } from './surroundings.ts'

/**
 * Becomes another script of this checkout: same process, same terminal, so that Ctrl-C, `kill` and exit codes are the
 * script's own and nothing has to be passed on. It takes what it understands from `--help` to its last option.
 */
export function handOver({ root, environment }: Surroundings, script: string, args: readonly string[]): never {
  process.execve?.(process.execPath, [process.execPath, join(root, script), ...args], environment)
  throw new Error(`this system cannot replace a process; run: node ${script} ${args.join(' ')}`)
}
