import type { NameOrId, PartyId } from '../../model/ids.ts'
import type { InvitationsResponse, PartyInvitation, PartyResponse } from '../../model/wire/social.ts'
import { StrataClientError } from '../errors.ts'
import type { MatchmakerHttp } from './http.ts'

/** The party of the character that plays. Other characters are named by id or name. */
export class PartyApi {
  readonly #http: MatchmakerHttp

  constructor(http: MatchmakerHttp) {
    this.#http = http
  }

  /** Undefined without a party. */
  async current(): Promise<PartyResponse | undefined> {
    try {
      return await this.#http.call<PartyResponse>('GET', '/v1/party')
    } catch (error) {
      if (error instanceof StrataClientError && error.code === 'PARTY_UNKNOWN') return undefined
      throw error
    }
  }
  /** Leaves the former party. */
  create(): Promise<PartyResponse> {
    return this.#http.call('POST', '/v1/party')
  }
  async leave(): Promise<void> {
    await this.#http.call('DELETE', '/v1/party')
  }
  invite(character: NameOrId): Promise<PartyResponse> {
    return this.#http.call('POST', '/v1/party/invitations', { body: { character } })
  }
  /** Invitations that can still be accepted. */
  async invitations(): Promise<PartyInvitation[]> {
    return (await this.#http.call<InvitationsResponse>('GET', '/v1/party/invitations')).invitations
  }
  /** Leaves the former party. */
  accept(party: PartyId): Promise<PartyResponse> {
    return this.#http.call('POST', `/v1/party/invitations/${encodeURIComponent(party)}/accept`)
  }
  async decline(party: PartyId): Promise<void> {
    await this.#http.call('DELETE', `/v1/party/invitations/${encodeURIComponent(party)}`)
  }
  kick(character: NameOrId): Promise<PartyResponse> {
    return this.#http.call('POST', '/v1/party/kick', { body: { character } })
  }
  handOver(character: NameOrId): Promise<PartyResponse> {
    return this.#http.call('POST', '/v1/party/leader', { body: { character } })
  }
}
