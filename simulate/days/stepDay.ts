import type { Random } from '../../model/random.ts'
import type { Step } from '../population/course.ts'
import type { Trace } from '../population/trace.ts'

/** A day on one map, in seconds and players, whose population jumps within a minute. */
export interface StepDay {
  players: number
  /** Population between the two jumps, as a factor. */
  factor: number
  up: number
  down: number
  seconds: number
}

const JUMP_SECONDS = 60
/** Mean stay, drawn from an exponential distribution: as long as on the recorded day. */
const STAY_SECONDS = 2_400
const GUILD_SIZE = 25
const ZONE = 1

/** Makes the day. A player who leaves is replaced in the same second by the next of the guild, so that the population changes only in the two jumps. */
export function stepDay({ players, factor, up, down, seconds }: StepDay, random: Random): Trace {
  const steps: Step[] = []
  const avatars: Trace['avatars'] = []
  for (let seat = 0; seat < players * factor; seat++) {
    const stays = seat < players
    let at = stays ? random() * JUMP_SECONDS : up + random() * JUMP_SECONDS
    const end = stays ? seconds : down + random() * JUMP_SECONDS
    while (at < end) {
      const avatar = avatars.length
      const until = Math.min(end, at - STAY_SECONDS * Math.log(1 - random()))
      avatars.push({ id: `${avatar}`, realm: 0, guild: 1 + (seat % Math.ceil((players * factor) / GUILD_SIZE)), stays: [{ zone: ZONE, first: 0, last: 0 }] })
      steps.push({ at, avatar, from: undefined, to: ZONE, login: true, logout: false })
      steps.push({ at: until, avatar, from: ZONE, to: undefined, login: false, logout: true })
      at = until
    }
  }
  const people = { party: new Int32Array(avatars.length).fill(-1), friends: avatars.map(() => []), language: new Uint8Array(avatars.length), languages: ['en'] }
  return {
    avatars,
    zones: new Map([[ZONE, { id: ZONE, name: 'forest', kind: 'open' }]]),
    samples: Math.ceil(seconds / 600),
    recorded: { people, steps: steps.sort((a, b) => a.at - b.at || a.avatar - b.avatar), seconds, start: 0, gapSeconds: 0 },
  }
}
