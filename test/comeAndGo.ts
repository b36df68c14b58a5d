import type { Directory } from '../directory/directory.ts'
import type { CharacterId, CopyId, MapName } from '../model/ids.ts'

/** As their server does for somebody who takes the seat that is held for them, and leaves. */
export async function comeAndGo(directory: Directory, map: MapName, copy: CopyId, character: CharacterId): Promise<void> {
  await directory.takeSeat(map, copy, character, 0)
  await directory.freeSeat(map, copy, character)
}
