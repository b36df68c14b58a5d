import type { GuildId } from '../../model/ids.ts'
import type { GuildResponse } from '../../model/wire/economy.ts'
import { StrataClientError } from '../errors.ts'
import type { MatchmakerHttp } from './http.ts'

/** The guild of the character that plays. Other characters are named by id or name. */
export class GuildApi {
  readonly #http: MatchmakerHttp

  constructor(http: MatchmakerHttp) {
    this.#http = http
  }

  /** Undefined without a guild. */
  async current(): Promise<GuildResponse | undefined> {
    try {
      return await this.#http.call<GuildResponse>('GET', '/v1/guild')
    } catch (error) {
      if (error instanceof StrataClientError && error.code === 'GUILD_UNKNOWN') return undefined
      throw error
    }
  }
  /** The character leaves its former guild and leads the new one. */
  found(name: string): Promise<GuildResponse> {
    return this.#http.call('POST', '/v1/guild', { body: { name } })
  }
  /** By officers and the leader. Returns the guild's id, by which the invited character joins. */
  async invite(character: string): Promise<GuildId> {
    return (await this.#http.call<{ guild: GuildId }>('POST', '/v1/guild/invite', { body: { character } })).guild
  }
  /** Accepts an invitation; the character leaves its former guild. */
  join(guild: GuildId): Promise<GuildResponse> {
    return this.#http.call('POST', '/v1/guild/join', { body: { guild } })
  }
  async leave(): Promise<void> {
    await this.#http.call('DELETE', '/v1/guild')
  }
}
