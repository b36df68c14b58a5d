import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../../model/clock.ts'
import type { FleetManifest } from '../../orchestrator/cluster/fleetManifest.ts'
import type { Logger } from '../../service/log.ts'
import { orphanGuard } from '../guarded.ts'
import { freePort } from './freePorts.ts'
import { GameServerRecord } from './gameServerRecord.ts'
import { HealthWatch } from './healthWatch.ts'
import { SdkGrpc } from './sdk/sdkGrpc.ts'
import { SdkRest } from './sdk/sdkRest.ts'
import { SdkService } from './sdk/sdkService.ts'

/** Settings that all game servers of this machine share. */
export interface LocalMachine {
  /** Working directory of the commands. Another one is that of servers that start from then on. */
  root: string
  /** Folder for `NAME.log`. */
  logs: string
  env: Record<string, string>
  host: string
  clock: Clock
  log: Logger
}

/** Environment variables that every process inherits; all others are passed explicitly. */
const inherited = ['PATH', 'HOME', 'TMPDIR', 'TZ', 'LANG', 'NODE_OPTIONS'] as const

/** One game-server process with its GameServer object and its own SDK endpoint, which correspond to a pod with Agones' sidecar. */
export class LocalServer {
  readonly record: GameServerRecord
  readonly started: number
  readonly logFile: string
  /** `HOST:PORT` of health, readiness and metrics. */
  readonly probes: string
  /** Resolves when the process has ended and its SDK endpoints are closed. */
  readonly ended: Promise<void>
  readonly #child: ChildProcess
  readonly #health: HealthWatch
  readonly #clock: Clock

  private constructor(made: {
    record: GameServerRecord
    child: ChildProcess
    health: HealthWatch
    clock: Clock
    logFile: string
    probes: string
    ended: Promise<void>
  }) {
    this.record = made.record
    this.#child = made.child
    this.#health = made.health
    this.#clock = made.clock
    this.logFile = made.logFile
    this.probes = made.probes
    this.ended = made.ended
    this.started = made.clock.now()
  }

  static async start(manifest: FleetManifest, name: string, machine: LocalMachine): Promise<LocalServer> {
    const { clock, host } = machine
    const record = new GameServerRecord({ name, uid: randomUUID(), created: clock.now(), host, port: await freePort(host), manifest })
    const health = new HealthWatch(manifest.health, clock.now())
    const sdk = new SdkService(record, health, clock)
    const [grpc, rest] = await Promise.all([SdkGrpc.start(sdk), SdkRest.start(sdk)])
    const logFile = join(machine.logs, `${name}.log`)
    const probePort = await freePort(host)
    const output = openSync(logFile, 'a')
    const child = spawn(process.execPath, ['--import', orphanGuard, ...manifest.command], {
      cwd: machine.root,
      // Its own process group: Ctrl-C reaches only the supervisor, which then stops the servers in order.
      detached: true,
      stdio: ['pipe', output, output],
      env: {
        ...Object.fromEntries(inherited.flatMap((key) => (process.env[key] === undefined ? [] : [[key, process.env[key]]]))),
        ...manifest.env,
        ...machine.env,
        HOST: host,
        HOSTNAME: name,
        PORT: record.address.slice(record.address.lastIndexOf(':') + 1),
        PROBE_PORT: String(probePort),
        AGONES_SDK_GRPC_PORT: String(grpc.port),
        AGONES_SDK_HTTP_PORT: String(rest.port),
      },
    })
    closeSync(output)
    // The pipe is only held open (see orphanGuard.ts). It breaks when the server dies.
    child.stdin?.on('error', () => {})
    const ended = exitOf(child).then(async (how) => {
      machine.log.info({ server: name, how, logFile }, 'server ended')
      record.to(how === 'exit 0' || record.state === 'Shutdown' ? 'Shutdown' : 'Unhealthy', clock.now())
      sdk.close()
      await Promise.all([grpc[Symbol.asyncDispose](), rest[Symbol.asyncDispose]()])
    })
    return new LocalServer({ record, child, health, clock, logFile, probes: `${host}:${probePort}`, ended })
  }

  get pid(): number {
    return this.#child.pid ?? -1
  }

  checkHealth(): boolean {
    return this.#health.healthy(this.#clock.now())
  }

  /** Sends SIGTERM, and SIGKILL after `graceMs`. Resolves when the process has ended. */
  async stop(graceMs: number): Promise<void> {
    this.#child.kill('SIGTERM')
    const force = setTimeout(() => this.kill(), graceMs)
    await this.ended
    clearTimeout(force)
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }
}

async function exitOf(child: ChildProcess): Promise<string> {
  try {
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
    return code === null ? `signal ${signal}` : `exit ${code}`
  } catch (error) {
    return `not started: ${error instanceof Error ? error.message : String(error)}`
  }
}
