/** Seconds. */
const MINUTE = 60
const HOUR = 3600

/** What a scorecard has added up. Sums of two spans of time may be added, except the peaks, of which the larger counts. */
export interface DaySums {
  seconds: number
  /** Seconds times the number of maps. */
  mapSeconds: number
  /** Pair-seconds of guild-mates in one copy, and on one map; likewise friends and party members. */
  guildSame: number
  guildAll: number
  friendSame: number
  friendAll: number
  partySame: number
  partyAll: number
  /** Player-seconds times the share of the copy that speaks the player's language; and the best that was possible. */
  language: number
  languageBest: number
  /** Player-seconds; those in sparse copies. */
  players: number
  lowFill: number
  /** Copy-seconds; those that the players needed. */
  copies: number
  need: number
  /** Minutes with a line, summed over the maps. */
  shortMinutes: number
  opens: number
  closes: number
  /** Characters that the orchestrator moved. */
  moves: number
  waits: number
  peakCopies: number
  peakPlayers: number
}

export function noSums(): DaySums {
  return {
    ...{ seconds: 0, mapSeconds: 0, guildSame: 0, guildAll: 0, friendSame: 0, friendAll: 0, partySame: 0, partyAll: 0, language: 0, languageBest: 0 },
    ...{ players: 0, lowFill: 0, copies: 0, need: 0, shortMinutes: 0, opens: 0, closes: 0, moves: 0, waits: 0, peakCopies: 0, peakPlayers: 0 },
  }
}

const peaks: ReadonlySet<string> = new Set<keyof DaySums>(['peakCopies', 'peakPlayers'])
const names = Object.keys(noSums()) as (keyof DaySums)[] // its own keys

/** The sums of two spans of time together. */
export function addSums(one: DaySums, other: DaySums): DaySums {
  return Object.fromEntries(names.map((name) => [name, peaks.has(name) ? Math.max(one[name], other[name]) : one[name] + other[name]])) as unknown as DaySums // the same keys
}

/** The figures of a day. `moves` counts characters. */
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

export function scoreOf(sums: DaySums): Score {
  const { seconds, opens, closes, moves, waits, peakCopies, peakPlayers } = sums
  return {
    guildPairCohesion: ratio(sums.guildSame, sums.guildAll),
    partyCohesion: ratio(sums.partySame, sums.partyAll),
    friendPairCohesion: ratio(sums.friendSame, sums.friendAll),
    languageShare: ratio(sums.language, sums.languageBest),
    forcedMovesPerPlayerHour: moves / Math.max(1e-9, sums.players / HOUR),
    copiesOverNeed: ratio(sums.copies, sums.need) - 1,
    shortMapMinutes: sums.shortMinutes / Math.max(1e-9, sums.mapSeconds / MINUTE),
    lowFillPlayerShare: sums.lowFill / Math.max(1e-9, sums.players),
    meanCopies: sums.copies / Math.max(1e-9, seconds),
    meanNeed: sums.need / Math.max(1e-9, seconds),
    meanPlayers: sums.players / Math.max(1e-9, seconds),
    ...{ opens, closes, moves, waits, peakCopies, peakPlayers },
  }
}

/** The share `part / whole`; 1 when `whole` is 0, because nothing was separated. */
function ratio(part: number, whole: number): number {
  return whole <= 0 ? 1 : part / whole
}
