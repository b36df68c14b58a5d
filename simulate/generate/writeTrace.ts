import { writeFile } from 'node:fs/promises'
import type { Trace } from '../population/trace.ts'

/** Writes a day as `realm,avatar,guild,zone,t0,t1`. Kinds of zones are not in that form: without a list beside it, every zone has copies. */
export async function writeTrace({ avatars }: Trace, file: string): Promise<void> {
  const rows = avatars.flatMap(({ realm, id, guild, stays }) => stays.map(({ zone, first, last }) => `${realm},${id},${guild},${zone},${first},${last}`))
  await writeFile(file, `realm,avatar,guild,zone,t0,t1\n${rows.join('\n')}\n`)
}
