import type { ErrorCode } from '../../model/errors.ts'
import type { CharacterId } from '../../model/ids.ts'
import { mapOf, type Parts } from '../parts.ts'

/** Ends the sessions of these characters: servers close their clients with the code, and seats that are held for them are given back. Returns how many are live. */
export async function endSessions(parts: Parts, characters: readonly CharacterId[], code: ErrorCode, reason: string): Promise<number> {
  const { directory } = parts
  const present = await directory.presence(characters)
  await Promise.all([
    ...[...present].map(([character, { server }]) => directory.tellServer({ type: 'dismiss', server, character, code, reason })),
    giveBackHeld(parts, characters),
  ])
  return present.size
}

/** Gives back the seats that are held for these characters. */
export async function giveBackHeld({ directory, world }: Parts, characters: readonly CharacterId[]): Promise<void> {
  const census = world.census()
  const heldSeats = characters.flatMap((character) => {
    const at = census.whereabouts.get(character)
    const seat = at === undefined ? undefined : mapOf(census, at.map).copies.get(at.copy)?.seats.get(character)
    return at !== undefined && seat?.state === 'held' ? [{ ...at, character, deadline: seat.deadline }] : []
  })
  await Promise.all(heldSeats.map(({ map, copy, character, deadline }) => directory.giveBackSeat(map, copy, character, deadline)))
}
