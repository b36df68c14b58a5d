import { join } from 'node:path'
import type { CliContext } from './context.ts'

/**
 * Replaces this process by another script of this checkout (exec). Process id, terminal, signals and exit code then belong to the script,
 * and it parses all its options itself.
 */
export function handOver({ root, environment }: CliContext, script: string, args: readonly string[]): never {
  process.execve?.(process.execPath, [process.execPath, join(root, script), ...args], environment)
  throw new Error(`This system cannot replace a process. Run: node ${script} ${args.join(' ')}`)
}
