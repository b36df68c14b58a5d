import type { NameOrId, PartyId } from '../../model/ids.ts'
import type { InvitationsResponse, PartyInvitation, PartyResponse } from '../../model/wire/social.ts'
import { MatchmakerApi } from './http.ts'

/** The party of the character that plays. Other characters are named by id or name. */
export class PartyApi extends MatchmakerApi {
  /** Undefined without a party. */
  current(): Promise<PartyResponse | undefined> {
    return this.getUnless('PARTY_UNKNOWN', '/v1/party')
  }
  /** Leaves the former party. */
  create(): Promise<PartyResponse> {
    return this.http.call('POST', '/v1/party')
  }
  async leave(): Promise<void> {
    await this.http.call('DELETE', '/v1/party')
  }
  invite(character: NameOrId): Promise<PartyResponse> {
    return this.http.call('POST', '/v1/party/invitations', { body: { character } })
  }
  /** Invitations that can still be accepted. */
  async invitations(): Promise<PartyInvitation[]> {
    return (await this.http.call<InvitationsResponse>('GET', '/v1/party/invitations')).invitations
  }
  /** Leaves the former party. */
  accept(party: PartyId): Promise<PartyResponse> {
    return this.http.call('POST', `/v1/party/invitations/${encodeURIComponent(party)}/accept`)
  }
  async decline(party: PartyId): Promise<void> {
    await this.http.call('DELETE', `/v1/party/invitations/${encodeURIComponent(party)}`)
  }
  kick(character: NameOrId): Promise<PartyResponse> {
    return this.http.call('POST', '/v1/party/kick', { body: { character } })
  }
  handOver(character: NameOrId): Promise<PartyResponse> {
    return this.http.call('POST', '/v1/party/leader', { body: { character } })
  }
}
