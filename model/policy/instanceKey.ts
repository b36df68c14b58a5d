import type { CharacterId, InstanceKey, MapName, PartyId } from '../ids.ts'
import type { SeatHolder } from '../seat.ts'

/** What the game knows of a character besides its seat. `attributes` has all of them, also those that the policy does not list. */
export type KeyedCharacter = Pick<SeatHolder, 'character' | 'name' | 'language' | 'languages' | 'guild' | 'attributes'>

/** What an instance key is computed from: who wants to enter a map of kind `instance`. */
export interface InstanceQuestion {
  map: MapName
  /** The character that asked. The party members who enter with it get the same key. */
  character: KeyedCharacter
  /** Leader of its party; without a party the character itself. */
  leader: KeyedCharacter
  party?: PartyId
  /** All members of the party, online or offline; without a party only the character. */
  members: readonly CharacterId[]
}

/**
 * Says which instance of a map a group enters: groups with the same key enter the same instance, others never do. 1 to 64 visible ASCII characters. It must be
 * pure, because several matchmakers call it, and again while a group waits in line.
 */
export type InstanceKeyOf = (question: InstanceQuestion) => string

/** The game's own key functions, by the name that `instance.key` of a policy uses. */
export type InstanceKeys = Readonly<Record<string, InstanceKeyOf>>

/** The same after `containedKeys`: undefined when the function failed. */
export type ContainedKeys = Readonly<Record<string, (question: InstanceQuestion) => InstanceKey | undefined>>

/** Prefix of the names of key functions in metrics and log; those of signals have none. */
export const KEYS_PREFIX = 'instanceKeys.'

/** No spaces: the keys of the fallback have one, so that no key of a game is equal to one of them. */
const VALID = /^[!-~]{1,64}$/

/** The functions made safe: one that throws, or returns no valid key, returns undefined, and `failed` gets its name and what happened. */
export function containedKeys(keys: InstanceKeys, failed: (name: string, problem: unknown) => void): ContainedKeys {
  const report = (name: string, problem: unknown): void => failed(`${KEYS_PREFIX}${name}`, problem)
  const contain = ([name, keyOf]: [string, InstanceKeyOf]): [string, (question: InstanceQuestion) => InstanceKey | undefined] => [
    name,
    (question) => {
      try {
        const key: unknown = keyOf(question)
        if (typeof key === 'string' && VALID.test(key)) return key
        report(name, new Error(`it returned ${describe(key)} instead of 1 to 64 visible ASCII characters`))
      } catch (error) {
        report(name, error)
      }
      return undefined
    },
  ]
  return Object.fromEntries(Object.entries(keys).map(contain))
}

/** The key of a group whose game gave none: the instance is the party's own, or the character's. */
export function privateKey({ party, character }: InstanceQuestion): InstanceKey {
  return party === undefined ? `character ${character.character}` : `party ${party}`
}

/** Whose an instance is: an own key of the game, or a party. */
export interface InstanceOwner {
  party?: PartyId
  instanceKey?: InstanceKey
}

/** Text that is equal for the same owner only; undefined for a copy or a request without an owner. */
export function ownerId({ party, instanceKey }: InstanceOwner): string | undefined {
  if (instanceKey !== undefined) return `key ${instanceKey}`
  return party === undefined ? undefined : `party ${party}`
}

function describe(key: unknown): string {
  if (typeof key === 'string') return key.length > 64 ? `${key.length} characters` : JSON.stringify(key)
  return key instanceof Promise ? 'a promise' : key === undefined || key === null ? String(key) : `a ${typeof key}`
}
