import { setTimeout as pause } from 'node:timers/promises'
import { StrataClient, StrataClientError } from '../../../../client/index.ts'
import type { BotStats } from '../botStats.ts'
import type { Person } from '../schedule.ts'
import { Friends } from './friends.ts'
import type { GuildDesk } from './guildDesk.ts'
import { type OpenIdOptions, OpenIdSession } from './openIdSession.ts'

/** Longest time in ms that a new player waits for the invitation to its guild before it enters without one. */
const INVITATION_WAIT_MS = 3_000

export interface AccountParts {
  matchmaker: string
  /** The identity provider; undefined: the development login. */
  openId?: OpenIdOptions | undefined
  stats: BotStats
  guilds: GuildDesk
}

/**
 * The account of one bot: it signs in, makes its character and finds its guild over the public API, as every player does. It keeps the results of the first
 * sign-in; later ones send no request while the session is valid.
 */
export class Account {
  readonly client: StrataClient
  readonly friends: Friends
  readonly #person: Person
  readonly #parts: AccountParts
  readonly #openId: OpenIdSession | undefined
  #signedIn = false

  constructor(person: Person, parts: AccountParts) {
    const { matchmaker, openId } = parts
    this.#person = person
    this.#parts = parts
    this.#openId = openId && new OpenIdSession(openId, { login: person.name, name: person.name, locale: person.language })
    this.client = new StrataClient({ matchmaker, ...(this.#openId === undefined ? {} : { session: this.#openId.token }) })
    this.friends = new Friends(this.client, person.friends, parts.stats)
  }

  async signIn(signal?: AbortSignal): Promise<void> {
    if (this.#signedIn) return
    const { stats } = this.#parts
    const { name, language } = this.#person
    try {
      if (this.#openId === undefined) await this.client.login(name)
      const [known] = await this.client.characters.list(signal)
      const character = known ?? (await this.client.characters.create({ name, languages: [language] }, signal))
      this.client.character = character.character
      if (known === undefined) stats.charactersMade++
      this.#signedIn = true
      stats.accounts++
      await this.friends.ask()
      await this.#findGuild(character.guild, signal)
    } catch (error) {
      this.refused(error)
      throw error
    }
  }

  /** Counts an error at sign-in or entering that a retry cannot fix. */
  refused(error: unknown): void {
    if (error instanceof StrataClientError && !error.retryable) this.#parts.stats.refusedAtTheDoor++
  }

  /** The founder founds the guild; the others join when the founder has invited them, at the latest while they play. */
  async #findGuild(member: string | undefined, signal: AbortSignal | undefined): Promise<void> {
    const { guild, founder = false } = this.#person
    const { guilds, stats } = this.#parts
    if (guild === undefined) return
    if (founder) {
      if (member === undefined) await this.client.guild.found(guild)
      guilds.open(guild, (character) => this.client.guild.invite(character))
      return
    }
    if (member !== undefined) return
    const joined = guilds
      .invitation(guild, this.#person.name)
      .then((id) => this.client.guild.join(id))
      .catch((error: unknown) => stats.error(error))
    await Promise.race([joined, pause(INVITATION_WAIT_MS, undefined, { signal }).catch(() => undefined)])
  }
}
