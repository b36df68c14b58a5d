/**
 * How short of CPU a game server is. Each level includes the measures of those before it.
 *
 * | level | measure                                                                                             | who acts                   |
 * | ----- | --------------------------------------------------------------------------------------------------- | -------------------------- |
 * | 0     | none                                                                                                |                            |
 * | 1     | things and bodies far from a player are shown half as often                                         | the room                   |
 * | 2     | snapshots are sent at half their rate                                                               | the room                   |
 * | 3     | nobody is placed there but party members, and no copy opens there                                   | matchmakers, the planner   |
 * | 4     | another copy opens if none has room, and players are moved there, as far as `moves` of the policy allows | the planner           |
 */
export type LoadLevel = 0 | 1 | 2 | 3 | 4

/** The levels by their measures. */
export const LOAD = { thin: 1, slow: 2, closed: 3, relief: 4 } as const

/** Whether a server with this load takes newcomers and copies. A server of the previous release reports no load. */
export function admits({ load = 0 }: { load?: LoadLevel }): boolean {
  return load < LOAD.closed
}
