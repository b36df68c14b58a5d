import type { MapName } from '../../../../model/ids.ts'

/** Name of a map for people. */
export function titleOf(map: MapName): string {
  return map === '' ? 'another place' : map.charAt(0).toUpperCase() + map.slice(1)
}

const causes: Record<string, string> = {
  travel: 'you travelled',
  border: 'you crossed a border',
  merge: 'your copy was merged with another one',
  drain: 'your server makes room for another one',
  reunite: 'your friends are here',
  relief: 'your server had too much to do',
  operator: 'an operator moved you',
}
/** Why a move happened, for people. */
export function causeInWords(cause: string): string {
  return causes[cause] ?? cause
}
