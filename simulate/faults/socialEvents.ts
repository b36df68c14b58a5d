import { between, Chance, pick } from './kernel/chance.ts'
import type { Fault, PlayerAction, ScenarioEvent } from './scenarioEvent.ts'

/** The empty name: leaves the guild. */
const GUILDS = ['owls', 'wolves', '']

type Draw = (random: () => number, players: number) => PlayerAction | Fault

const pair = (random: () => number, players: number): { who: number; to: number } => {
  const who = between(random, 0, players - 1)
  return { who, to: (who + between(random, 1, players - 1)) % players }
}

/** Parties and guilds that form and break inside the world, friendships, blocks and bans. Joining a party is listed three times, to be three times as likely. */
const draws: readonly Draw[] = [
  (random, players) => ({ do: 'join', ...pair(random, players) }),
  (random, players) => ({ do: 'join', ...pair(random, players) }),
  (random, players) => ({ do: 'join', ...pair(random, players) }),
  (random, players) => ({ do: 'part', who: between(random, 0, players - 1) }),
  (random, players) => ({ do: 'guild', who: between(random, 0, players - 1), guild: pick(random, GUILDS) }),
  (random, players) => ({ do: 'befriend', ...pair(random, players) }),
  (random, players) => ({ do: 'block', ...pair(random, players) }),
  (random, players) => ({ fault: 'ban', who: between(random, 0, players - 1), forMs: between(random, 1_000, 8_000) }),
]

/** The social events of a seed; none in a third of the seeds. They use a random stream of their own, so that they do not change what else is drawn. */
export function drawSocialEvents(seed: number, players: number, endMs: number): ScenarioEvent[] {
  const random = new Chance(seed).of('social')
  if (random() < 1 / 3) return []
  return Array.from({ length: between(random, 1, 10) }, () => ({ at: between(random, 1_000, endMs - 1_000), ...pick(random, draws)(random, players) }))
}
