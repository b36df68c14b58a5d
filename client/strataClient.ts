import { PROTOCOL_VERSION } from '../model/server.ts'
import type { HoldingsResponse, LetterRequest, LetterResponse, MailResponse } from '../model/wire/economy.ts'
import type { LoginRequest, LoginResponse, MapsResponse, PartyResponse } from '../model/wire/matchmaker.ts'
import { MatchmakerApi } from './enter/matchmakerApi.ts'
import { onceOnly } from './enter/onceOnly.ts'
import { type WaitOptions, type Wish, waitForSeat } from './enter/takeSeat.ts'
import { retryCall } from './retry.ts'
import { type Connect, connectRoom } from './room/roomLink.ts'
import { World } from './world.ts'

/** Attempts to enter: a seat may lapse or a copy close between the matchmaker's answer and the connection. */
const ENTER_ATTEMPTS = 5

export interface StrataClientOptions {
  /** URL of the matchmaker. */
  matchmaker: string
  /** Session token of the studio's identity provider. Without one, `login` gets one in development. */
  session?: string
  protocol?: number
  connect?: Connect
}

/** The SDK of one player. */
export class StrataClient {
  readonly #api: MatchmakerApi
  readonly #protocol: number
  readonly #connect: Connect

  constructor({ matchmaker, session, protocol = PROTOCOL_VERSION, connect = connectRoom }: StrataClientOptions) {
    this.#api = new MatchmakerApi(matchmaker, session)
    this.#protocol = protocol
    this.#connect = connect
  }

  /** Development login. The first login creates the character. */
  async login(person: LoginRequest, signal?: AbortSignal): Promise<LoginResponse> {
    const answer = await this.#api.login(person, signal)
    this.#api.session = answer.session
    return answer
  }

  /** Enters a map or joins a friend, and waits in line if needed. Throws StrataClientError with a code of the catalogue. */
  enter(wish: Wish, options: WaitOptions = {}): Promise<World> {
    const attempt = async (): Promise<World> => {
      const seat = await waitForSeat(this.#api, { ...wish, protocol: this.#protocol }, options)
      return await World.enter(seat, { api: this.#api, connect: this.#connect, protocol: this.#protocol })
    }
    return retryCall(attempt, ENTER_ATTEMPTS, options.signal)
  }

  maps(): Promise<MapsResponse> {
    return this.#api.maps()
  }
  /** Creates a party. Others join it by its id. */
  createParty(): Promise<PartyResponse> {
    return this.#api.createParty()
  }
  joinParty(party: string): Promise<PartyResponse> {
    return this.#api.joinParty(party)
  }
  async leaveParty(): Promise<void> {
    await this.#api.leaveParty()
  }
  /** Money and items of the character. */
  holdings(): Promise<HoldingsResponse> {
    return this.#api.holdings()
  }
  async mail(): Promise<MailResponse['mail']> {
    return (await this.#api.mail()).mail
  }
  /** Sends a letter with its attachments exactly once, also when the request is retried. */
  sendMail(letter: LetterRequest): Promise<LetterResponse> {
    return onceOnly((key) => this.#api.sendMail(key, letter))
  }
  /** Deletes a letter whose attachments were taken. */
  async deleteMail(mail: string): Promise<void> {
    await onceOnly((key) => this.#api.deleteMail(key, mail))
  }
  /** Takes the attachments of a letter exactly once. */
  takeMail(mail: string): Promise<HoldingsResponse> {
    return onceOnly((key) => this.#api.takeMail(key, mail))
  }
}
