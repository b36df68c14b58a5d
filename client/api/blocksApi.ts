import type { NameOrId } from '../../model/ids.ts'
import type { BlocksResponse } from '../../model/wire/social.ts'
import { MatchmakerApi } from './http.ts'

/** Accounts that the player has blocked. Characters are named by id or name; a block covers all characters of their account. */
export class BlocksApi extends MatchmakerApi {
  async list(): Promise<BlocksResponse['blocks']> {
    return (await this.http.call<BlocksResponse>('GET', '/v1/blocks')).blocks
  }
  async add(character: NameOrId): Promise<void> {
    await this.http.call('POST', '/v1/blocks', { body: { character } })
  }
  async remove(character: NameOrId): Promise<void> {
    await this.http.call('DELETE', `/v1/blocks/${encodeURIComponent(character)}`)
  }
}
