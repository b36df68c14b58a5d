import type { DurationMs } from '../../../model/clock.ts'
import type { CharacterId } from '../../../model/ids.ts'
import type { Logger } from '../../../service/log.ts'
import type { Person, SocialSource } from '../../../store/source/socialSource.ts'
import { PeriodicTask } from '../periodicTask.ts'

/** Part of the age of answers after which the source is asked again: the rest is for its answer and for the reading of the profiles. */
const SHARE_OF_AGE = 0.8
/** Shortest interval in ms between two questions: blocks that are made in Strata count within a second, too. */
const LEAST_MS: DurationMs = 1_000

export interface StudioGraph {
  source: SocialSource
  /** A change counts after this time at the latest, or after a second. */
  ageMs: DurationMs
}

interface RelationsWatch {
  /** Who is on this server. */
  people(): readonly Person[]
  /** Called with people of this server whose friends or blocks have changed. */
  changed(characters: readonly CharacterId[]): void
  log: Logger
}

/** Asks the studio's social graph for everybody on this server from time to time. Nothing reports a change there, and chat asks nobody for each message. */
export function watchRelations({ source, ageMs }: StudioGraph, { people, changed, log }: RelationsWatch): AsyncDisposable {
  const unsubscribe = source.onChange((characters) => {
    const here = new Set(people().map(({ character }) => character))
    const changedHere = characters.filter((character) => here.has(character))
    if (changedHere.length > 0) changed(changedHere)
  })
  const asking = new PeriodicTask("asking the studio's social graph", Math.max(LEAST_MS, SHARE_OF_AGE * ageMs), log, async () => {
    await source.relationsOf(people(), { ageMs: 0 })
  })
  return {
    async [Symbol.asyncDispose]() {
      unsubscribe()
      await asking[Symbol.asyncDispose]()
    },
  }
}
