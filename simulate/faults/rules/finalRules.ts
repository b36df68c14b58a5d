import type { DurationMs } from '../../../model/clock.ts'
import type { Copy } from '../../../model/copy.ts'
import type { CharacterId, CopyId, PartyId } from '../../../model/ids.ts'
import { CLAIM_TIMEOUT_MS, type MoveOrder, STANDBY_TIMEOUT_MS } from '../../../model/move.ts'
import type { Player } from '../processes/player.ts'
import type { SimState, SimZone } from '../processes/simZone.ts'
import { INSTANCE } from '../scenario.ts'
import type { SimWorld } from '../world.ts'
import { zonesOf } from './liveRules.ts'

export interface Problem {
  rule: string
  what: string
}

/** Number of newest inputs that may still be in transit. */
const UNDER_WAY = 12

/** Longest life of an order without faults, in ms, except one that waits for a border or a busy player: standby, then claim, then the calls around them. */
const SETTLED_WITHIN_MS: DurationMs = STANDBY_TIMEOUT_MS + CLAIM_TIMEOUT_MS + 5_000

/**
 * Longest time from the deadline of a copy until it is empty, in ms. A client that does not follow is disconnected when a move fails that was ordered after the
 * deadline. The move before may have failed later than the deadline. The next one is ordered after `perPlayerEvery` (5 s here).
 */
const EMPTY_WITHIN_MS: DurationMs = 2 * STANDBY_TIMEOUT_MS + 5_000 + 5_000

/** The first violation of the final state, which must hold some time after the last fault; undefined when there is none. */
export function finalProblem(world: SimWorld): Problem | undefined {
  return (
    people(world) ??
    closings(world) ??
    seats(world) ??
    rooms(world) ??
    whereabouts(world) ??
    described(world) ??
    parties(world) ??
    inputs(world) ??
    saved(world)
  )
}

/** C2: every closing copy gets empty soon after its deadline, even if a client never answers. A copy may have begun to close a short time ago. */
function closings(world: SimWorld): Problem | undefined {
  const now = world.kernel.now()
  for (const map of world.policies.keys()) {
    const { copies, seats } = world.memory.ledger(map).snapshot()
    const overdue = (copy: Copy): boolean => copy.state === 'closing' && now > copy.deadline + EMPTY_WITHIN_MS
    const closing = copies.find((copy) => overdue(copy) && seats.some((one) => one.copy === copy.id))
    if (closing !== undefined) return { rule: 'C2', what: `${closing.id} is closing, and characters are still in it` }
  }
  return undefined
}

/** M5: in a stay without a broken connection every input is applied, across all moves. */
function inputs(world: SimWorld): Problem | undefined {
  for (const player of world.players) {
    const body = bodyOf(world, player)
    const { stay } = player
    if (body === undefined || stay === undefined || stay.broken) continue
    const applied = new Set(body.state.applied)
    for (let n = stay.first; n <= stay.last - UNDER_WAY; n++) {
      if (!applied.has(n))
        return { rule: 'M5', what: `input ${n} of ${player.character} was lost, and no connection broke since ${stay.first}: ${body.state.applied.join(' ')}` }
    }
  }
  return undefined
}

/** D2: the inputs of a player who left are saved, however long the database was away, if their server lives or shut down in an orderly way. */
function saved(world: SimWorld): Problem | undefined {
  for (const [character, { epoch, state, process }] of world.lastBodies) {
    const row = world.store.claims.rows.get(character)
    if (row?.epoch !== epoch || row.moving !== undefined || !(world.servers.has(process) || world.stoppedOrderly.has(process))) continue
    if (world.players.some((player) => player.character === character && bodyOf(world, player) !== undefined)) continue
    const { applied } = row.state === null ? { applied: [] } : (JSON.parse(row.state) as { game: SimState }).game
    if (applied.length < state.applied.length)
      return { rule: 'D2', what: `${character} left after ${state.applied.length} inputs, and ${applied.length} of them are saved` }
  }
  return undefined
}

function bodyOf(world: SimWorld, { character }: Player): ReturnType<SimZone['bodies']> extends Generator<infer Body> ? Body | undefined : never {
  const epoch = world.store.claims.rows.get(character)?.epoch
  for (const zone of zonesOf(world)) {
    if (!zone.presences().some((presence) => presence.character === character && presence.epoch === epoch)) continue
    for (const body of zone.bodies()) if (body.holder.character === character) return body
  }
  return undefined
}

/** Every player is in the map that they want, and no other player is in the world. */
function people(world: SimWorld): Problem | undefined {
  for (const player of world.players) {
    const { character, wantedMap, copy } = player
    const row = world.store.claims.rows.get(character)
    const body = bodyOf(world, player)
    if (wantedMap === undefined) {
      if (body !== undefined) return { rule: 'D2', what: `${character} left, and is still in ${row?.live?.copy}` }
    } else if (player.inLine) {
      if (wantedMap === INSTANCE) return { rule: 'Q1', what: `${character} waits in line for an instance` }
      if (seatFree(world, player, wantedMap)) return { rule: 'Q1', what: `${character} waits in line for ${wantedMap}, where there is room` }
    } else if (copy === undefined || body === undefined || row?.live?.copy !== copy) {
      return { rule: 'D2', what: `${character} wants to be in ${wantedMap}, plays in ${copy ?? 'nothing'}, and the database says ${JSON.stringify(row?.live)}` }
    }
  }
  return undefined
}

/** Whether the head of the line could have a seat: in an open copy below the soft cap, or in their party's copy below the limit for company. */
function seatFree({ memory, policies, fleet, store }: SimWorld, { character }: Player, map: string): boolean {
  const capacity = policies.get(map)?.capacity
  if (capacity === undefined) return false
  const { line } = memory.ledger(map)
  const { copies, seats } = memory.ledger(map).snapshot()
  const head = line.head(1)[0]
  if (head?.holders[0]?.character !== character) return false
  // The head is placed with the party of now, not with that of the time when it joined the line.
  const party = store.partyOf(character)?.party
  const counts = copies
    // A server that is marked for draining takes no new players.
    .filter(({ state, server }) => state === 'open' && fleet.servers.get(server)?.overflow === false)
    .map(({ id }) => ({
      count: seats.filter(({ copy }) => copy === id).length,
      party: party !== undefined && seats.some(({ copy, seat }) => copy === id && seat.party === party),
    }))
  const own = counts.filter((one) => one.party)
  if (own.length > 0) return own.some(({ count }) => count + head.holders.length <= Math.min(capacity.hard, capacity.soft + capacity.company))
  return counts.some(({ count }) => count + head.holders.length <= capacity.soft)
}

/** Taken seats and bodies match. S4: no held seat outlives its deadline. */
function seats({ memory, policies, kernel, servers }: SimWorld): Problem | undefined {
  for (const map of policies.keys()) {
    const { copies, seats } = memory.ledger(map).snapshot()
    for (const { id, server } of copies) {
      const room = servers.get(server)?.services.rooms.get(id)
      if (room === undefined) {
        if (copies.find((copy) => copy.id === id)?.state !== 'opening') return { rule: 'D2', what: `the copy ${id} is listed, but no server hosts it` }
        continue
      }
      const here = new Set(room.seats().map(({ character }) => character))
      for (const { copy, seat } of seats) {
        if (copy !== id) continue
        if (seat.state === 'taken' && !here.has(seat.character)) return { rule: 'S4', what: `${seat.character} has a taken seat in ${id}, but is not there` }
        if (seat.state === 'held' && seat.deadline + 2_000 < kernel.now())
          return { rule: 'S4', what: `a seat in ${id} is held for ${seat.character} past its deadline` }
        if (seat.state === 'taken') here.delete(seat.character)
      }
      const [unseated] = here
      if (unseated !== undefined) return { rule: 'D1', what: `${unseated} is in ${id}, and has no seat there` }
    }
  }
  return undefined
}

/** Every room is listed in the directory, no player in it is stale or frozen, and no move order is left unsettled. */
function rooms(world: SimWorld): Problem | undefined {
  const { servers, store } = world
  for (const server of servers.values()) {
    for (const room of server.services.rooms.values()) {
      const live = room.presences()
      const listed = [...world.policies.keys()].some((map) => world.copiesOf(map).some(({ id }) => id === room.copy))
      if (!listed) return { rule: 'D1', what: `${server.services.server} hosts ${room.copy}, and the directory does not list it` }
      if (live.length !== room.population) return { rule: 'M2', what: `of ${room.population} in ${room.copy} only ${live.length} play` }
      const stale = live.find(({ character, epoch }) => epoch !== store.claims.rows.get(character)?.epoch)
      if (stale !== undefined) return { rule: 'S1', what: `${stale.character} is still in ${stale.copy} at the old epoch ${stale.epoch}` }
    }
    if (server.services.rooms.size > 0 && world.fleet.servers.get(server.services.server)?.state === 'Ready')
      return { rule: 'D1', what: `${server.services.server} hosts copies, but its fleet lists it as Ready` }
    // A player near a border keeps a seat beyond it for a minute, so that a border order may stay open until its deadline.
    const order = world
      .ordersFor(server.services.server, world.kernel.now() - SETTLED_WITHIN_MS)
      .find(({ cause, deadline }) => cause !== 'border' || deadline + 2_000 < world.kernel.now())
    if (order !== undefined) return { rule: 'M2', what: `the move ${order.id} out of ${order.from.copy} was never settled` }
  }
  return undefined
}

/** D1: the directory's whereabouts match the bodies, in both directions. */
function whereabouts(world: SimWorld): Problem | undefined {
  for (const player of world.players) {
    const { character } = player
    const listedAt = world.memory.whereIs(character)
    const body = bodyOf(world, player)
    const epoch = world.store.claims.rows.get(character)?.epoch
    // A server that died during a split may have sent an update that arrives when the split ends. If the copy is gone, the update misleads nobody.
    const listed = listedAt !== undefined && world.copiesOf(listedAt.map).some(({ id }) => id === listedAt.copy)
    if (body === undefined && listed) return { rule: 'D1', what: `the directory lists ${character} in ${listedAt.copy}, but it is not in the world` }
    if (body !== undefined && listedAt?.epoch !== epoch)
      return { rule: 'D1', what: `${character} is live at epoch ${epoch}, but the directory lists ${listedAt?.epoch ?? 'nothing'}` }
  }
  return undefined
}

/**
 * P1: party members on one map are in one copy, unless no copy has room for the rest of them, or one of them cannot be moved. A client that never says that it
 * has arrived could be brought to the others only by disconnecting it. A player near a border keeps the seat beyond it for a minute. Parties are
 * those of the store, not those of the seats.
 */
function parties(world: SimWorld): Problem | undefined {
  const { memory, policies, store, fleet } = world
  for (const map of policies.keys()) {
    const { copies, seats } = memory.ledger(map).snapshot()
    const where = new Map<PartyId, Map<CopyId, number>>()
    const near = new Set([...world.servers.keys()].flatMap((server) => world.ordersFor(server, world.kernel.now())).flatMap(atBorder))
    const immovable = world.players.filter(({ neverArrives, character }) => neverArrives || near.has(character))
    const held = new Set(immovable.map(({ character }) => store.partyOf(character)?.party))
    for (const { copy, seat } of seats) {
      const party = store.partyOf(seat.character)?.party
      const owner = copies.find(({ id }) => id === copy)?.party
      // A party's instance keeps somebody who left the party, until they leave.
      if (party === undefined || seat.state !== 'taken' || (map === INSTANCE && owner !== party)) continue
      const parts = where.get(party) ?? new Map<CopyId, number>()
      where.set(party, parts.set(copy, (parts.get(copy) ?? 0) + 1))
    }
    for (const [party, parts] of where) {
      const members = [...parts.values()].reduce((sum, part) => sum + part, 0)
      const hard = policies.get(map)?.capacity.hard ?? 0
      const room = copies.some(({ id, state, server }) => {
        const others = members - (parts.get(id) ?? 0)
        const taking = state === 'open' && fleet.servers.get(server)?.overflow === false
        return parts.has(id) && taking && seats.filter(({ copy }) => copy === id).length + others <= hard
      })
      if (parts.size > 1 && room && !held.has(party))
        return { rule: 'P1', what: `${party} is in ${[...parts.keys()].join(' and in ')}, and one of them has room for all` }
    }
  }
  return undefined
}

function atBorder({ cause, members }: MoveOrder): CharacterId[] {
  return cause === 'border' ? members.map(({ character }) => character) : []
}

/** S6: seats and bodies say what the store says, and no banned account is live. */
function described(world: SimWorld): Problem | undefined {
  const { memory, policies, store } = world
  for (const [map] of policies) {
    for (const { copy, seat } of memory.ledger(map).snapshot().seats) {
      const profile = store.profileNow(seat.character)
      if (seat.state === 'taken' && (seat.party !== profile?.party || seat.guild !== profile?.guild))
        return {
          rule: 'S6',
          what: `the seat of ${seat.character} in ${copy} says ${seat.party} and ${seat.guild}, the store ${profile?.party} and ${profile?.guild}`,
        }
    }
  }
  for (const zone of zonesOf(world)) {
    for (const { holder } of zone.bodies()) {
      const profile = store.profileNow(holder.character)
      if (holder.party !== profile?.party || holder.guild !== profile?.guild)
        return {
          rule: 'S6',
          what: `the body of ${holder.character} says ${holder.party} and ${holder.guild}, the store ${profile?.party} and ${profile?.guild}`,
        }
      if (profile?.ban !== undefined) return { rule: 'S6', what: `${holder.character} is live, and its account is banned` }
    }
  }
  return undefined
}
