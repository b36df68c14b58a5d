import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import type { CliContext } from '../context.ts'
import { type Service, unreachable } from '../service.ts'

/** Where `kubectl` looks for the Services of one world. */
export interface Cluster {
  context?: string
  namespace: string
}

/** Longest time until kubectl forwards a port, in ms: it reads the kubeconfig, may ask a cloud for a token, and finds a pod. */
const FORWARD_TIMEOUT_MS = 20_000

/**
 * Forwards a free port of this machine to the HTTP port of a Service, until `stop` is called. kubectl does it, because it knows every way to sign in to a cluster.
 * Throws SERVICE_UNREACHABLE with what kubectl said.
 */
export async function forward(service: string, cluster: Cluster, context: CliContext): Promise<{ url: string; stop(): void }> {
  const args = [...flags(cluster), 'port-forward', '--address', '127.0.0.1', `service/${service}`, ':http']
  const child = spawn('kubectl', args, { env: context.environment, stdio: ['ignore', 'pipe', 'pipe'] })
  const stop = (): void => void child.kill()
  const failure = (problem: string, cause?: unknown): Error => unreachable(serviceAt(service, cluster), problem, cause)
  try {
    const deadline = pause(FORWARD_TIMEOUT_MS, undefined, { signal: context.signal, ref: false }).then(() => {
      throw failure(`kubectl forwarded no port within ${FORWARD_TIMEOUT_MS / 1000} s`)
    })
    return { url: await Promise.race([forwardedUrl(child, failure), deadline]), stop }
  } catch (error) {
    stop()
    throw error
  }
}

/** The value of one key of a Secret; undefined when the caller may not read it, or it does not exist. */
export async function secretValue(secret: string, key: string, cluster: Cluster, context: CliContext): Promise<string | undefined> {
  const args = [...flags(cluster), 'get', 'secret', secret, '-o', `go-template={{index .data "${key}" | base64decode}}`]
  const child = spawn('kubectl', args, { env: context.environment, stdio: ['ignore', 'pipe', 'ignore'] })
  const printed = collect(child.stdout)
  const code = await new Promise<number | null>((done) => child.once('error', () => done(null)).once('close', done))
  return code === 0 && printed.text !== '' ? printed.text : undefined
}

function flags({ context, namespace }: Cluster): string[] {
  return [...(context === undefined ? [] : ['--context', context]), '--namespace', namespace]
}

function serviceAt(service: string, cluster: Cluster): Service {
  const try_ = `kubectl ${flags(cluster).join(' ')} get service ${service}`
  return {
    what: `the Service ${service}`,
    url: `namespace ${cluster.namespace}`,
    hint: `see "${try_}"; choose another context with "strata config use-context"`,
  }
}

/** kubectl prints `Forwarding from 127.0.0.1:41234 -> 7101` once the port is open. */
function forwardedUrl(child: ChildProcess, failure: (problem: string, cause?: unknown) => Error): Promise<string> {
  const [printed, said] = [collect(child.stdout), collect(child.stderr)]
  return new Promise((done, fail) => {
    child.stdout?.on('data', () => {
      const [, port] = /Forwarding from 127\.0\.0\.1:(\d+)/.exec(printed.text) ?? []
      if (port !== undefined) done(`http://127.0.0.1:${port}`)
    })
    child.once('error', (error) => fail(failure('kubectl cannot be run; install it', error)))
    child.once('close', () => fail(failure(said.text.trim().split('\n').at(-1) || 'kubectl ended without a word')))
  })
}

function collect(stream: NodeJS.ReadableStream | null): { text: string } {
  const collected = { text: '' }
  stream?.on('data', (chunk: Buffer) => {
    collected.text += chunk.toString()
  })
  return collected
}
