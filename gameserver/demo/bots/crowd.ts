import { defined } from '../../../model/defined.ts'
import type { MapName } from '../../../model/ids.ts'
import type { Random } from '../../../model/random.ts'
import { languageAt, type Person, type Schedule, type Stop, type Visit } from './schedule.ts'

/** Share of the groups that go to the crowded map, so that one copy cannot hold them. */
const CROWDED_SHARE = 0.7
/** Group sizes in turn: of ten bots, three form a party, two form another, and five play alone. */
const groupSizes = [3, 2, 1, 1, 1, 1, 1]
/** Share of the groups that log out at the end of a wave; the others stay. */
const LEAVING_SHARE = 0.75
/** Share of the groups that travel to another map and back during a visit. */
const TRAVELLING_SHARE = 0.3
/** Phases of a wave as shares of its length: logins end at `come`, logouts happen between `leaving` and `left`. */
const wave = { come: 0.33, leaving: 0.52, left: 0.7 }
/** Length in ms of a wave in a run without a fixed length. */
export const WAVE_MS = 150_000

/** One of this number of parties goes to the dungeon in each visit. */
const DELVING_EVERY = 3
/** When a party goes to the dungeon and when it leaves at the latest, as shares of its visit. */
const delve = { from: 0.15, until: 0.9 }

const guilds = ['Oak Wardens', 'Ember Company', 'Night Herons', 'Salt Road', 'The Late Shift', 'Copper Bell', 'Northlight', 'Quiet Storm']
const given = 'Ada Bela Cato Dara Emil Fenja Goran Hedda Ilan Jora Kaia Luca Mira Nilo Orla Pavel Rhea Sami Tove Umar Vera Wim Yara Zeno'.split(' ')

export interface CrowdOptions {
  bots: number
  maps: readonly MapName[]
  /** The map to which most bots go. */
  crowded: MapName
  /** The instance to which some parties go. */
  dungeon?: MapName | undefined
  /** Length of the run; default: 1,000 waves, one after the other. */
  seconds?: number
  /** All bots log in at the start and stay. */
  steady?: boolean
  random: Random
}

/** Schedules of a crowd that gathers on one map and mostly leaves again. The remaining bots are too few for the open copies, so that copies are merged. */
export function crowdSchedules({ bots, maps, crowded, dungeon, seconds, steady = false, random }: CrowdOptions): Schedule[] {
  const people = crowdOf(bots, random)
  const length = seconds === undefined ? WAVE_MS : seconds * 1000
  const waves = seconds === undefined ? 1_000 : 1
  let [group, parties] = [0, 0]
  const schedules: Schedule[] = []
  for (let index = 0; index < bots; group++) {
    const size = Math.min(groupSizes[group % groupSizes.length] ?? 1, bots - index)
    const visits = steady ? steadyVisit(length * waves, maps, random) : visitsOf({ length, waves, maps, crowded, random })
    if (size > 1 && !steady && dungeon !== undefined && parties++ % DELVING_EVERY === 0) for (const visit of visits) goDelving(visit, dungeon)
    for (const person of people.slice(index, index + size)) {
      const [first] = people.slice(index, index + 1)
      const guild = size > 1 ? first?.guild : person.guild
      const { guild: _, ...own } = person
      schedules.push({ person: { ...own, ...defined({ guild }) }, visits, ...(size > 1 ? { party: `party ${group}` } : {}) })
    }
    index += size
  }
  return schedules
}

function crowdOf(bots: number, random: Random): Person[] {
  const names = Array.from({ length: bots }, (_, index) => `${given[index % given.length]} ${index + 1}`)
  return names.map((name, index) => {
    const guild = random() < 0.7 ? guilds[Math.floor(random() * guilds.length)] : undefined
    // Two friends find each other when one of them lists the other; here both do.
    const friends = [index - 7, index + 7, index - 29, index + 29].map((other) => names[other]).filter((other) => other !== undefined)
    return { name, language: languageAt(random()), friends, ...defined({ guild }) }
  })
}

interface Waves extends Pick<CrowdOptions, 'maps' | 'crowded' | 'random'> {
  /** Length of one wave in ms. */
  length: number
  waves: number
}

function visitsOf({ length, waves, maps, crowded, random }: Waves): Visit[] {
  const others = maps.filter((map) => map !== crowded)
  const elsewhere = (): MapName => others[Math.floor(random() * others.length)] ?? crowded
  const home = random() < CROWDED_SHARE ? crowded : elsewhere()
  const leaves = random() < LEAVING_SHARE
  const travels = random() < TRAVELLING_SHARE
  const [come, go, away] = [random(), random(), random()]
  const visit = (start: number): Visit => {
    const from = start + come * wave.come * length
    const until = start + (leaves ? wave.leaving + go * (wave.left - wave.leaving) : 1) * length
    const stops: Stop[] = [{ at: from, map: home }]
    // Travel out and back while the whole crowd is online.
    if (travels && others.length > 0) {
      const out = from + (0.15 + 0.25 * away) * (until - from)
      stops.push({ at: out, map: home === crowded ? elsewhere() : crowded }, { at: out + 0.3 * (until - from), map: home })
    }
    return { from, until, stops }
  }
  if (leaves) return Array.from({ length: waves }, (_, index) => visit(index * length))
  return [{ ...visit(0), until: waves * length }]
}

/** Instead of its other journeys the visitor goes to the dungeon, and home again when it is cleared, at the latest shortly before logging out. */
function goDelving(visit: Visit, dungeon: MapName): void {
  const [home] = visit.stops
  const length = visit.until - visit.from
  if (home === undefined) return
  visit.stops = [home, { at: visit.from + delve.from * length, map: dungeon }, { at: visit.from + delve.until * length, map: home.map }]
}

/** Time in ms within which all bots log in. */
const STEADY_COME_MS = 10_000
/** Mean time in ms between two travels. */
const STEADY_STOP_MS = 25_000

/** One visit for the whole run that travels to another map from time to time. */
function steadyVisit(length: number, maps: readonly MapName[], random: Random): Visit[] {
  const stops: Stop[] = []
  const from = random() * STEADY_COME_MS
  for (let at = from; at < length; at += STEADY_STOP_MS * (0.5 + random())) stops.push({ at, map: maps[Math.floor(random() * maps.length)] ?? '' })
  return [{ from, until: length, stops }]
}
