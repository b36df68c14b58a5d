import type { People } from '../population/people.ts'
import { LANGUAGES } from '../population/people.ts'
import type { Avatar } from '../population/trace.ts'
import { MapScore } from './mapScore.ts'
import { GroupPairs, LinkedPairs, type PairCounts } from './pairs.ts'

const MINUTE = 60
const HOUR = 3600

/** The figures of a simulated day, as the project's targets define them. `moves` counts characters. */
export interface Score {
  guildPairCohesion: number
  partyCohesion: number
  friendPairCohesion: number
  languageShare: number
  forcedMovesPerPlayerHour: number
  copiesOverNeed: number
  peakCopies: number
  shortMapMinutes: number
  lowFillPlayerShare: number
  meanCopies: number
  meanNeed: number
  meanPlayers: number
  peakPlayers: number
  opens: number
  closes: number
  moves: number
  waits: number
}

/** Follows the day event by event. Between two events the state is constant, so each figure adds its current value times the elapsed seconds. */
export class Scorecard {
  readonly #from: number
  readonly #people: People
  readonly #guilds: GroupPairs = new GroupPairs()
  readonly #friends: LinkedPairs
  readonly #parties: LinkedPairs
  readonly #guild: Int32Array
  readonly #map: Int32Array
  readonly #copy: Int32Array
  readonly #maps: MapScore[]
  #now = Number.NEGATIVE_INFINITY
  // Current totals over all maps.
  #players = 0
  #copies = 0
  #need: number
  #languageSum = 0
  #languageBest = 0
  #lowFill = 0
  readonly #shortSince = new Map<number, number>()
  // Sums over the seconds scored so far.
  readonly #sums = {
    seconds: 0,
    guildSame: 0,
    guildAll: 0,
    friendSame: 0,
    friendAll: 0,
    partySame: 0,
    partyAll: 0,
    language: 0,
    best: 0,
    players: 0,
    copies: 0,
    need: 0,
    lowFill: 0,
  }
  readonly #shortMinutes = new Set<number>()
  readonly #counts = { peakCopies: 0, peakPlayers: 0, opens: 0, closes: 0, moves: 0, waits: 0 }

  /** Scores from `from` (seconds) onwards; the time before is a warm-up. */
  constructor(avatars: readonly Avatar[], people: People, maps: number, from: number) {
    this.#from = from
    this.#people = people
    this.#guild = Int32Array.from(avatars, ({ guild }) => guild)
    this.#map = new Int32Array(avatars.length).fill(-1)
    this.#copy = new Int32Array(avatars.length).fill(-1)
    this.#friends = new LinkedPairs(people.friends, this.#map, this.#copy)
    this.#parties = new LinkedPairs(partners(people.party), this.#map, this.#copy)
    this.#maps = Array.from({ length: maps }, () => new MapScore(LANGUAGES.length))
    this.#need = maps
  }

  /** Advances to `at` (seconds); later calls happen at that moment. */
  advance(at: number): void {
    const seconds = at - Math.max(this.#now, this.#from)
    this.#now = at
    if (seconds <= 0) return
    const sums = this.#sums
    sums.seconds += seconds
    addPairs(this.#guilds, seconds, 'guild', sums)
    addPairs(this.#friends, seconds, 'friend', sums)
    addPairs(this.#parties, seconds, 'party', sums)
    sums.language += this.#languageSum * seconds
    sums.best += this.#languageBest * seconds
    sums.players += this.#players * seconds
    sums.copies += this.#copies * seconds
    sums.need += this.#need * seconds
    sums.lowFill += this.#lowFill * seconds
    this.#counts.peakCopies = Math.max(this.#counts.peakCopies, this.#copies)
    this.#counts.peakPlayers = Math.max(this.#counts.peakPlayers, this.#players)
  }

  opened(map: number, copy: number): void {
    this.#onMap(map, (score) => score.open(copy))
    this.#copies++
    if (this.#scored) this.#counts.opens++
  }
  closed(map: number, copy: number): void {
    this.#onMap(map, (score) => score.close(copy))
    this.#copies--
    if (this.#scored) this.#counts.closes++
  }

  entered(avatar: number, map: number, copy: number): void {
    this.#change(avatar, map, copy, 1)
    this.#map[avatar] = map
    this.#copy[avatar] = copy
  }
  left(avatar: number): void {
    const [map, copy] = [this.#map[avatar] ?? -1, this.#copy[avatar] ?? -1]
    this.#map[avatar] = -1
    this.#copy[avatar] = -1
    this.#change(avatar, map, copy, -1)
  }
  moved(avatar: number, copy: number): void {
    const map = this.#map[avatar] ?? -1
    this.left(avatar)
    this.entered(avatar, map, copy)
    if (this.#scored) this.#counts.moves++
  }

  /** Reports the current number of waiting entries on this map. */
  waits(map: number, waiting: number): void {
    const since = this.#shortSince.get(map)
    if (waiting > 0 && since === undefined) {
      this.#shortSince.set(map, this.#now)
      if (this.#scored) this.#counts.waits++
    }
    if (waiting > 0 || since === undefined) return
    this.#shortSince.delete(map)
    // Counts every minute that had a line for any part of it.
    for (let minute = Math.floor(Math.max(since, this.#from) / MINUTE); minute <= Math.floor(this.#now / MINUTE); minute++) {
      if (this.#scored) this.#shortMinutes.add(map * 100_000 + minute)
    }
  }

  score(): Score {
    for (const map of [...this.#shortSince.keys()]) this.waits(map, 0)
    const { seconds, ...sums } = this.#sums
    const { moves, ...counts } = this.#counts
    return {
      guildPairCohesion: ratio(sums.guildSame, sums.guildAll),
      partyCohesion: ratio(sums.partySame, sums.partyAll),
      friendPairCohesion: ratio(sums.friendSame, sums.friendAll),
      languageShare: ratio(sums.language, sums.best),
      forcedMovesPerPlayerHour: moves / Math.max(1e-9, sums.players / HOUR),
      copiesOverNeed: ratio(sums.copies, sums.need) - 1,
      shortMapMinutes: this.#shortMinutes.size / Math.max(1e-9, (seconds / MINUTE) * this.#maps.length),
      lowFillPlayerShare: sums.lowFill / Math.max(1e-9, sums.players),
      meanCopies: sums.copies / seconds,
      meanNeed: sums.need / seconds,
      meanPlayers: sums.players / seconds,
      moves,
      ...counts,
    }
  }

  get #scored(): boolean {
    return this.#now >= this.#from
  }

  #change(avatar: number, map: number, copy: number, by: 1 | -1): void {
    const guild = this.#guild[avatar] ?? 0
    if (guild !== 0) {
      if (by === 1) this.#guilds.enter(guild, map, copy)
      else this.#guilds.leave(guild, map, copy)
    }
    this.#friends.change(avatar, map, copy, by)
    this.#parties.change(avatar, map, copy, by)
    this.#onMap(map, (score) => score.change(copy, this.#people.language[avatar] ?? 0, by))
    this.#players += by
  }

  #onMap(map: number, change: (score: MapScore) => void): void {
    const score = this.#maps[map]
    if (score === undefined) throw new Error(`there is no map ${map}`)
    this.#need -= score.need
    this.#languageSum -= score.languageSum
    this.#languageBest -= score.languageBest
    this.#lowFill -= score.lowFillPlayers
    change(score)
    this.#need += score.need
    this.#languageSum += score.languageSum
    this.#languageBest += score.languageBest
    this.#lowFill += score.lowFillPlayers
  }
}

type PairSums = Record<`${'guild' | 'friend' | 'party'}${'Same' | 'All'}`, number>

function addPairs(pairs: PairCounts, seconds: number, kind: 'guild' | 'friend' | 'party', sums: PairSums): void {
  sums[`${kind}Same`] += pairs.same * seconds
  sums[`${kind}All`] += pairs.all * seconds
}

function partners(party: Int32Array): number[][] {
  const members = new Map<number, number[]>()
  for (const [avatar, index] of party.entries()) if (index >= 0) members.set(index, [...(members.get(index) ?? []), avatar])
  return Array.from(party, (index, avatar) => (members.get(index) ?? []).filter((other) => other !== avatar))
}

/** The share `part / whole`; 1 when `whole` is 0, because nothing was separated. */
function ratio(part: number, whole: number): number {
  return whole <= 0 ? 1 : part / whole
}
