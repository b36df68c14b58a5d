import { randomUUID } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { CryptoKey } from 'jose'
import { pino } from 'pino'
import { RedisDirectory } from '../../directory/redis/redisDirectory.ts'
import { LocalFleetHost } from '../../local/agones/localFleetHost.ts'
import { defined } from '../../model/defined.ts'
import type { CopyId, MapName, ServerId } from '../../model/ids.ts'
import { holderIn, type SeatHolder } from '../../model/seat.ts'
import { signTicket } from '../../model/ticket/ticket.ts'
import type { SeatAnswer } from '../../model/wire/matchmaker.ts'
import { gameFolder } from '../../service/installation.ts'
import { ensureKeyPair, readPrivateKey } from '../../service/keys/keys.ts'
import { createStore, type PostgresStore } from '../../store/postgresStore.ts'
import { startServices } from '../world/services.ts'

/** Deadline of the seats, in ms: all players of a room enter in that time. */
const HOLD_MS = 300_000
/** Longest time for a server to become ready, and for a copy to open, in ms. */
const READY_TIMEOUT_MS = 90_000
const READY_POLL_MS = 100
/** People in one call to the studio's API. */
const BATCH = 500

/** One Strata room on a server process of its own. */
export interface StrataRoom {
  pid: number
  /** One for each person who may enter. */
  seats: SeatAnswer[]
}

interface Parts {
  store: PostgresStore
  directory: RedisDirectory
  /** Signs tickets. */
  key: CryptoKey
}

/**
 * Starts a Redis, a PostgreSQL and `rooms` game-server processes. The bench takes the place of orchestrator and matchmaker. Returns a function that opens a room
 * for this many people on a square with this half side in metres, each on the next server. `profile`: folder for a CPU profile of each server.
 */
export async function startRoomWorld(
  stack: AsyncDisposableStack,
  rooms: number,
  profile: string | undefined,
): Promise<(people: number, half: number) => Promise<StrataRoom>> {
  const { folder, redisUrl, databaseUrl } = await startServices(stack)
  const store = stack.use(await createStore({ url: databaseUrl }))
  const directory = stack.use(await RedisDirectory.connect(redisUrl))
  const keys = join(folder, 'keys')
  await ensureKeyPair(keys, 'ticket')
  const parts = { store, directory, key: await readPrivateKey(keys, 'ticket') }
  const fleets = join(folder, 'fleets')
  await mkdir(fleets)
  await writeFile(join(fleets, 'room.fleet.yaml'), fleetManifest(rooms))
  const env = {
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
    STRATA_KEYS: keys,
    LOG_LEVEL: 'warn',
    DRAIN_DEADLINE_MS: '0',
    CONNECTIONS_PER_ADDRESS: '100000',
    REQUESTS_PER_ADDRESS: '100000',
    ...defined({ NODE_OPTIONS: profile === undefined ? undefined : `--cpu-prof --cpu-prof-dir=${profile}` }),
  }
  const host = stack.use(await LocalFleetHost.start({ folder: fleets, root: gameFolder, state: folder, env, log: pino({ level: 'silent' }) }))
  await until('the servers are ready', async () => host.servers().filter(({ state }) => state === 'Ready').length === rooms)
  let opened = 0
  return async (people, half) => {
    const server = host.servers()[opened++]
    if (server === undefined) throw new Error(`only ${rooms} servers were started`)
    const holders = await makePeople(parts, opened, people)
    const copy = { id: `square-${half}-${opened}`, map: `square-${half}` }
    const address = await openCopy(parts, copy, server.id)
    return { pid: server.pid, seats: await holdSeats(parts, { ...copy, address }, holders) }
  }
}

async function makePeople({ store }: Parts, room: number, people: number): Promise<SeatHolder[]> {
  const holders: SeatHolder[] = []
  for (let from = 0; from < people; from += BATCH) {
    const names = Array.from({ length: Math.min(BATCH, people - from) }, (_, index) => `${room}-${from + index}`)
    await store.studio.apply(
      names.map((name) => ({ kind: 'character' as const, character: `walker-${name}`, account: `account-${name}`, name: `Walker ${name}` })),
    )
    holders.push(...(await store.profiles(names.map((name) => `walker-${name}`))).map(holderIn))
  }
  return holders
}

/** Orders the copy as the orchestrator does; resolves with its address. */
async function openCopy({ directory }: Parts, { id, map }: { id: CopyId; map: MapName }, server: ServerId): Promise<string> {
  const now = Date.now()
  await directory.addCopy({ id, map, state: 'opening', server, created: now, since: now })
  let address = ''
  await until('the copy is open', async () => {
    const copy = (await directory.snapshot(map)).copies.find((one) => one.id === id)
    if (copy?.state === 'open') address = copy.address
    return address !== ''
  })
  return address
}

/** Holds a seat for each and signs its ticket, as the matchmaker does. */
async function holdSeats(
  { directory, key }: Parts,
  copy: { id: CopyId; map: MapName; address: string },
  holders: readonly SeatHolder[],
): Promise<SeatAnswer[]> {
  const { id, map, address } = copy
  const expires = Date.now() + HOLD_MS
  const seats: SeatAnswer[] = []
  for (const holder of holders) {
    await directory.holdSeats({ map, holders: [holder], options: [{ copy: id, limit: holders.length }], now: Date.now(), deadline: expires })
    seats.push({ address, map, copy: id, ticket: await signTicket({ id: randomUUID(), holder, copy: id, expires }, key), expires })
  }
  return seats
}

/** JSON is YAML, too. */
function fleetManifest(servers: number): string {
  const annotations = { 'strata.dev/local-command': 'bench/room/walkServer.ts', 'strata.dev/local-max': String(servers) }
  const spec = { ports: [{ name: 'ws' }], counters: { rooms: { capacity: 1 }, players: { capacity: 10_000 } } }
  return JSON.stringify({
    apiVersion: 'agones.dev/v1',
    kind: 'Fleet',
    metadata: { name: 'room' },
    spec: { replicas: servers, template: { metadata: { annotations }, spec } },
  })
}

async function until(what: string, look: () => Promise<boolean>): Promise<void> {
  for (const deadline = performance.now() + READY_TIMEOUT_MS; !(await look()); await pause(READY_POLL_MS))
    if (performance.now() > deadline) throw new Error(`${what}: not within ${READY_TIMEOUT_MS / 1000} s`)
}
