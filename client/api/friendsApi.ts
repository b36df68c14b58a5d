import type { NameOrId } from '../../model/ids.ts'
import type { FriendRequestAnswer, FriendRequestsResponse, FriendResponse, FriendsResponse, PresenceResponse } from '../../model/wire/social.ts'
import { MatchmakerApi } from './http.ts'

/** Friends of the character that plays. Other characters are named by id or name. */
export class FriendsApi extends MatchmakerApi {
  /** By name, with where they are if they let friends see it. */
  async list(): Promise<FriendResponse[]> {
    return (await this.http.call<FriendsResponse>('GET', '/v1/friends')).friends
  }
  /** Newest first. */
  requests(): Promise<FriendRequestsResponse> {
    return this.http.call('GET', '/v1/friends/requests')
  }
  /** They are friends at once when the other one has asked already. */
  async request(character: NameOrId): Promise<FriendRequestAnswer['state']> {
    return (await this.http.call<FriendRequestAnswer>('POST', '/v1/friends/requests', { body: { character } })).state
  }
  async accept(character: NameOrId): Promise<void> {
    await this.http.call('POST', `/v1/friends/requests/${encodeURIComponent(character)}/accept`)
  }
  /** Declines a received request or takes back a sent one. */
  async dropRequest(character: NameOrId): Promise<void> {
    await this.http.call('DELETE', `/v1/friends/requests/${encodeURIComponent(character)}`)
  }
  async remove(character: NameOrId): Promise<void> {
    await this.http.call('DELETE', `/v1/friends/${encodeURIComponent(character)}`)
  }
  /** Whether a character is in the world, as far as its settings let one see. */
  presence(character: NameOrId): Promise<PresenceResponse> {
    return this.http.call('GET', `/v1/presence/${encodeURIComponent(character)}`)
  }
}
