import type { CryptoKey } from 'jose'
import type { Logger } from 'pino'
import { Registry } from 'prom-client'
import { CensusReplica } from '../../../directory/censusReplica.ts'
import type { Directory } from '../../../directory/directory.ts'
import { composeParts } from '../../../matchmaker/composeParts.ts'
import { enter } from '../../../matchmaker/flows/enter.ts'
import { joinPartyCopy } from '../../../matchmaker/flows/joinPartyCopy.ts'
import { LONG_POLL_MS, leaveLine, pollLine } from '../../../matchmaker/flows/pollLine.ts'
import { travel } from '../../../matchmaker/flows/travel.ts'
import type { Parts } from '../../../matchmaker/parts.ts'
import { ProfileSync } from '../../../matchmaker/profiles/profileSync.ts'
import { Promotions } from '../../../matchmaker/queue/promotions.ts'
import type { Clock } from '../../../model/clock.ts'
import type { CharacterId, PartyId } from '../../../model/ids.ts'
import type { Policies } from '../../../model/policy/policy.ts'
import { enterRequest } from '../../../model/wire/matchmaker.ts'
import type { Store } from '../../../store/store.ts'
import type { MemoryStore } from '../standins/memoryStore.ts'

/** The parts of the simulated store that stand for `store.social`. */
type ProfileOutbox = Pick<MemoryStore, 'takeProfileChanges' | 'settleProfileChanges' | 'joinParty'>

const ACCEPT = /^\/v1\/party\/invitations\/([^/]+)\/accept$/

export interface MatchmakerParts {
  clock: Clock
  directory: Directory
  store: Store & ProfileOutbox
  policies: Policies
  newId: () => string
  keys: { ticket: CryptoKey; ticketPublic: CryptoKey[] }
  log: Logger
}

/** An HTTP request; the session token is the character's id. */
export interface HttpRequest {
  method: string
  path: string
  character: CharacterId
  lineTicket: string
  body: unknown
  /** Aborts when the client closes the request. */
  gone: AbortSignal
}

/** One matchmaker: the parts that `matchmaker/main.ts` puts together and its routes, without HTTP. */
export class SimMatchmaker {
  readonly #parts: Parts
  readonly #store: MatchmakerParts['store']
  readonly #replica: CensusReplica

  private constructor(parts: Parts, store: MatchmakerParts['store'], replica: CensusReplica) {
    this.#parts = parts
    this.#replica = replica
    new Promotions(parts)
    new ProfileSync(parts, store)
    this.#store = store
  }

  /** Throws when the directory does not respond. */
  static async start({ clock, directory, store, policies, newId, keys, log }: MatchmakerParts): Promise<SimMatchmaker> {
    const replica = await CensusReplica.follow(directory, clock)
    // No rule reads placement decisions.
    const record = (): void => {}
    const parts = composeParts({ directory, store, replica, registry: new Registry(), policies: () => policies, clock, newId, keys, record, log })
    return new SimMatchmaker(parts, store, replica)
  }

  /** Whether the load balancer may send requests here. */
  get ready(): boolean {
    return this.#replica.ready()
  }

  async serve({ method, path, character, lineTicket, body, gone }: HttpRequest): Promise<unknown> {
    const wish = () => ({ ...enterRequest.parse(body), rankIn: () => 0 })
    switch (`${method} ${path}`) {
      case 'POST /v1/enter':
        return enter(this.#parts, character, wish())
      case 'POST /v1/travel':
        return travel(this.#parts, character, wish())
      case 'GET /v1/line':
        return pollLine(this.#parts, character, lineTicket, { waitMs: LONG_POLL_MS, signal: gone })
      case 'DELETE /v1/line':
        await leaveLine(this.#parts, character, lineTicket)
        return { left: true }
      default:
        if (method === 'POST' && ACCEPT.test(path)) return this.#joinParty(character, ACCEPT.exec(path)?.[1] ?? '')
        throw new Error(`no route ${method} ${path}`)
    }
  }

  /** The route of an accepted invitation. Here nobody needs an invitation. */
  async #joinParty(character: CharacterId, party: PartyId): Promise<unknown> {
    await this.#store.joinParty(party, character)
    const profile = await this.#store.profile(character)
    const [leader = character] = profile?.partyMembers ?? []
    await joinPartyCopy(this.#parts, character, leader).catch(() => undefined)
    return { party }
  }
}
