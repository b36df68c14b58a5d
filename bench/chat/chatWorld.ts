import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CryptoKey } from 'jose'
import type { RedisDirectory } from '../../directory/redis/redisDirectory.ts'
import { holderIn, type SeatHolder } from '../../model/seat.ts'
import { signTicket } from '../../model/ticket/ticket.ts'
import type { SeatAnswer } from '../../model/wire/matchmaker.ts'
import type { PostgresStore } from '../../store/postgresStore.ts'
import { makeParty } from '../../test/people.ts'
import { inFlight } from '../report.ts'
import { startServers, startStores, until } from '../world/gameServers.ts'
import { type CrowdSize, type Person, personAt } from './crowd.ts'

/** Deadline of the seats, in ms: all players enter in that time. */
const HOLD_MS = 180_000
/** Longest time for the servers to become ready, and for the copies to open, in ms. */
const READY_TIMEOUT_MS = 60_000
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
  const stores = await startStores(stack)
  const { folder, store, directory, key } = stores
  const crowd = Array.from({ length: size.people }, (_, index) => personAt(index, size))
  const holders = await makePeople(store, crowd)
  const fleet = { name: FLEET, script: 'bench/chat/quietServer.ts', servers: size.servers, rooms: 1_000, profile, withinMs: READY_TIMEOUT_MS }
  const host = await startServers(stack, stores, fleet)
  const servers = host.servers()
  await openCopies(directory, crowd, servers)
  return {
    crowd,
    seats: await holdSeats(directory, { crowd, holders, size, key }),
    pids: {
      ...Object.fromEntries(servers.map(({ pid }, index) => [`server${index + 1}`, pid])),
      redis: await pidOf(join(folder, 'redis')),
      postgres: await pidOf(join(folder, 'postgres')),
    },
  }
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
  await until('the copies are open', READY_TIMEOUT_MS, async () => {
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
