import type { GuildId, NameOrId } from '../../model/ids.ts'
import type { BankRequest, GuildInvitationsResponse, GuildRankRequest, GuildResponse, HoldingsResponse } from '../../model/wire/economy.ts'
import { MatchmakerApi } from './http.ts'

/** The guild of the character that plays, and the guild's bank. Other characters are named by id or name. */
export class GuildApi extends MatchmakerApi {
  /** Undefined without a guild. */
  current(): Promise<GuildResponse | undefined> {
    return this.getUnless('GUILD_UNKNOWN', '/v1/guild')
  }
  /** A new guild, led by the character, which leaves its former one. */
  found(name: string): Promise<GuildResponse> {
    return this.http.call('POST', '/v1/guild', { body: { name } })
  }
  /** By officers and the leader. Returns the guild's id, by which the invited character joins. */
  async invite(character: NameOrId): Promise<GuildId> {
    return (await this.http.call<{ guild: GuildId }>('POST', '/v1/guild/invite', { body: { character } })).guild
  }
  /** Invitations that can still be accepted. */
  async invitations(): Promise<GuildInvitationsResponse['invitations']> {
    return (await this.http.call<GuildInvitationsResponse>('GET', '/v1/guild/invitations')).invitations
  }
  async decline(guild: GuildId): Promise<void> {
    await this.http.call('DELETE', `/v1/guild/invitations/${encodeURIComponent(guild)}`)
  }
  /** Accepts an invitation; leaves the former guild. */
  join(guild: GuildId): Promise<GuildResponse> {
    return this.http.call('POST', '/v1/guild/join', { body: { guild } })
  }
  async setRank(character: NameOrId, rank: GuildRankRequest['rank']): Promise<void> {
    await this.http.call('POST', '/v1/guild/rank', { body: { character, rank } })
  }
  /** Removes a member of a lower rank. */
  async dismiss(character: NameOrId): Promise<void> {
    await this.http.call('POST', '/v1/guild/dismiss', { body: { character } })
  }
  async leave(): Promise<void> {
    await this.http.call('DELETE', '/v1/guild')
  }
  deposit(what: BankRequest): Promise<HoldingsResponse> {
    return this.http.callOnce('POST', '/v1/guild/bank/deposit', what)
  }
  /** Up to the limit of the rank per 24 hours. */
  withdraw(what: BankRequest): Promise<HoldingsResponse> {
    return this.http.callOnce('POST', '/v1/guild/bank/withdraw', what)
  }
}
