import { StrataError } from '../../model/errors.ts'
import type { CharacterId } from '../../model/ids.ts'
import type { SocialProfile, Store } from '../../store/store.ts'

export interface Naming {
  asker: CharacterId
  /** Id or name, as the request says it. */
  named: string
  /** Characters that may be named in spite of a block: members of the asker's own party or guild, and whom the asker has blocked itself. */
  evenBlocked?: (named: SocialProfile) => boolean
}

/**
 * Resolves the character that a request names by id or name, and runs `act` with it. Throws CHARACTER_UNKNOWN with the text of the request when there is no
 * such character, or when one of the two accounts has blocked the other. A refusal of `act` about the named character gets the same text: an answer that
 * showed the
 * id instead would tell a blocked character from one that does not exist.
 */
export async function withNamed<T>(
  store: Pick<Store, 'findCharacter'>,
  { asker, named: idOrName, evenBlocked = () => false }: Naming,
  act: (named: CharacterId) => Promise<T>,
): Promise<T> {
  const unknown = (): StrataError => new StrataError('CHARACTER_UNKNOWN', { character: idOrName })
  const named = await store.findCharacter(idOrName)
  if (named === undefined || (named.blocked?.includes(asker) === true && !evenBlocked(named))) throw unknown()
  try {
    return await act(named.character)
  } catch (error) {
    if (error instanceof StrataError && error.code === 'CHARACTER_UNKNOWN' && error.details.character === named.character) throw unknown()
    throw error
  }
}
