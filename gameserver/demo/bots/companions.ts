import type { StrataClient, World } from '../../../client/index.ts'
import type { DurationMs } from '../../../model/clock.ts'
import type { MapName } from '../../../model/ids.ts'

/** How long members wait for their leader to be in the world before they go in alone. */
const LEADER_WAIT_MS = 10_000

/** A bot as its companions see it. */
export interface Companion {
  readonly world: World | undefined
  /** Where it means to be. */
  wanted(at: DurationMs): MapName | undefined
}

/** One party's members who are online. The first of them leads: the others go where it goes. */
export class Companions {
  readonly #online: Companion[] = []
  #party: Promise<string> | undefined

  get leader(): Companion | undefined {
    return this.#online[0]
  }

  /** Founds the party, or joins it; a member waits until the leader is in the world. */
  async join(member: Companion, client: StrataClient, signal: AbortSignal): Promise<void> {
    this.#online.push(member)
    if (this.leader === member) {
      this.#party = client.createParty().then(({ party }) => party)
      await this.#party
      return
    }
    const party = await this.#party?.catch(() => undefined)
    if (party === undefined) return
    await client.joinParty(party)
    const patience = AbortSignal.any([signal, AbortSignal.timeout(LEADER_WAIT_MS)])
    while (!patience.aborted && this.leader !== member && this.leader?.world === undefined) await new Promise((resolve) => setTimeout(resolve, 100))
  }

  leave(member: Companion): void {
    const index = this.#online.indexOf(member)
    if (index >= 0) this.#online.splice(index, 1)
    if (this.#online.length === 0) this.#party = undefined
  }
}
