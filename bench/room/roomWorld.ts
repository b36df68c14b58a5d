import { randomUUID } from 'node:crypto'
import type { CopyId, MapName, ServerId } from '../../model/ids.ts'
import { holderIn, type SeatHolder } from '../../model/seat.ts'
import { signTicket } from '../../model/ticket/ticket.ts'
import type { SeatAnswer } from '../../model/wire/matchmaker.ts'
import { type Stores, startServers, startStores, until } from '../world/gameServers.ts'

/** Deadline of the seats, in ms: all players of a room enter in that time. */
const HOLD_MS = 300_000
/** Longest time for a server to become ready, and for a copy to open, in ms. */
const READY_TIMEOUT_MS = 90_000
/** People in one call to the studio's API. */
const BATCH = 500

/** One Strata room on a server process of its own. */
export interface StrataRoom {
  pid: number
  /** One for each person who may enter. */
  seats: SeatAnswer[]
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
  const stores = await startStores(stack)
  const host = await startServers(stack, stores, {
    name: 'room',
    script: 'bench/room/walkServer.ts',
    servers: rooms,
    rooms: 1,
    profile,
    withinMs: READY_TIMEOUT_MS,
  })
  let opened = 0
  return async (people, half) => {
    const server = host.servers()[opened++]
    if (server === undefined) throw new Error(`only ${rooms} servers were started`)
    const holders = await makePeople(stores, opened, people)
    const copy = { id: `square-${half}-${opened}`, map: `square-${half}` }
    const address = await openCopy(stores, copy, server.id)
    return { pid: server.pid, seats: await holdSeats(stores, { ...copy, address }, holders) }
  }
}

async function makePeople({ store }: Stores, room: number, people: number): Promise<SeatHolder[]> {
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
async function openCopy({ directory }: Stores, { id, map }: { id: CopyId; map: MapName }, server: ServerId): Promise<string> {
  const now = Date.now()
  await directory.addCopy({ id, map, state: 'opening', server, created: now, since: now })
  let address = ''
  await until('the copy is open', READY_TIMEOUT_MS, async () => {
    const copy = (await directory.snapshot(map)).copies.find((one) => one.id === id)
    if (copy?.state === 'open') address = copy.address
    return address !== ''
  })
  return address
}

/** Holds a seat for each and signs its ticket, as the matchmaker does. */
async function holdSeats(
  { directory, key }: Stores,
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
