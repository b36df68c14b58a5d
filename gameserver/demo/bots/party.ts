import { type StrataClient, StrataClientError, type World } from '../../../client/index.ts'
import type { DurationMs } from '../../../model/clock.ts'
import type { MapName } from '../../../model/ids.ts'

const ended: ReadonlySet<string> = new Set(['PARTY_UNKNOWN', 'INVITATION_UNKNOWN'])
/** Time in ms that members wait for their leader to enter the world before they enter alone. */
const LEADER_WAIT_MS = 10_000

/** The interface of a bot for the other members of its party. */
export interface PartyMember {
  readonly world: World | undefined
  /** Whether the server would not let it travel now: it is in a fight. */
  readonly busy: boolean
  /** The map on which the bot should be at the time `at`. */
  wantedMap(at: DurationMs): MapName | undefined
}

/** The online members of one party. The first one leads; the others follow it. */
export class Party {
  readonly #online: PartyMember[] = []
  /** Invites a character in the name of the leader; returns the id of the party. */
  #invite: Promise<(character: string) => Promise<string>> | undefined

  get leader(): PartyMember | undefined {
    return this.#online[0]
  }

  /** Whether a member in this copy is in a fight. The party then waits with its journey. */
  busyIn(copy: string): boolean {
    return this.#online.some(({ world, busy }) => busy && world?.copy === copy)
  }

  /** The first member creates the party, the others join it. A member then waits until the leader is in the world. */
  async join(member: PartyMember, client: StrataClient, signal: AbortSignal): Promise<void> {
    this.#online.push(member)
    if (this.leader === member) {
      this.#invite = this.#create(client)
      await this.#invite
      return
    }
    const invite = await this.#invite?.catch(() => undefined)
    if (invite === undefined || client.character === undefined) return
    try {
      await client.party.accept(await invite(client.character))
    } catch (error) {
      // All members lost their sessions at once, and the party has ended: this one enters alone.
      if (error instanceof StrataClientError && ended.has(error.code)) return
      throw error
    }
    const givenUp = AbortSignal.any([signal, AbortSignal.timeout(LEADER_WAIT_MS)])
    while (!givenUp.aborted && this.leader !== member && this.leader?.world === undefined) await new Promise((resolve) => setTimeout(resolve, 100))
  }

  async #create(leader: StrataClient): Promise<(character: string) => Promise<string>> {
    const { party } = await leader.party.create()
    return async (character) => {
      await leader.party.invite(character)
      return party
    }
  }

  leave(member: PartyMember): void {
    const index = this.#online.indexOf(member)
    if (index >= 0) this.#online.splice(index, 1)
    if (this.#online.length === 0) this.#invite = undefined
  }
}
