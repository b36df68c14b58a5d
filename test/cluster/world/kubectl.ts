import { execFile } from 'node:child_process'
import { dirname } from 'node:path'
import { promisify } from 'node:util'

const execute = promisify(execFile)
const program = process.env['STRATA_CLUSTER_KUBECTL'] ?? 'kubectl'
export const NAMESPACE = 'strata'

/** Environment for scripts that call kubectl. */
export const environment = { ...process.env, NAMESPACE, PATH: `${dirname(program)}:${process.env['PATH']}` }

/** Runs kubectl and returns its stdout. Throws with its stderr. */
export async function kubectl(...args: string[]): Promise<string> {
  const { stdout } = await execute(program, ['--namespace', NAMESPACE, ...args], { maxBuffer: 1 << 26, timeout: 120_000 })
  return stdout
}

/** As `kubectl`, with `stdin` for `-f -`. */
export async function kubectlWith(stdin: string, ...args: string[]): Promise<string> {
  const running = execute(program, ['--namespace', NAMESPACE, ...args], { maxBuffer: 1 << 26, timeout: 120_000 })
  running.child.stdin?.end(stdin)
  return (await running).stdout
}

export function secret(name: string, data: Record<string, string>): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: NAMESPACE }, stringData: data })
}
