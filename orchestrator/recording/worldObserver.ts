import type { LiveScore } from '../figures/liveScore.ts'
import { Population, type PopulationParts } from '../figures/population.ts'
import type { Recorder } from './recorder.ts'

export interface ObserverParts extends PopulationParts {
  score: Pick<LiveScore, 'apply' | 'pause'>
  recorder: Pick<Recorder, 'apply' | 'pause'>
}

/** Looks at the world once a second while this process leads, for the figures and for the recording. */
export class WorldObserver {
  readonly #parts: ObserverParts
  #population: Population | undefined

  constructor(parts: ObserverParts) {
    this.#parts = parts
  }

  async sample(): Promise<void> {
    this.#population ??= new Population(this.#parts)
    const population = this.#population
    const changes = await population.sample()
    // This process may have lost the lead meanwhile.
    if (changes === undefined || population !== this.#population) return
    this.#parts.score.apply(changes)
    this.#parts.recorder.apply(changes, population.present)
  }

  /** This process leads no longer: another one looks from here. */
  pause(): void {
    if (this.#population === undefined) return
    this.#population = undefined
    this.#parts.score.pause()
    this.#parts.recorder.pause()
  }
}
