import { bestLanguageSum } from './bestLanguages.ts'

/** A copy that holds less than this share of the hard cap is sparse. */
const LOW_FILL = 0.2

interface CopyScore {
  players: number
  speakers: number[]
  /** Σ n² / players over languages: the players' summed share of own-language speakers. */
  languageSum: number
}

/** The figures of one map at the current moment. */
export class MapScore {
  players = 0
  waiting = 0
  /** Sum over players of the share of their copy that speaks their language. */
  languageSum = 0
  languageBest = 0
  lowFillPlayers = 0
  readonly copies = new Map<number, CopyScore>()
  readonly #speakers: number[] = []
  /** The hard cap of the map's policy: the need is one copy for each that many players. */
  #hard: number

  constructor(hard: number) {
    this.#hard = hard
  }

  get need(): number {
    return Math.max(1, Math.ceil(this.players / this.#hard))
  }

  capacity(hard: number): void {
    if (hard === this.#hard) return
    this.#hard = hard
    this.#changed()
  }

  open(copy: number): void {
    this.copies.set(copy, { players: 0, speakers: [], languageSum: 0 })
    this.#changed()
  }
  close(copy: number): void {
    this.copies.delete(copy)
    this.#changed()
  }

  change(copy: number, language: number, by: 1 | -1): void {
    const score = this.copies.get(copy)
    if (score === undefined) throw new Error(`copy ${copy} is not open`)
    score.players += by
    this.players += by
    score.speakers[language] = (score.speakers[language] ?? 0) + by
    this.#speakers[language] = (this.#speakers[language] ?? 0) + by
    this.languageSum -= score.languageSum
    let squares = 0
    for (const n of score.speakers) squares += (n ?? 0) ** 2
    score.languageSum = score.players === 0 ? 0 : squares / score.players
    this.languageSum += score.languageSum
    this.#changed()
  }

  #changed(): void {
    this.languageBest = bestLanguageSum(this.#speakers, this.copies.size)
    let [low, withRoom] = [0, 0]
    for (const { players } of this.copies.values()) if (players < this.#hard) withRoom++
    // A sparse copy has room itself. It counts only when another copy also has room, because only then could its players be elsewhere.
    if (withRoom > 1) for (const { players } of this.copies.values()) if (players < LOW_FILL * this.#hard) low += players
    this.lowFillPlayers = low
  }
}
