import type { Census, CopyCensus, MapCensus } from '../../model/census.ts'
import type { Instant } from '../../model/clock.ts'
import type { Copy } from '../../model/copy.ts'
import type { CharacterId, CopyId, MapName, ServerId } from '../../model/ids.ts'
import { type MapPolicy, toMapPolicy } from '../../model/policy/policy.ts'
import { mapPolicySchema } from '../../model/policy/schema.ts'
import type { Seat } from '../../model/seat.ts'
import type { ServerReport } from '../../model/server.ts'
import type { PlanInput, PlanMemory } from '../../orchestrator/plan/action.ts'

const COPIES_PER_MAP = 25
const COPIES_PER_SERVER = 10
/** Caps at which 100 players per copy are many, so that the planner opens copies. */
const FULL = { soft: 110, hard: 120, company: 10 }
/** Caps at which 100 players per copy are few, so that the planner merges copies. */
const ROOMY = { soft: 150, hard: 170, company: 20 }
const EPOCH: Instant = 1_700_000_000_000

/**
 * A running world: maps of 25 copies. One copy in ten is sparse, one in fifty is closing, and guilds are split over two copies. Every other
 * map is full and needs more copies; the rest have too many.
 */
export function bigWorld(copies: number): { players: number; input: (seconds: number, memory: PlanMemory) => PlanInput } {
  const maps = new Map<MapName, MapCensus>()
  const policies = new Map<MapName, MapPolicy>()
  const servers = new Map<ServerId, ServerReport>()
  const whereabouts = new Map<CharacterId, { map: MapName; copy: CopyId }>()
  let players = 0
  for (let m = 0; m * COPIES_PER_MAP < copies; m++) {
    const map = `map-${m}`
    policies.set(map, policyOf(map, m % 2 === 0 ? FULL : ROOMY))
    const copiesOfMap = new Map<CopyId, CopyCensus>()
    for (let c = 0; c < Math.min(COPIES_PER_MAP, copies - m * COPIES_PER_MAP); c++) {
      const number = m * COPIES_PER_MAP + c
      const server = `server-${Math.floor(number / COPIES_PER_SERVER)}`
      const census = copyOf({ id: `${map}-${c}`, map, server }, number, players)
      players += census.seats.size
      for (const character of census.seats.keys()) whereabouts.set(character, { map, copy: census.copy.id })
      copiesOfMap.set(census.copy.id, census)
      const report = { id: server, fleet: 'overworld', address: 'ws://x', rooms: COPIES_PER_SERVER, protocol: { min: 1, max: 1 }, draining: false }
      servers.set(server, { ...report, beat: Number.MAX_SAFE_INTEGER })
    }
    maps.set(map, { map, copies: copiesOfMap, waiting: 0 })
  }
  const fleets = new Map([['overworld', { ready: 20, allocated: servers.size, starting: 0, lost: 0, roomsPerServer: COPIES_PER_SERVER }]])
  return {
    players,
    input(seconds, memory) {
      const now = EPOCH + seconds * 1_000
      const census: Census = { at: now, maps, servers, whereabouts }
      return { census, policies, fleets, draining: new Set(), moving: new Set(), memory, now }
    },
  }
}

function copyOf(place: { id: CopyId; map: MapName; server: ServerId }, number: number, serial: number): CopyCensus {
  const { map } = place
  const base = { ...place, created: 0, since: 0, address: 'ws://x' }
  const closing = number % 50 === 49
  const copy: Copy = closing
    ? { ...base, state: 'closing', reason: 'merge', deadline: EPOCH + 86_400_000, successors: [`${map}-0`] }
    : { ...base, state: 'open' }
  const seats = new Map<CharacterId, Seat>()
  const guilds = new Map<string, number>()
  // 100 on average: the larger copies compensate for the sparse and the closing ones.
  const size = closing ? 40 : number % 10 === 5 ? 60 : 106
  for (let i = 0; i < size; i++) {
    const character = `p${serial + i}`
    const guild = `g-${map}-${(i * 7 + number * 3) % 120}`
    seats.set(character, { character, entity: serial + i + 1, name: character, language: 'en', guild, state: 'taken', since: 0 })
    guilds.set(guild, (guilds.get(guild) ?? 0) + 1)
  }
  return { copy, seats, parties: new Map(), guilds, languages: new Map([['en', size]]) }
}

function policyOf(name: MapName, capacity: { soft: number; hard: number; company: number }): MapPolicy {
  const spec = { fleet: 'overworld', capacity }
  return toMapPolicy(mapPolicySchema.parse({ apiVersion: 'strata.dev/v1alpha1', kind: 'MapPolicy', metadata: { name }, spec }), 'bench')
}
