import { StrataError } from '../../model/errors.ts'
import { readRecordingLine, type Span, type Stay } from '../../model/recording/recordingFile.ts'
import type { Description, RecordedDay, Step } from './course.ts'
import type { Avatar, Trace, Zone } from './trace.ts'

/** Longest gap over which people are taken to have stayed, in ms. */
const LONGEST_JOINED_GAP_MS = 300_000
/** People who are there when a recording begins, or goes on after a longer gap, enter during this time before it, in ms. */
const ARRIVAL_MS = 600_000

/** `line`: its number in the file, for errors. */
type Row = Stay & { line: number }

interface RecordingFile {
  name: string
  rows: Row[]
  spans: Span[]
}

/** Reads a recording without its first line. Throws BAD_REQUEST that names file and line. */
export async function readRecording(file: string, lines: AsyncIterable<string>): Promise<Trace> {
  const recording = await readRows(file, lines)
  const byAvatar = [...Map.groupBy(recording.rows, ({ avatar }) => avatar).values()]
  for (const stays of byAvatar) refuseOverlaps(file, stays)
  const numbers = { zone: numbering(1), guild: numbering(1), party: numbering(0), language: numbering(0) }
  const zones = new Map<number, Zone>()
  for (const { map, kind } of recording.rows)
    zones.set(numbers.zone.of(map), { id: numbers.zone.of(map), name: map, kind: kind === 'zone' ? 'open' : 'instance' })
  const describe = ({ guild, party }: Stay): Description => ({
    guild: guild === undefined ? 0 : numbers.guild.of(guild),
    party: party === undefined ? -1 : numbers.party.of(party),
  })
  const start = recording.spans[0]?.from ?? 0
  const end = recording.spans.at(-1)?.until ?? 0
  const firsts = byAvatar.flatMap(([first]) => first ?? [])
  const languages = Uint8Array.from(firsts, ({ languages: [best = ''] }) => numbers.language.of(best))
  const zoneOf = ({ map, kind }: Stay): number | undefined => (kind === 'zone' ? numbers.zone.of(map) : undefined)
  const arrivals = arrivalsOf(recording, byAvatar)
  const index = new Map(byAvatar.map(([first], avatar) => [first?.avatar ?? '', avatar]))
  const friendsIn = (stays: readonly Stay[]): number[] => [...new Set(stays.flatMap(({ friends }) => friends.flatMap((friend) => index.get(friend) ?? [])))]
  const steps = byAvatar.flatMap((stays, avatar) => stepsOf(stays, { avatar, start, zoneOf, describe, arrivals, friendsIn }))
  const recorded: RecordedDay = {
    people: {
      party: Int32Array.from(firsts, (first) => describe(first).party),
      friends: byAvatar.map(() => []),
      language: languages,
      languages: numbers.language.names(),
      others: firsts.map(({ languages: [, ...others] }) => others),
    },
    steps: inOrder(steps, byAvatar, describe),
    seconds: (end - start) / 1000,
    start,
    gapSeconds: gapsOf(recording.spans).reduce((sum, gap) => sum + gap, 0) / 1000,
  }
  const avatars = byAvatar.map((stays): Avatar => {
    const [first] = stays
    const visited = [...new Set(stays.map(({ map }) => numbers.zone.of(map)))]
    return {
      id: first?.avatar ?? '',
      realm: 0,
      guild: first === undefined ? 0 : describe(first).guild,
      stays: visited.map((zone) => ({ zone, first: 0, last: 0 })),
    }
  })
  return { avatars, zones, samples: 0, recorded }
}

async function readRows(name: string, lines: AsyncIterable<string>): Promise<RecordingFile> {
  const [rows, spans]: [Row[], Span[]] = [[], []]
  let line = 1
  for await (const text of lines) {
    line++
    if (text === '') continue
    const row = readRecordingLine(text)
    if (typeof row === 'string') throw new StrataError('BAD_REQUEST', { problem: `${name}:${line}: ${row}` })
    if ('span' in row) spans.push(row.span)
    else rows.push({ ...row.stay, line })
  }
  if (rows.length === 0) throw new StrataError('BAD_REQUEST', { problem: `${name} has nobody in it: record while people play` })
  spans.sort((a, b) => a.from - b.from)
  // A file that another program wrote may lack them.
  if (spans.length === 0) spans.push({ from: Math.min(...rows.map(({ from }) => from)), until: Math.max(...rows.map(({ until }) => until)) })
  return { name, rows, spans }
}

/** Sorts the stays of one avatar. Throws BAD_REQUEST when it is in two places at once. */
function refuseOverlaps(file: string, stays: Row[]): void {
  stays.sort((a, b) => a.from - b.from)
  for (const [index, stay] of stays.entries()) {
    const before = stays[index - 1]
    if (before !== undefined && before.until > stay.from)
      throw new StrataError('BAD_REQUEST', {
        problem: `${file}:${stay.line}: the avatar ${stay.avatar} is in two places at once; see line ${before.line}, too`,
      })
  }
}

function gapsOf(spans: readonly Span[]): number[] {
  return spans.map(({ from }, index) => from - (spans[index - 1]?.until ?? from))
}

/** What is known of a stay at the edges of what was recorded. */
interface Arrivals {
  /** When somebody entered who is there at the beginning of a span: before it, spread, with the party. Undefined: the stay began when its row says. */
  enteredAt(stay: Row): number | undefined
  /** The gap after `before` was short, and `stay` begins where it ends. */
  goesOn(before: Row, stay: Row): boolean
}

function arrivalsOf({ spans }: RecordingFile, byAvatar: readonly Row[][]): Arrivals {
  const gaps = gapsOf(spans)
  const joined = new Map<number, number>()
  const entered = new Map<string, number>()
  for (const [index, { from }] of spans.entries()) {
    const [gap, before] = [gaps[index] ?? 0, spans[index - 1]]
    if (before !== undefined && gap <= LONGEST_JOINED_GAP_MS) {
      joined.set(before.until, from)
      continue
    }
    const there = byAvatar.flatMap((stays) => stays.filter((stay) => stay.from === from))
    const groups = [...new Set(there.map(groupOf))]
    const spread = before === undefined ? ARRIVAL_MS : Math.min(ARRIVAL_MS, gap)
    for (const [place, group] of groups.entries()) entered.set(`${from} ${group}`, from - spread * (1 - (place + 0.5) / groups.length))
  }
  return {
    enteredAt: (stay) => entered.get(`${stay.from} ${groupOf(stay)}`),
    goesOn: (before, stay) => before.until === stay.from || joined.get(before.until) === stay.from,
  }
}

const groupOf = ({ party, avatar, map }: Stay): string => `${map} ${party ?? avatar}`

interface StepContext {
  avatar: number
  start: number
  zoneOf(stay: Stay): number | undefined
  describe(stay: Stay): Description
  arrivals: Arrivals
  friendsIn(stays: readonly Stay[]): number[]
}

function stepsOf(stays: readonly Row[], { avatar, start, zoneOf, describe, arrivals, friendsIn }: StepContext): Step[] {
  const steps: Step[] = []
  for (const [index, stay] of stays.entries()) {
    const [before, after] = [stays[index - 1], stays[index + 1]]
    const goesOn = before !== undefined && arrivals.goesOn(before, stay)
    const at = ((goesOn ? undefined : arrivals.enteredAt(stay)) ?? stay.from) - start
    const [from, to] = [goesOn ? zoneOf(before) : undefined, zoneOf(stay)]
    const step = { at: at / 1000, avatar, login: !goesOn, logout: false }
    if (before !== undefined && (before.guild !== stay.guild || before.party !== stay.party))
      steps.push({ ...step, from: undefined, to: undefined, login: false, description: describe(stay) })
    if (!goesOn) {
      const next = stays.findIndex((other, place) => place > index && !arrivals.goesOn(stays[place - 1] ?? other, other))
      const friends = friendsIn(stays.slice(index, next < 0 ? undefined : next))
      steps.push({ ...step, from: undefined, to: undefined, login: false, friends })
    }
    if (from !== to) steps.push({ ...step, from, to })
    if (to !== undefined && (after === undefined || !arrivals.goesOn(stay, after)))
      steps.push({ ...step, at: (stay.until - start) / 1000, from: to, to: undefined, login: false, logout: true })
  }
  return steps
}

/** Of one second: who joins or leaves a party or comes into the world first, then who leaves, then who enters; members of a party after each other, so that they enter together. */
function inOrder(steps: Step[], byAvatar: readonly Row[][], describe: StepContext['describe']): Step[] {
  const rank = ({ description, friends, to }: Step): number => (description !== undefined || friends !== undefined ? 0 : to === undefined ? 1 : 2)
  const parties = byAvatar.map((stays) => describe(stays[0] as Stay).party) // groups are not empty
  const keyed = steps
    .toSorted((a, b) => a.at - b.at || rank(a) - rank(b))
    .map((step) => {
      if (step.description !== undefined) parties[step.avatar] = step.description.party
      return { step, party: parties[step.avatar] ?? -1 }
    })
  keyed.sort(
    (a, b) => a.step.at - b.step.at || rank(a.step) - rank(b.step) || a.party - b.party || (a.step.to ?? 0) - (b.step.to ?? 0) || a.step.avatar - b.step.avatar,
  )
  return keyed.map(({ step }) => step)
}

function numbering(first: number): { of(name: string): number; names(): string[] } {
  const numbers = new Map<string, number>()
  return {
    of(name) {
      const known = numbers.get(name)
      if (known !== undefined) return known
      numbers.set(name, first + numbers.size)
      return first + numbers.size - 1
    },
    names: () => [...numbers.keys()],
  }
}
