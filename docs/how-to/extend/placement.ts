import type { GameSignals, InstanceKeys } from '../../../gameserver/index.ts'

/** A newcomer is a character below this level. */
const NEWCOMER = 10

/** How many players of a copy are below the level of a newcomer, as a share. */
function shareOfNewcomers(levels: ReadonlyMap<string | number, number> | undefined, players: number): number {
  let newcomers = 0
  for (const [level, count] of levels ?? []) if (Number(level) < NEWCOMER) newcomers += count
  return players === 0 ? 0 : newcomers / players
}

export const signals: GameSignals = {
  /** Newcomers go where few other newcomers are, so that experienced players are around to help them. */
  mentors({ members, copy }) {
    if (members.every(({ attributes }) => Number(attributes?.['level'] ?? 0) >= NEWCOMER)) return 0
    return copy.players.size === 0 ? 0.5 : 1 - shareOfNewcomers(copy.attributes.get('level'), copy.players.size)
  },
}

export const instanceKeys: InstanceKeys = {
  /** One instance per guild and difficulty. The leader of a party chooses the difficulty, and without a guild the instance is the party's own. */
  guildRaid({ leader, party }) {
    return `${leader.guild ?? party ?? leader.character}/${leader.attributes?.['difficulty'] ?? 'normal'}`
  },
}
