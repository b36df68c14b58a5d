import { decisions } from './decisions.ts'
import { line, players } from './people.ts'
import type { Resource } from './resource.ts'
import { copies, maps, servers } from './world.ts'

/** Everything that `strata get` lists. The item type differs by kind, and only the resource itself reads its items. */
export const resources = [copies, servers, maps, players, line, decisions] as unknown as readonly Resource<unknown>[] // each is used with its own items only

export function resourceNamed(name: string): Resource<unknown> | undefined {
  return resources.find(({ names }) => names.includes(name))
}
