import { defined } from '../model/defined.ts'
import type { AccountId, CharacterId } from '../model/ids.ts'
import { PROTOCOL_VERSION } from '../model/server.ts'
import type { LoginResponse } from '../model/wire/characters.ts'
import type { ExplainResponse, LocksResponse, MapsResponse } from '../model/wire/matchmaker.ts'
import type { RoomState } from '../model/wire/roomState.ts'
import { BlocksApi } from './api/blocksApi.ts'
import { CharactersApi } from './api/charactersApi.ts'
import { EconomyApi } from './api/economyApi.ts'
import { FriendsApi } from './api/friendsApi.ts'
import { GuildApi } from './api/guildApi.ts'
import { MatchmakerHttp, type SessionSource } from './api/http.ts'
import { PartyApi } from './api/partyApi.ts'
import { PlacementApi } from './api/placementApi.ts'
import { type WaitOptions, type Wish, waitForSeat } from './enter/takeSeat.ts'
import { ownError } from './errors.ts'
import { retryCall } from './retry.ts'
import { type Connect, connectRoom } from './room/roomLink.ts'
import type { Pose, Predict } from './view/prediction.ts'
import { World } from './world.ts'

/** Attempts to enter: a seat may lapse or a copy close between the matchmaker's answer and the connection. */
const ENTER_ATTEMPTS = 5

export interface StrataClientOptions {
  /** URL of the matchmaker. */
  matchmaker: string
  /** Session token of the studio's identity provider, or a function that gets a new one whenever the last one has expired. */
  session?: SessionSource
  /** The character that plays; an account with one character need not name it. */
  character?: CharacterId
  protocol?: number
  connect?: Connect
}

export interface EnterOptions<State extends Pose, Input> extends WaitOptions {
  /** The game's own rules for the player's body, the same that its room has. */
  predict?: Predict<State, Input>
}

/**
 * The SDK of one player: an account, and the character of it that plays. `State`: the room's slow state with the game's parts (`world.state`). `E`: the type of
 * the game's declaration of entities, `typeof entities` of `const entities = defineEntities(…)`; a type only, so that the client loads nothing of the server.
 */
export class StrataClient<State extends RoomState = RoomState, E = unknown> {
  readonly #http: MatchmakerHttp
  readonly #placement: PlacementApi
  readonly #protocol: number
  readonly #connect: Connect
  readonly characters: CharactersApi
  readonly party: PartyApi
  readonly friends: FriendsApi
  readonly blocks: BlocksApi
  readonly guild: GuildApi
  readonly economy: EconomyApi

  constructor({ matchmaker, session, character, protocol = PROTOCOL_VERSION, connect = connectRoom }: StrataClientOptions) {
    this.#http = new MatchmakerHttp(matchmaker, session)
    this.#http.character = character
    this.#placement = new PlacementApi(this.#http)
    this.characters = new CharactersApi(this.#http)
    this.party = new PartyApi(this.#http)
    this.friends = new FriendsApi(this.#http)
    this.blocks = new BlocksApi(this.#http)
    this.guild = new GuildApi(this.#http)
    this.economy = new EconomyApi(this.#http)
    this.#protocol = protocol
    this.#connect = connect
  }

  /** The character that plays. Change it only outside the world. */
  get character(): CharacterId | undefined {
    return this.#http.character
  }
  set character(character: CharacterId | undefined) {
    this.#http.character = character
  }

  /** Development login: a session for any account, signed again when it expires. */
  async login(account: AccountId, signal?: AbortSignal): Promise<void> {
    const anonymous = new MatchmakerHttp(this.#http.url, undefined)
    const signIn = async (): Promise<string> => (await anonymous.call<LoginResponse>('POST', '/v1/login', { body: { account }, signal })).session
    this.#http.session = signIn
    await this.#http.signIn()
  }

  /**
   * Enters a map or joins a friend, and waits in line if needed. With `predict` the own body follows inputs at once in `world.sample`. Throws StrataClientError
   * with a code of the catalogue.
   */
  enter<Body extends Pose = Pose, Input = unknown>(wish: Wish, { predict, ...options }: EnterOptions<Body, Input> = {}): Promise<World<State, E>> {
    // The world passes on only what the game itself gives it: states of `start` and `step`, and inputs of `world.input`.
    const game = predict as Predict<Pose, unknown> | undefined
    const attempt = async (): Promise<World<State, E>> => {
      const seat = await waitForSeat(this.#placement, { ...wish, protocol: this.#protocol }, options)
      return await World.enter<State, E>(seat, defined({ api: this.#placement, connect: this.#connect, protocol: this.#protocol, predict: game }))
    }
    return retryCall(attempt, ENTER_ATTEMPTS, options.signal)
  }

  /** Rewards that the character has taken and cannot take again yet. */
  locks(): Promise<LocksResponse> {
    return this.#placement.locks()
  }

  maps(): Promise<MapsResponse> {
    return this.#placement.maps()
  }

  /**
   * Why an own character is where it is: its last decisions, newest first, each with the copy where it was placed. Without `character`, the one that plays, or
   * the only one of the account. Throws NO_CHARACTER, CHARACTER_UNSPECIFIED.
   */
  async explain(character = this.character): Promise<ExplainResponse> {
    return this.#placement.explain(character ?? (await this.#onlyCharacter()))
  }

  async #onlyCharacter(): Promise<CharacterId> {
    const [only, ...others] = await this.characters.list()
    if (only !== undefined && others.length === 0) return only.character
    throw only === undefined ? ownError('NO_CHARACTER') : ownError('CHARACTER_UNSPECIFIED', { count: others.length + 1 })
  }
}
