import type { MapName } from '../../../model/ids.ts'
import type { Random } from '../../../model/random.ts'
import { type Agenda, languageAt, type Person, type Stop, type Visit } from './agenda.ts'

/** Most go where something happens: more than one copy holds. */
const CROWDED_SHARE = 0.7
/** Of every ten: a party of three, a party of two, and five who came alone. */
const companies = [3, 2, 1, 1, 1, 1, 1]
/** Of those who come, so many are gone after the crowd's time. */
const LEAVING_SHARE = 0.75
const TRAVELLING_SHARE = 0.3
/** One wave, in shares of its length: all have come, they begin to leave, the last of them has left. */
const wave = { come: 0.33, leaving: 0.52, left: 0.7 }
/** The length of a wave in a run without an end. */
export const WAVE_MS = 150_000

const guilds = ['Oak Wardens', 'Ember Company', 'Night Herons', 'Salt Road', 'The Late Shift', 'Copper Bell', 'Northlight', 'Quiet Storm']
const given = 'Ada Bela Cato Dara Emil Fenja Goran Hedda Ilan Jora Kaia Luca Mira Nilo Orla Pavel Rhea Sami Tove Umar Vera Wim Yara Zeno'.split(' ')

export interface CrowdOptions {
  bots: number
  maps: readonly MapName[]
  /** Where the crowd goes. */
  crowded: MapName
  /** Length of the run; absent: waves for ever (for as long as `waves`). */
  seconds?: number
  /** All come at once and stay. */
  steady?: boolean
  random: Random
}

/** A crowd that gathers on one map, stays, and mostly goes home; those who stay are few for the copies that are open then. */
export function crowdAgendas({ bots, maps, crowded, seconds, steady = false, random }: CrowdOptions): Agenda[] {
  const people = crowdOf(bots, random)
  const length = seconds === undefined ? WAVE_MS : seconds * 1000
  const waves = seconds === undefined ? 1_000 : 1
  let together = 0
  const agendas: Agenda[] = []
  for (let index = 0; index < bots; together++) {
    const size = Math.min(companies[together % companies.length] ?? 1, bots - index)
    const visits = steady ? steadyVisit(length * waves, maps, random) : visitsOf({ length, waves, maps, crowded, random })
    for (const person of people.slice(index, index + size)) {
      const [first] = people.slice(index, index + 1)
      const guild = size > 1 ? first?.guild : person.guild
      const { guild: _, ...own } = person
      agendas.push({ person: { ...own, ...(guild === undefined ? {} : { guild }) }, visits, ...(size > 1 ? { party: `party ${together}` } : {}) })
    }
    index += size
  }
  return agendas
}

function crowdOf(bots: number, random: Random): Person[] {
  const names = Array.from({ length: bots }, (_, index) => `${given[index % given.length]} ${index + 1}`)
  return names.map((name, index) => {
    const guild = random() < 0.7 ? guilds[Math.floor(random() * guilds.length)] : undefined
    // Friendship counts when both name each other: these do.
    const friends = [index - 7, index + 7, index - 29, index + 29].map((other) => names[other]).filter((other) => other !== undefined)
    return { name, language: languageAt(random()), friends, ...(guild === undefined ? {} : { guild }) }
  })
}

function visitsOf({
  length,
  waves,
  maps,
  crowded,
  random,
}: {
  length: number
  waves: number
  maps: readonly MapName[]
  crowded: MapName
  random: Random
}): Visit[] {
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
    // Out and back, while all are there.
    if (travels && others.length > 0) {
      const out = from + (0.15 + 0.25 * away) * (until - from)
      stops.push({ at: out, map: home === crowded ? elsewhere() : crowded }, { at: out + 0.3 * (until - from), map: home })
    }
    return { from, until, stops }
  }
  if (leaves) return Array.from({ length: waves }, (_, index) => visit(index * length))
  return [{ ...visit(0), until: waves * length }]
}

const STEADY_COME_MS = 10_000
const STEADY_STOP_MS = 25_000

/** Comes soon and stays; goes to another map now and then. */
function steadyVisit(length: number, maps: readonly MapName[], random: Random): Visit[] {
  const stops: Stop[] = []
  const from = random() * STEADY_COME_MS
  for (let at = from; at < length; at += STEADY_STOP_MS * (0.5 + random())) stops.push({ at, map: maps[Math.floor(random() * maps.length)] ?? '' })
  return [{ from, until: length, stops }]
}
