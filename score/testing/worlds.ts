import fc from 'fast-check'
import type { CopyCensus, MapCensus } from '../../model/census.ts'
import type { Copy } from '../../model/copy.ts'
import { defined } from '../../model/defined.ts'
import type { CharacterId } from '../../model/ids.ts'
import { spokenBy } from '../../model/people/languages.ts'
import type { PlacementMember, PlacementRequest } from '../../model/placement/placement.ts'
import type { MapPolicy } from '../../model/policy/policy.ts'
import { toMapPolicy } from '../../model/policy/policy.ts'
import { mapPolicySchema } from '../../model/policy/schema.ts'
import type { Seat, SeatHolder } from '../../model/seat.ts'
import type { ServerReport } from '../../model/server.ts'

/** Small random worlds for property tests of the scorer. There are few names, so that parties, friends and guilds meet often. */
export const now = 1_000_000

export function policyOf(spec: Record<string, unknown> = {}): MapPolicy {
  const document = mapPolicySchema.parse({
    apiVersion: 'strata.dev/v1alpha1',
    kind: 'MapPolicy',
    metadata: { name: 'forest' },
    spec: { fleet: 'overworld', capacity: { soft: 6, hard: 9, company: 2 }, ...spec },
  })
  return toMapPolicy(document, 'v1')
}

export function holderOf(character: CharacterId, rest: Partial<SeatHolder> = {}): SeatHolder {
  return { character, entity: Number(character.slice(1)) + 1, name: character, language: 'en', ...rest }
}

export function copyOf(id: string, holders: readonly SeatHolder[], state: Copy['state'] = 'open', server = 's1'): CopyCensus {
  const base = { id, map: 'forest', server, created: 0, since: 0 }
  const copy: Copy =
    state === 'open'
      ? { ...base, state, address: 'ws://127.0.0.1:1' }
      : state === 'closing'
        ? { ...base, state, address: 'ws://127.0.0.1:1', reason: 'merge', deadline: now + 1, successors: [] }
        : { ...base, state }
  const seats = new Map<CharacterId, Seat>(holders.map((holder) => [holder.character, { ...holder, state: 'taken', since: 0 }]))
  return {
    copy,
    seats,
    parties: tally(holders, 'party'),
    guilds: tally(holders, 'guild'),
    languages: tallyLanguages(holders),
    attributes: tallyAttributes(holders),
  }
}

function tally(holders: readonly SeatHolder[], key: 'party' | 'guild'): Map<string, number> {
  const counts = new Map<string, number>()
  for (const holder of holders) {
    const value = holder[key]
    if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1)
  }
  return counts
}

function tallyLanguages(holders: readonly SeatHolder[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const language of holders.flatMap(spokenBy)) counts.set(language, (counts.get(language) ?? 0) + 1)
  return counts
}

function tallyAttributes(holders: readonly SeatHolder[]): Map<string, Map<string | number, number>> {
  const counts = new Map<string, Map<string | number, number>>()
  for (const [name, value] of holders.flatMap(({ attributes = {} }) => Object.entries(attributes))) {
    const ofName = counts.get(name) ?? new Map<string | number, number>()
    counts.set(name, ofName.set(value, (ofName.get(value) ?? 0) + 1))
  }
  return counts
}

export function mapOf(...copies: CopyCensus[]): MapCensus {
  return { map: 'forest', copies: new Map(copies.map((copy) => [copy.copy.id, copy])), waiting: 0 }
}

export function serversOf(...reports: Partial<ServerReport>[]): Map<string, ServerReport> {
  const all = reports.length === 0 ? [{}] : reports
  return new Map(
    all.map((report) => {
      const full: ServerReport = {
        id: 's1',
        fleet: 'overworld',
        address: 'ws://127.0.0.1:1',
        rooms: 10,
        protocol: { min: 1, max: 1 },
        draining: false,
        beat: now,
        ...report,
      }
      return [full.id, full]
    }),
  )
}

export function requestOf(
  holders: SeatHolder[],
  rest: Partial<PlacementRequest> & { friends?: string[]; familiar?: string[]; blocked?: string[] } = {},
): PlacementRequest {
  const { friends = [], familiar = [], blocked, ...request } = rest
  const members: PlacementMember[] = holders.map((holder) =>
    defined({ holder, friends: new Set(friends), familiar: new Set(familiar), blocked: blocked === undefined ? undefined : new Set(blocked) }),
  )
  const party = holders[0]?.party
  return { map: 'forest', protocol: 1, members, ...defined({ party }), ...request }
}

const character = fc.integer({ min: 0, max: 59 }).map((n) => `c${n}`)
const traits = fc.record({
  party: fc.option(fc.constantFrom('p1', 'p2', 'p3'), { nil: undefined }),
  guild: fc.option(fc.constantFrom('g1', 'g2', 'g3'), { nil: undefined }),
  language: fc.constantFrom('en', 'de', 'fr'),
  languages: fc.option(fc.constantFrom(['es'], ['nl', 'es']), { nil: undefined }),
  attributes: fc.option(fc.record({ level: fc.oneof(fc.integer({ min: 1, max: 60 }), fc.constant('high')), faction: fc.constantFrom('red', 'blue') }), {
    nil: undefined,
  }),
})
const rules = fc.constantFrom(
  [],
  [{ name: 'level', prefer: 'near' }],
  [
    { name: 'level', prefer: 'far', range: 5, missing: '1' },
    { name: 'faction', prefer: 'different', weight: 2 },
    { name: 'faith', prefer: 'same', missing: 'none' },
  ],
)

/** A map of up to six copies, each character seated once at most, and a request to enter it. */
export const world = fc
  .record({
    people: fc.uniqueArray(fc.tuple(character, traits, fc.integer({ min: 0, max: 5 })), { maxLength: 40, selector: ([id]) => id }),
    states: fc.array(fc.constantFrom<Copy['state']>('open', 'open', 'open', 'closing', 'opening', 'lost'), { minLength: 1, maxLength: 6 }),
    draining: fc.boolean(),
    seekers: fc.integer({ min: 1, max: 4 }),
    seeker: traits,
    friends: fc.uniqueArray(character, { maxLength: 8 }),
    familiar: fc.uniqueArray(character, { maxLength: 12 }),
    weights: fc.record({
      friends: fc.constantFrom(0, 1, 4),
      guild: fc.constantFrom(0, 1, 3),
      language: fc.constantFrom(0, 2),
      familiar: fc.constantFrom(0, 1),
      occupancy: fc.constantFrom(0, 1),
      latency: fc.constantFrom(0, 2),
    }),
    rules,
    latencyMs: fc.option(fc.dictionary(fc.constantFrom('eu', 'us'), fc.integer({ min: 0, max: 400 })), { nil: undefined }),
    region: fc.option(fc.constantFrom('eu', 'us'), { nil: undefined }),
    maxLatency: fc.option(fc.constant('150ms'), { nil: undefined }),
  })
  .map(({ people, states, draining, seekers, seeker, friends, familiar, weights, rules: attributes, latencyMs, region, maxLatency }) => {
    const copies = states.map((state, index) => {
      const inside = people.filter(([, , at]) => at % states.length === index).map(([id, who]) => holderOf(id, defined(who)))
      return copyOf(`forest-${index}`, state === 'opening' ? [] : inside, state, index === 0 ? 's2' : 's1')
    })
    const holders = Array.from({ length: seeker.party === undefined ? 1 : seekers }, (_, n) => holderOf(`c${100 + n}`, defined(seeker)))
    return {
      map: mapOf(...copies),
      servers: serversOf({ id: 's1', region: 'eu' }, { id: 's2', draining, ...(draining ? { region: 'us' } : {}) }),
      request: requestOf(holders, { friends, familiar, ...defined({ latencyMs, region }) }),
      policy: policyOf({ placement: { weights, attributes, ...defined({ maxLatency }) } }),
    }
  })
