import { writeFile } from 'node:fs/promises'
import type { Trace } from '../population/trace.ts'

/** Writes a day as `realm,avatar,guild,zone,t0,t1`. This format has no zone kinds: a reader without a zone list takes every zone for a layered map. */
export async function writeTrace({ avatars }: Trace, file: string): Promise<void> {
  const rows = avatars.flatMap(({ realm, id, guild, stays }) => stays.map(({ zone, first, last }) => `${realm},${id},${guild},${zone},${first},${last}`))
  await writeFile(file, `realm,avatar,guild,zone,t0,t1\n${rows.join('\n')}\n`)
}
