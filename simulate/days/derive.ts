import { StrataError } from '../../model/errors.ts'
import type { Avatar, Stay, Trace } from '../population/trace.ts'

/** Avatars and guilds of the n-th copy of a realm get numbers from n times this on. */
const CLONE_OFFSET = 1_000_000
/** Copies of a realm are shifted by up to this many samples, so that their raids do not begin at the same moment. */
const CLONE_SHIFT = 4
/** Samples of a shift between two neighbouring realms of `zones-of-time`: two hours, so that 35 realms go around the day. */
const TIME_ZONE_SAMPLES = 12

/** How another day is made of a recorded one. Each changes one property and keeps the others: who plays with whom, where, and for how long. */
const derivations: Record<string, { summary: string; derive(trace: Trace): Trace }> = {
  reversed: { summary: 'the day backwards', derive: reversed },
  'half-1': part(1, 2),
  'half-2': part(2, 2),
  'third-1': part(1, 3),
  'third-2': part(2, 3),
  'third-3': part(3, 3),
  'x0.2': { summary: 'a fifth of the realms', derive: (trace) => realmsOf(trace, (realm) => realm % 5 === 2) },
  x2: { summary: 'twice as many realms', derive: (trace) => times(trace, 2) },
  x5: { summary: 'five times as many realms', derive: (trace) => times(trace, 5) },
  'zones-of-time': { summary: 'each realm two hours later than the one before: no night', derive: zonesOfTime },
  'fast-churn': { summary: 'every stay half as long, and twice as many players', derive: fastChurn },
  'small-guilds': { summary: 'each guild split into three', derive: (trace) => guildsOf(trace, ({ guild }, index) => guild * 3 + (index % 3)) },
  'big-guilds': { summary: 'four guilds of a realm joined into one', derive: bigGuilds },
}

export const derivationNames: readonly string[] = Object.keys(derivations)

export function derivationHelp(): string[] {
  return Object.entries(derivations).map(([name, { summary }]) => `${name.padEnd(16)}${summary}`)
}

/**
 * Makes another day of this one; several names, joined by commas, one after the other. Throws BAD_REQUEST for an unknown name, and for a recording of an
 * orchestrator, whose moments are exact.
 */
export function deriveDay(trace: Trace, names: string): Trace {
  return names.split(',').reduce(derivedBy, trace)
}

function derivedBy(trace: Trace, name: string): Trace {
  const found = derivations[name]
  if (found === undefined) throw new StrataError('BAD_REQUEST', { problem: `--derive is one of ${derivationNames.join(', ')}; not ${name}` })
  if (trace.recorded !== undefined)
    throw new StrataError('BAD_REQUEST', { problem: '--derive works on a day of samples, and not on a recording of an orchestrator' })
  return found.derive(trace)
}

function part(nth: number, of: number): { summary: string; derive(trace: Trace): Trace } {
  return { summary: `part ${nth} of ${of} of the realms`, derive: (trace) => realmsOf(trace, (realm) => realm % of === nth - 1) }
}

/** The realms for which `keeps` holds, numbered from 0 in their order. */
function realmsOf(trace: Trace, keeps: (realm: number) => boolean): Trace {
  const numbers = numbersOf(trace)
  return { ...trace, avatars: trace.avatars.filter(({ realm }) => keeps(numbers.get(realm) ?? 0)) }
}

/** Realms by their number in the trace, counted from 0. */
function numbersOf({ avatars }: Trace): Map<number, number> {
  return new Map([...new Set(avatars.map(({ realm }) => realm))].sort((a, b) => a - b).map((realm, index) => [realm, index]))
}

function reversed(trace: Trace): Trace {
  const last = trace.samples - 1
  return withStays(trace, ({ stays }) => stays.map(({ zone, first, last: until }) => ({ zone, first: last - until, last: last - first })).reverse())
}

function times(trace: Trace, factor: number): Trace {
  const numbers = numbersOf(trace)
  const clones = Array.from({ length: factor }, (_, nth) =>
    trace.avatars.map((avatar): Avatar => {
      const shift = nth === 0 ? 0 : (((numbers.get(avatar.realm) ?? 0) * 5 + nth * 3) % (2 * CLONE_SHIFT + 1)) - CLONE_SHIFT
      return {
        id: nth === 0 ? avatar.id : `${avatar.id}-${nth}`,
        realm: avatar.realm + nth * CLONE_OFFSET,
        guild: avatar.guild === 0 ? 0 : avatar.guild + nth * CLONE_OFFSET,
        stays: inside(
          avatar.stays.map((stay) => shifted(stay, shift)),
          trace.samples,
        ),
      }
    }),
  )
  return { ...trace, avatars: present(clones.flat()) }
}

function zonesOfTime(trace: Trace): Trace {
  const numbers = numbersOf(trace)
  return withStays(trace, ({ realm, stays }) => {
    const shift = ((numbers.get(realm) ?? 0) * TIME_ZONE_SAMPLES) % trace.samples
    const moved = stays.map((stay) => shifted(stay, shift))
    const [today, tomorrow] = [
      inside(moved, trace.samples),
      inside(
        moved.map((stay) => shifted(stay, -trace.samples)),
        trace.samples,
      ),
    ]
    return [...tomorrow, ...today]
  })
}

/** The morning's players and the evening's become one day at twice the speed, so that the number of players stays and each comes and goes twice as often. */
function fastChurn(trace: Trace): Trace {
  const half = Math.ceil(trace.samples / 2)
  const faster = ({ stays }: Avatar, offset: number): Stay[] => {
    const quick: Stay[] = []
    for (const { zone, first, last } of stays) {
      const from = Math.max((quick.at(-1)?.last ?? -1) + 1, Math.floor(first / 2) + offset)
      const until = Math.floor(last / 2) + offset
      if (from <= until) quick.push({ zone, first: from, last: until })
    }
    return inside(quick, trace.samples)
  }
  const day = (offset: number, suffix: string): Avatar[] =>
    trace.avatars.map((avatar) => ({ ...avatar, id: `${avatar.id}${suffix}`, stays: faster(avatar, offset) }))
  return { ...trace, avatars: present([...day(0, ''), ...day(half, '-b')]) }
}

function bigGuilds(trace: Trace): Trace {
  const first = new Map<string, number>()
  const seen = new Map<number, Map<number, number>>()
  return guildsOf(trace, ({ realm, guild }) => {
    const guilds = seen.get(realm) ?? new Map<number, number>()
    seen.set(realm, guilds)
    const number = guilds.get(guild) ?? guilds.size
    guilds.set(guild, number)
    const key = `${realm} ${Math.floor(number / 4)}`
    first.set(key, first.get(key) ?? guild)
    return first.get(key) ?? guild
  })
}

function guildsOf(trace: Trace, guildOf: (avatar: Avatar, index: number) => number): Trace {
  return { ...trace, avatars: trace.avatars.map((avatar, index) => (avatar.guild === 0 ? avatar : { ...avatar, guild: guildOf(avatar, index) })) }
}

function withStays(trace: Trace, staysOf: (avatar: Avatar) => Stay[]): Trace {
  return { ...trace, avatars: present(trace.avatars.map((avatar) => ({ ...avatar, stays: staysOf(avatar) }))) }
}

function shifted({ zone, first, last }: Stay, by: number): Stay {
  return { zone, first: first + by, last: last + by }
}

/** The parts of the stays within the day. */
function inside(stays: readonly Stay[], samples: number): Stay[] {
  return stays.flatMap(({ zone, first, last }) =>
    last < 0 || first >= samples ? [] : [{ zone, first: Math.max(0, first), last: Math.min(samples - 1, last) }],
  )
}

function present(avatars: readonly Avatar[]): Avatar[] {
  return avatars.filter(({ stays }) => stays.length > 0)
}
