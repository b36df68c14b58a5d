import type { CharacterId } from '../../model/ids.ts'
import type { ChangeCharacterRequest, CharacterResponse, CharactersResponse, CreateCharacterRequest } from '../../model/wire/characters.ts'
import { MatchmakerApi } from './http.ts'

/** The characters of the account. */
export class CharactersApi extends MatchmakerApi {
  /** Oldest first. */
  async list(signal?: AbortSignal): Promise<CharacterResponse[]> {
    return (await this.http.call<CharactersResponse>('GET', '/v1/characters', { signal })).characters
  }
  create(character: CreateCharacterRequest, signal?: AbortSignal): Promise<CharacterResponse> {
    return this.http.call('POST', '/v1/characters', { body: character, signal })
  }
  /** A new name, other languages, other settings. */
  change(character: CharacterId, change: ChangeCharacterRequest): Promise<CharacterResponse> {
    return this.http.call('PATCH', `/v1/characters/${encodeURIComponent(character)}`, { body: change })
  }
  async delete(character: CharacterId): Promise<void> {
    await this.http.call('DELETE', `/v1/characters/${encodeURIComponent(character)}`)
  }
}
