import { PROTOCOL_VERSION } from '../model/server.ts'
import type { HoldingsResponse, LetterRequest, LetterResponse, MailResponse } from '../model/wire/economy.ts'
import type { LoginRequest, LoginResponse, MapsResponse, PartyResponse } from '../model/wire/matchmaker.ts'
import { MatchmakerApi } from './enter/matchmakerApi.ts'
import { onceOnly } from './enter/onceOnly.ts'
import { type WaitOptions, type Wish, waitForSeat } from './enter/takeSeat.ts'
import { StrataClientError } from './errors.ts'
import { pauseBefore } from './retry.ts'
import { type Connect, connectRoom } from './room/roomLink.ts'
import { World } from './world.ts'

/** A seat may lapse, or a copy close, between the answer and the connection: entering is tried so often. */
const ENTER_ATTEMPTS = 5

export interface StrataClientOptions {
  /** URL of the matchmaker. */
  matchmaker: string
  /** A session of the studio's identity provider; without one, `login` gets one in development. */
  session?: string
  protocol?: number
  connect?: Connect
}

/** One player. */
export class StrataClient {
  readonly #api: MatchmakerApi
  readonly #protocol: number
  readonly #connect: Connect

  constructor({ matchmaker, session, protocol = PROTOCOL_VERSION, connect = connectRoom }: StrataClientOptions) {
    this.#api = new MatchmakerApi(matchmaker, session)
    this.#protocol = protocol
    this.#connect = connect
  }

  /** Development login: the character is made at its first one. */
  async login(person: LoginRequest, signal?: AbortSignal): Promise<LoginResponse> {
    const answer = await this.#api.login(person, signal)
    this.#api.session = answer.session
    return answer
  }

  /** Enters a map, or joins a friend; waits through the line if there is one. Throws StrataClientError with a code of the catalogue. */
  async enter(wish: Wish, options: WaitOptions = {}): Promise<World> {
    for (let attempt = 1; ; attempt++) {
      try {
        const seat = await waitForSeat(this.#api, { ...wish, protocol: this.#protocol }, options)
        return await World.enter(seat, { api: this.#api, connect: this.#connect, protocol: this.#protocol })
      } catch (error) {
        options.signal?.throwIfAborted()
        if (!(error instanceof StrataClientError) || !error.retryable || attempt === ENTER_ATTEMPTS) throw error
        await pauseBefore(attempt, options.signal)
      }
    }
  }

  maps(): Promise<MapsResponse> {
    return this.#api.maps()
  }
  /** A new party; its id is the invitation. */
  createParty(): Promise<PartyResponse> {
    return this.#api.createParty()
  }
  joinParty(party: string): Promise<PartyResponse> {
    return this.#api.joinParty(party)
  }
  async leaveParty(): Promise<void> {
    await this.#api.leaveParty()
  }
  /** One's money and items. */
  holdings(): Promise<HoldingsResponse> {
    return this.#api.holdings()
  }
  async mail(): Promise<MailResponse['mail']> {
    return (await this.#api.mail()).mail
  }
  /** Sends a letter, and what is attached, once: however often it has to be asked. */
  sendMail(letter: LetterRequest): Promise<LetterResponse> {
    return onceOnly((key) => this.#api.sendMail(key, letter))
  }
  /** Throws a letter away from which everything was taken. */
  async deleteMail(mail: string): Promise<void> {
    await onceOnly((key) => this.#api.deleteMail(key, mail))
  }
  /** Takes what is attached, once. */
  takeMail(mail: string): Promise<HoldingsResponse> {
    return onceOnly((key) => this.#api.takeMail(key, mail))
  }
}
