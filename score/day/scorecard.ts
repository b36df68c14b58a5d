import { type DaySums, noSums, type Score, scoreOf } from './daySums.ts'
import { MapScore } from './mapScore.ts'
import { GroupPairs, LinkedPairs, type PairCounts } from './pairs.ts'

/** Seconds. */
const MINUTE = 60

/** What the score needs to know of a character. Numbers stand for guilds, parties and languages; 0: no guild, no party. */
export interface Facts {
  guild: number
  party: number
  /** 0 for the first language, and so on. */
  language: number
}

/**
 * Follows a world event by event. Between two events the state is constant, so each figure adds its current value times the elapsed seconds. Characters, maps and
 * copies are numbers from 0; the caller may use the number of a character again after it has left.
 */
export class Scorecard {
  readonly #from: number
  readonly #facts: Facts[] = []
  /** The friends of each character, in both directions. The caller may change the lists of a character that is not in the world. */
  readonly friends: number[][] = []
  readonly #guilds = new GroupPairs()
  readonly #parties = new GroupPairs()
  readonly #friendPairs: LinkedPairs
  readonly #map: number[] = []
  readonly #copy: number[] = []
  readonly #maps: MapScore[] = []
  #now = Number.NEGATIVE_INFINITY
  // Current totals over all maps.
  #players = 0
  #copies = 0
  #need = 0
  #languageSum = 0
  #languageBest = 0
  #lowFill = 0
  /** Since when each map has had a line, and the last minute of it that was counted. */
  readonly #shortSince = new Map<number, number>()
  readonly #lastShortMinute = new Map<number, number>()
  readonly #sums: DaySums = noSums()

  /** Scores from `from` (seconds) onwards; the time before is a warm-up. */
  constructor(from: number) {
    this.#from = from
    this.#friendPairs = new LinkedPairs(this.friends, this.#map, this.#copy)
  }

  /** Adds a map; returns its number. */
  addMap(hard: number): number {
    this.#maps.push(new MapScore(hard))
    this.#need++
    return this.#maps.length - 1
  }

  /** The hard cap of a map changed with its policy. */
  capacity(map: number, hard: number): void {
    this.#onMap(map, (score) => score.capacity(hard))
  }

  /** Says what a character is. It may be in the world already. */
  describe(character: number, facts: Facts): void {
    const [map, copy] = [this.#map[character] ?? -1, this.#copy[character] ?? -1]
    if (map < 0) {
      this.#map[character] = -1
      this.#copy[character] = -1
      this.#facts[character] = facts
      this.friends[character] ??= []
      return
    }
    this.left(character)
    this.#facts[character] = facts
    this.entered(character, map, copy)
  }

  /** Advances to `at` (seconds); later calls happen at that moment. */
  advance(at: number): void {
    const seconds = at - Math.max(this.#now, this.#from)
    this.#now = at
    if (seconds <= 0) return
    const sums = this.#sums
    sums.seconds += seconds
    sums.mapSeconds += seconds * this.#maps.length
    addPairs(this.#guilds, seconds, 'guild', sums)
    addPairs(this.#friendPairs, seconds, 'friend', sums)
    addPairs(this.#parties, seconds, 'party', sums)
    sums.language += this.#languageSum * seconds
    sums.languageBest += this.#languageBest * seconds
    sums.players += this.#players * seconds
    sums.copies += this.#copies * seconds
    sums.need += this.#need * seconds
    sums.lowFill += this.#lowFill * seconds
    sums.peakCopies = Math.max(sums.peakCopies, this.#copies)
    sums.peakPlayers = Math.max(sums.peakPlayers, this.#players)
  }

  opened(map: number, copy: number): void {
    this.#onMap(map, (score) => score.open(copy))
    this.#copies++
    if (this.#scored) this.#sums.opens++
  }
  closed(map: number, copy: number): void {
    this.#onMap(map, (score) => score.close(copy))
    this.#copies--
    if (this.#scored) this.#sums.closes++
  }

  entered(character: number, map: number, copy: number): void {
    this.#change(character, map, copy, 1)
    this.#map[character] = map
    this.#copy[character] = copy
  }
  left(character: number): void {
    const [map, copy] = [this.#map[character] ?? -1, this.#copy[character] ?? -1]
    this.#map[character] = -1
    this.#copy[character] = -1
    this.#change(character, map, copy, -1)
  }
  /** The orchestrator moved a character to another copy of its map. */
  moved(character: number, copy: number): void {
    const map = this.#map[character] ?? -1
    this.left(character)
    this.entered(character, map, copy)
    this.forced(1)
  }
  /** Counts characters that the orchestrator moved. */
  forced(characters: number): void {
    if (this.#scored) this.#sums.moves += characters
  }

  /** Reports the current number of waiting entries on this map. */
  waits(map: number, waiting: number): void {
    const since = this.#shortSince.get(map)
    if (waiting > 0 && since === undefined) {
      this.#shortSince.set(map, this.#now)
      if (this.#scored) this.#sums.waits++
    }
    if (since !== undefined) this.#countShort(map, since)
    if (waiting === 0) this.#shortSince.delete(map)
  }

  /** The sums since `from`, up to now. */
  sums(): DaySums {
    for (const [map, since] of this.#shortSince) this.#countShort(map, since)
    return { ...this.#sums }
  }

  score(): Score {
    return scoreOf(this.sums())
  }

  /** Counts every minute that had a line for any part of it, once. */
  #countShort(map: number, since: number): void {
    if (!this.#scored) return
    const first = Math.max(Math.floor(Math.max(since, this.#from) / MINUTE), (this.#lastShortMinute.get(map) ?? Number.NEGATIVE_INFINITY) + 1)
    const last = Math.floor(this.#now / MINUTE)
    if (last < first) return
    this.#sums.shortMinutes += last - first + 1
    this.#lastShortMinute.set(map, last)
  }

  get #scored(): boolean {
    return this.#now >= this.#from
  }

  #change(character: number, map: number, copy: number, by: 1 | -1): void {
    const { guild, party, language } = this.#facts[character] ?? { guild: 0, party: 0, language: 0 }
    for (const [group, pairs] of [
      [guild, this.#guilds],
      [party, this.#parties],
    ] as const) {
      if (group === 0) continue
      if (by === 1) pairs.enter(group, map, copy)
      else pairs.leave(group, map, copy)
    }
    this.#friendPairs.change(character, map, copy, by)
    this.#onMap(map, (score) => score.change(copy, language, by))
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

type PairSums = Pick<DaySums, `${'guild' | 'friend' | 'party'}${'Same' | 'All'}`>

function addPairs(pairs: PairCounts, seconds: number, kind: 'guild' | 'friend' | 'party', sums: PairSums): void {
  sums[`${kind}Same`] += pairs.same * seconds
  sums[`${kind}All`] += pairs.all * seconds
}
