import { chmodSync, copyFileSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import { GameServerRecord } from '../../local/agones/gameServerRecord.ts'
import { HealthWatch } from '../../local/agones/healthWatch.ts'
import { LocalFleetHost } from '../../local/agones/localFleetHost.ts'
import { SdkGrpc } from '../../local/agones/sdk/sdkGrpc.ts'
import { SdkRest } from '../../local/agones/sdk/sdkRest.ts'
import { SdkService } from '../../local/agones/sdk/sdkService.ts'
import { choosePort } from '../../local/services/ports.ts'
import { roleUrl } from '../../local/services/roleUrl.ts'
import { type ProcessKind, roles } from '../../model/access/process.ts'
import { ensureKeyPair } from '../../service/keys/keys.ts'
import { migrate } from '../../store/database/migrate.ts'
import { freshDatabase } from '../freshDatabase.ts'
import { root } from './strataImage.ts'

export interface Role {
  name: ProcessKind
  args: string[]
  env: Record<string, string>
  mounts: Record<string, string>
  /** URL of the liveness and readiness endpoints. */
  url: string
}

const PASSWORD = 'of-the-image-test'
const clock = { now: Date.now }

/** What the three roles need on this machine: a migrated database, keys, a fleet host for the orchestrator, an Agones SDK for the game server. */
export async function openRoles(folder: string, stack: AsyncDisposableStack): Promise<Role[]> {
  const database = stack.use(await freshDatabase())
  await migrate(database.url, { gameserver: PASSWORD, matchmaker: PASSWORD, orchestrator: PASSWORD })
  const [keys, policies] = [join(folder, 'keys'), join(folder, 'policies')]
  for (const name of ['ticket', 'session'] as const) await ensureKeyPair(keys, name)
  // As a Secret's volume with the group of the pod.
  chmodSync(keys, 0o755)
  for (const file of readdirSync(keys)) chmodSync(join(keys, file), 0o644)
  mkdirSync(policies)
  copyFileSync(join(root, 'fleets/forest.yaml'), join(policies, 'forest.yaml'))
  const fleets = join(folder, 'fleets')
  mkdirSync(fleets)
  const log = pino({ level: 'silent' })
  const host = stack.use(await LocalFleetHost.start({ folder: fleets, root, state: folder, env: {}, log }))
  const sdk = await openSdk(stack)
  const role = async (name: ProcessKind, script: string, portName: string, more: Record<string, string>): Promise<Role> => {
    const port = await choosePort(undefined, 'another port')
    const connections = { DATABASE_URL: roleUrl(database.url, roles[name], PASSWORD), REDIS_URL: process.env['REDIS_URL'] ?? '', REDIS_PREFIX: 'image-test:' }
    return {
      name,
      args: [script],
      env: { NODE_ENV: 'production', STRATA_KEYS: '/keys', ...connections, [portName]: String(port), ...more },
      mounts: { '/keys': keys, '/policies': policies },
      url: `http://127.0.0.1:${port}`,
    }
  }
  return [
    await role('orchestrator', 'orchestrator/main.ts', 'PORT', { STRATA_POLICIES: '/policies', STRATA_FLEETS_URL: host.url, STRATA_FLEETS_TOKEN: host.token }),
    await role('matchmaker', 'matchmaker/main.ts', 'PORT', { STRATA_POLICIES: '/policies', DEV_LOGIN: 'true' }),
    await role('gameserver', 'gameserver/demo/main.ts', 'PROBE_PORT', {
      PORT: String(await choosePort(undefined, 'another port')),
      ...sdk,
      DRAIN_DEADLINE_MS: '1000',
    }),
  ]
}

async function openSdk(stack: AsyncDisposableStack): Promise<Record<string, string>> {
  const health = { disabled: false, initialDelaySeconds: 30, periodSeconds: 5, failureThreshold: 3 }
  const manifest = {
    name: 'overworld',
    replicas: 1,
    maxReplicas: 1,
    command: [],
    labels: {},
    annotations: {},
    overflow: { labels: {}, annotations: {} },
    counters: { rooms: { count: 0, capacity: 6 }, players: { count: 0, capacity: 400 } },
    portName: 'ws',
    health,
    terminationGraceMs: 0,
    env: {},
  }
  const record = new GameServerRecord({ name: 'overworld-image', uid: 'image', created: clock.now(), host: '127.0.0.1', port: 7_777, manifest })
  const sdk = new SdkService(record, new HealthWatch(health, clock.now()), clock)
  stack.defer(() => sdk.close())
  const [grpc, rest] = [stack.use(await SdkGrpc.start(sdk)), stack.use(await SdkRest.start(sdk))]
  return { AGONES_SDK_GRPC_PORT: String(grpc.port), AGONES_SDK_HTTP_PORT: String(rest.port) }
}
