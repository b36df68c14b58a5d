import type { Census } from '../../model/census.ts'
import type { Clock, DurationMs } from '../../model/clock.ts'
import type { MapName } from '../../model/ids.ts'
import type { TimelineAnswer } from '../../model/wire/console.ts'
import type { DaySums } from '../../score/day/daySums.ts'

/** Time between two samples, in ms. */
export const SAMPLE_MS: DurationMs = 10_000
/** Samples that are kept: six hours. With 100 maps they take about 5 MB. */
const SAMPLES = 2_160

interface Sample {
  at: number
  players: number
  copies: number
  waiting: number
  moves: number
  guildCohesion: number | null
  partyCohesion: number | null
  friendCohesion: number | null
  languageShare: number | null
  maps: ReadonlyMap<MapName, { players: number; copies: number; waiting: number }>
}

/** Figures of the last hours. Each orchestrator keeps its own, since its start. */
export class Timeline {
  readonly #samples: Sample[] = []
  readonly #clock: Clock
  #movesBefore: number | undefined
  #sumsBefore: DaySums | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** `moves`: how many moves were ordered since this process started. `sums`: what the leader has scored since then; other orchestrators score nothing. */
  sample(census: Census, moves: number, sums: DaySums): void {
    const maps = new Map<MapName, { players: number; copies: number; waiting: number }>()
    const all = { players: 0, copies: 0, waiting: 0 }
    for (const [map, { copies, waiting }] of census.maps) {
      let [players, count] = [0, 0]
      for (const { copy, seats } of copies.values()) {
        if (copy.state === 'lost') continue
        players += seats.size
        count++
      }
      if (players === 0 && count === 0 && waiting === 0) continue
      maps.set(map, { players, copies: count, waiting })
      all.players += players
      all.copies += count
      all.waiting += waiting
    }
    const cohesion = { guildCohesion: pairsTogether(census, 'guilds'), partyCohesion: pairsTogether(census, 'parties') }
    const scored = scoredSince(sums, this.#sumsBefore ?? sums)
    this.#samples.push({ at: this.#clock.now(), ...all, moves: moves - (this.#movesBefore ?? moves), ...cohesion, ...scored, maps })
    this.#movesBefore = moves
    this.#sumsBefore = sums
    if (this.#samples.length > SAMPLES) this.#samples.shift()
  }

  /** Samples after an instant, as columns. */
  since(after: number): TimelineAnswer {
    const samples = this.#samples.filter(({ at }) => at > after)
    const names = [...new Set(samples.flatMap(({ maps }) => [...maps.keys()]))].sort()
    const ofMap = (map: MapName, key: 'players' | 'copies' | 'waiting'): number[] => samples.map(({ maps }) => maps.get(map)?.[key] ?? 0)
    return {
      at: samples.map(({ at }) => at),
      players: samples.map(({ players }) => players),
      copies: samples.map(({ copies }) => copies),
      waiting: samples.map(({ waiting }) => waiting),
      moves: samples.map(({ moves }) => moves),
      guildCohesion: samples.map(({ guildCohesion }) => guildCohesion),
      partyCohesion: samples.map(({ partyCohesion }) => partyCohesion),
      friendCohesion: samples.map(({ friendCohesion }) => friendCohesion),
      languageShare: samples.map(({ languageShare }) => languageShare),
      maps: names.map((map) => ({ map, players: ofMap(map, 'players'), copies: ofMap(map, 'copies'), waiting: ofMap(map, 'waiting') })),
    }
  }
}

/** Cohesion of friends and languages over one sample, from sums that only grow; null when nothing was scored. */
function scoredSince(now: DaySums, before: DaySums): Pick<Sample, 'friendCohesion' | 'languageShare'> {
  const share = (part: number, whole: number): number | null => (whole > 0 ? part / whole : null)
  return {
    friendCohesion: share(now.friendSame - before.friendSame, now.friendAll - before.friendAll),
    languageShare: share(now.language - before.language, now.languageBest - before.languageBest),
  }
}

/** Of all pairs of guild-mates or party members on one map, the share in one copy; null without pairs. */
function pairsTogether({ maps }: Census, group: 'guilds' | 'parties'): number | null {
  let [together, all] = [0, 0]
  for (const { copies } of maps.values()) {
    const onMap = new Map<string, number>()
    for (const copy of copies.values()) {
      for (const [id, count] of copy[group]) {
        together += pairs(count)
        onMap.set(id, (onMap.get(id) ?? 0) + count)
      }
    }
    for (const count of onMap.values()) all += pairs(count)
  }
  return all === 0 ? null : together / all
}

function pairs(count: number): number {
  return (count * (count - 1)) / 2
}
