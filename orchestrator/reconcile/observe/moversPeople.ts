import type { DurationMs, Instant } from '../../../model/clock.ts'
import type { CharacterId } from '../../../model/ids.ts'
import { type People, peopleOf } from '../../../score/people.ts'
import type { Logger } from '../../../service/log.ts'
import type { SocialProfile } from '../../../store/store.ts'
import type { PlanInput } from '../../plan/action.ts'
import { movers } from '../../plan/move/movers.ts'

/** How long the people of a character are reused, in ms: rounds follow each other within a second, and plans see a new friendship or block a second later at most. */
const REUSED_MS: DurationMs = 1_000
/** Characters whose people are read for one round; the others are moved by what their seats say. One statement of the store. */
const READ_PER_ROUND = 500

export type ReadProfiles = (characters: readonly CharacterId[]) => Promise<SocialProfile[]>

/** Reads friends, blocks and acquaintances of the few characters that the next plan may move; seats do not say them. */
export class MoversPeople {
  readonly #read: ReadProfiles
  readonly #log: Pick<Logger, 'warn'>
  #known = new Map<CharacterId, { people: People; at: Instant }>()

  constructor(read: ReadProfiles, log: Pick<Logger, 'warn'>) {
    this.#read = read
    this.#log = log
  }

  /** Never rejects: without the store, players are moved by what their seats say. */
  async of(input: Parameters<typeof movers>[0]): Promise<NonNullable<PlanInput['people']>> {
    const wanted = movers(input).slice(0, READ_PER_ROUND)
    const { now } = input
    const kept = new Map(wanted.flatMap((character) => this.#fresh(character, now)))
    const missing = wanted.filter((character) => !kept.has(character))
    if (missing.length > 0) {
      try {
        for (const profile of await this.#read(missing)) kept.set(profile.character, { people: peopleOf(profile, now), at: now })
      } catch (error) {
        this.#log.warn({ err: error, characters: missing.length }, 'could not read friends of players to be moved; moving them by guild and language')
      }
    }
    this.#known = kept
    return new Map([...kept].map(([character, { people }]) => [character, people]))
  }

  #fresh(character: CharacterId, now: Instant): [CharacterId, { people: People; at: Instant }][] {
    const known = this.#known.get(character)
    return known === undefined || now - known.at >= REUSED_MS ? [] : [[character, known]]
  }
}
