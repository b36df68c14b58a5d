import { StrataClient, StrataClientError, type World } from '../../client/index.ts'
import { OpenIdSession } from '../../gameserver/demo/bots/account/openIdSession.ts'
import type { LocalWorld } from '../../local/world.ts'
import type { CandidateRecord } from '../../model/placement/decision.ts'
import type { ExplainResponse } from '../../model/wire/matchmaker.ts'

/** Longest time for one explanation, in ms. */
const EXPLAIN_TIMEOUT_MS = 10_000

export interface NewPlayer {
  name: string
  languages: string[]
}

/** Somebody who signs in at the identity provider, makes a character and plays, with nothing but the SDK. */
export class DayPlayer {
  readonly name: string
  readonly languages: string[]
  /** What the person types in at the identity provider. */
  readonly login: string
  readonly session: OpenIdSession
  readonly client: StrataClient
  readonly #matchmaker: string
  #world: World | undefined

  private constructor(
    { name, languages }: NewPlayer,
    { issuer, client, redirectUri }: { issuer: string; client: string; redirectUri: string },
    matchmaker: string,
  ) {
    this.name = name
    this.languages = languages
    this.login = `${name}@example.org`
    this.session = new OpenIdSession({ issuer, client, redirectUri }, { login: this.login, name, locale: languages[0] ?? 'en' })
    this.client = new StrataClient({ matchmaker, session: this.session.token })
    this.#matchmaker = matchmaker
  }

  /** Signs in for the first time and makes the character. `number` chooses the matchmaker. */
  static async arrive(person: NewPlayer, number: number, { production, matchmakerUrls }: LocalWorld): Promise<DayPlayer> {
    const matchmaker = matchmakerUrls[number % matchmakerUrls.length]
    if (production === undefined || matchmaker === undefined) throw new Error('the world has no identity provider or no matchmaker')
    const player = new DayPlayer(person, production.openId, matchmaker)
    const { character } = await player.client.characters.create(person)
    player.client.character = character
    return player
  }

  get character(): string {
    return this.client.character ?? ''
  }

  get world(): World {
    if (this.#world === undefined) throw new Error(`${this.name} is not in the world`)
    return this.#world
  }

  async enter(map: string): Promise<void> {
    this.#world = await this.client.enter({ map })
  }

  /**
   * The candidates of the placement that brought the player into the world, the chosen copy first. The player's own explanation shows only that one; an operator's shows
   * the others, too.
   */
  async candidates(operatorToken?: string): Promise<[chosen: CandidateRecord, ...others: CandidateRecord[]]> {
    const { decisions } = operatorToken === undefined ? await this.client.explain() : await this.#explainedTo(operatorToken)
    const placed = decisions.find(({ kind }) => kind === 'place')
    const chosen = placed?.candidates.find(({ copy }) => copy === placed.copy)
    if (placed === undefined || chosen === undefined) throw new Error(`${this.name} has no placement among ${JSON.stringify(decisions)}`)
    return [chosen, ...placed.candidates.filter((candidate) => candidate !== chosen)]
  }

  async #explainedTo(operatorToken: string): Promise<ExplainResponse> {
    const answer = await fetch(`${this.#matchmaker}/v1/explain/${this.character}`, {
      headers: { authorization: `Bearer ${operatorToken}` },
      signal: AbortSignal.timeout(EXPLAIN_TIMEOUT_MS),
    })
    if (!answer.ok) throw new Error(`explain ${this.name}: ${await answer.text()}`)
    return (await answer.json()) as ExplainResponse
  }
}

/** The code of the error with which `call` is refused; undefined when it succeeds. */
export async function refusalOf(call: Promise<unknown>): Promise<string | undefined> {
  try {
    await call
    return undefined
  } catch (error) {
    if (error instanceof StrataClientError) return error.code
    throw error
  }
}
