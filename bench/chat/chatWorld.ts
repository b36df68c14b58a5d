import { randomUUID } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { CryptoKey } from 'jose'
import { pino } from 'pino'
import { RedisDirectory } from '../../directory/redis/redisDirectory.ts'
import { LocalFleetHost } from '../../local/agones/localFleetHost.ts'
import { defined } from '../../model/defined.ts'
import { holderIn, type SeatHolder } from '../../model/seat.ts'
import { signTicket } from '../../model/ticket/ticket.ts'
import type { SeatAnswer } from '../../model/wire/matchmaker.ts'
import { gameFolder } from '../../service/installation.ts'
import { ensureKeyPair, readPrivateKey } from '../../service/keys/keys.ts'
import { createStore, type PostgresStore } from '../../store/postgresStore.ts'
import { makeParty } from '../../test/people.ts'
import { inFlight } from '../report.ts'
import { startServices } from '../world/services.ts'
import { type CrowdSize, type Person, personAt } from './crowd.ts'

/** Deadline of the seats, in ms: all players enter in that time. */
const HOLD_MS = 180_000
/** Longest time for the servers to become ready, and for the copies to open, in ms. */
const READY_TIMEOUT_MS = 60_000
const READY_POLL_MS = 100
/** Parties that are made at the same time. */
const WIDTH = 8
const FLEET = 'chat'

/** Game-server processes with their copies, over one Redis and one PostgreSQL. The bench takes the place of orchestrator and matchmaker. */
export interface ChatWorld {
  crowd: Person[]
  seats: SeatAnswer[]
  /** Pids by the name of the process. A database's pid stands for its children, too. */
  pids: Record<string, number>
}

/** `profile`: folder for a CPU profile of each server. */
export async function startChatWorld(stack: AsyncDisposableStack, size: CrowdSize, profile: string | undefined): Promise<ChatWorld> {
  const { folder, redisUrl, databaseUrl } = await startServices(stack)
  const store = stack.use(await createStore({ url: databaseUrl }))
  const directory = stack.use(await RedisDirectory.connect(redisUrl))
  const keys = join(folder, 'keys')
  await ensureKeyPair(keys, 'ticket')
  const crowd = Array.from({ length: size.people }, (_, index) => personAt(index, size))
  const holders = await makePeople(store, crowd)

  const fleets = join(folder, 'fleets')
  await mkdir(fleets)
  await writeFile(join(fleets, 'chat.fleet.yaml'), fleetManifest(size.servers))
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
  await until('the servers are ready', async () => host.servers().filter(({ state }) => state === 'Ready').length === size.servers)
  const servers = host.servers()
  await openCopies(directory, crowd, servers)
  return {
    crowd,
    seats: await holdSeats(directory, { crowd, holders, size, key: await readPrivateKey(keys, 'ticket') }),
    pids: {
      ...Object.fromEntries(servers.map(({ pid }, index) => [`server${index + 1}`, pid])),
      redis: await pidOf(join(folder, 'redis')),
      postgres: await pidOf(join(folder, 'postgres')),
    },
  }
}

/** JSON is YAML, too. */
function fleetManifest(servers: number): string {
  const annotations = { 'strata.dev/local-command': 'bench/chat/quietServer.ts', 'strata.dev/local-max': String(servers) }
  const spec = { ports: [{ name: 'ws' }], counters: { rooms: { capacity: 1_000 }, players: { capacity: 10_000 } } }
  return JSON.stringify({
    apiVersion: 'agones.dev/v1',
    kind: 'Fleet',
    metadata: { name: FLEET },
    spec: { replicas: servers, template: { metadata: { annotations }, spec } },
  })
}

/** Makes characters, guilds and parties, as a studio's back end and its players do. */
async function makePeople(store: PostgresStore, crowd: readonly Person[]): Promise<Map<string, SeatHolder>> {
  const guilds = [...new Set(crowd.map(({ guild }) => guild))]
  const results = await store.studio.apply([
    ...guilds.map((guild) => ({ kind: 'guild' as const, guild, name: guild })),
    ...crowd.map(({ character, guild, index }) => ({ kind: 'character' as const, character, account: `account-${index}`, name: `Person ${index}`, guild })),
  ])
  const refused = results.find((result) => !result.ok)
  if (refused !== undefined && !refused.ok) throw new Error(refused.message)
  const parties = [...Map.groupBy(crowd, ({ party }) => party)]
  await inFlight(parties.length, WIDTH, async (index) => {
    const [party, members] = parties[index] ?? ['', []]
    await makeParty(
      store,
      party,
      members.map(({ character }) => character),
    )
  })
  const profiles = await store.profiles(crowd.map(({ character }) => character))
  return new Map(profiles.map((profile) => [profile.character, holderIn(profile)]))
}

/** Orders the copies as the orchestrator does; resolves when all are open. */
async function openCopies(directory: RedisDirectory, crowd: readonly Person[], servers: readonly { id: string }[]): Promise<void> {
  const copies = new Map(crowd.map(({ copy, map, server }) => [copy, { copy, map, server: servers[server]?.id ?? '' }]))
  const now = Date.now()
  for (const { copy, map, server } of copies.values()) await directory.addCopy({ id: copy, map, state: 'opening', server, created: now, since: now })
  const maps = [...new Set(crowd.map(({ map }) => map))]
  await until('the copies are open', async () => {
    const snapshots = await Promise.all(maps.map((map) => directory.snapshot(map)))
    return snapshots.every((snapshot) => snapshot.copies.every(({ state }) => state === 'open'))
  })
}

interface Holding {
  crowd: readonly Person[]
  holders: ReadonlyMap<string, SeatHolder>
  size: CrowdSize
  key: CryptoKey
}

/** Holds a seat for each person and signs its ticket, as the matchmaker does. */
async function holdSeats(directory: RedisDirectory, { crowd, holders, size, key }: Holding): Promise<SeatAnswer[]> {
  const addresses = new Map<string, string>()
  for (const map of new Set(crowd.map((person) => person.map)))
    for (const copy of (await directory.snapshot(map)).copies) if (copy.state === 'open') addresses.set(copy.id, copy.address)
  const seats: SeatAnswer[] = []
  for (const { character, map, copy } of crowd) {
    const holder = holders.get(character)
    if (holder === undefined) throw new Error(`${character} was not made`)
    const now = Date.now()
    const expires = now + HOLD_MS
    await directory.holdSeats({ map, holders: [holder], options: [{ copy, limit: size.copy }], now, deadline: expires })
    const ticket = await signTicket({ id: randomUUID(), holder, copy, expires }, key)
    seats.push({ address: addresses.get(copy) ?? '', map, copy, ticket, expires })
  }
  return seats
}

async function pidOf(folder: string): Promise<number> {
  const { pid } = JSON.parse(await readFile(join(folder, 'process.json'), 'utf8')) as { pid: number } // ownedProcess.ts writes it
  return pid
}

async function until(what: string, look: () => Promise<boolean>): Promise<void> {
  for (const deadline = performance.now() + READY_TIMEOUT_MS; !(await look()); await pause(READY_POLL_MS))
    if (performance.now() > deadline) throw new Error(`${what}: not within ${READY_TIMEOUT_MS / 1000} s`)
}
