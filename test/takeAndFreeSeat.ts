import type { Directory } from '../directory/directory.ts'
import type { CharacterId, CopyId, MapName } from '../model/ids.ts'

/** Takes and frees a held seat, as the server does for a player who joins and leaves. */
export async function takeAndFreeSeat(directory: Directory, map: MapName, copy: CopyId, character: CharacterId): Promise<void> {
  await directory.takeSeat(map, copy, character, 0)
  await directory.freeSeat(map, copy, character)
}
