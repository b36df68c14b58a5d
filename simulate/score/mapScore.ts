import { bestLanguageSum } from './bestLanguages.ts'

/** Seats per copy in the targets' definition of need: ⌈players / 100⌉ copies. */
export const HARD_CAP = 100
/** Players. The targets call a copy with fewer players sparse. */
const LOW_FILL = 20

interface CopyScore {
  players: number
  speakers: number[]
  /** Σ n² / players over languages: the players' summed share of own-language speakers. */
  languageSum: number
}

/** The figures of one map at the current moment, as the project's targets define them. */
export class MapScore {
  players = 0
  waiting = 0
  /** Sum over players of the share of their copy that speaks their language. */
  languageSum = 0
  languageBest = 0
  lowFillPlayers = 0
  readonly copies = new Map<number, CopyScore>()
  readonly #speakers: number[]
  readonly #languages: number

  constructor(languages: number) {
    this.#languages = languages
    this.#speakers = new Array<number>(languages).fill(0)
  }

  get need(): number {
    return Math.max(1, Math.ceil(this.players / HARD_CAP))
  }

  open(copy: number): void {
    this.copies.set(copy, { players: 0, speakers: new Array<number>(this.#languages).fill(0), languageSum: 0 })
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
    score.languageSum = score.players === 0 ? 0 : score.speakers.reduce((sum, n) => sum + n * n, 0) / score.players
    this.languageSum += score.languageSum
    this.#changed()
  }

  #changed(): void {
    this.languageBest = bestLanguageSum(this.#speakers, this.copies.size)
    let [low, withRoom] = [0, 0]
    for (const { players } of this.copies.values()) if (players < HARD_CAP) withRoom++
    // A sparse copy has room itself. It counts only when another copy also has room, because only then could its players be elsewhere.
    if (withRoom > 1) for (const { players } of this.copies.values()) if (players < LOW_FILL) low += players
    this.lowFillPlayers = low
  }
}
