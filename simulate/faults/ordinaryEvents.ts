import type { DurationMs } from '../../model/clock.ts'
import type { Random } from '../../model/random.ts'
import { between, Chance, pick } from './kernel/chance.ts'
import { CALL_FAULTS, type Fault, MOVE_MESSAGES, type PlayerAction, type ScenarioEvent } from './scenarioEvent.ts'

/** What the drawn events may refer to. */
interface EventTargets {
  players: number
  maps: readonly string[]
  matchmakers: readonly string[]
  orchestrators: readonly string[]
  endMs: number
}

/** Longer than any run, in ms. */
export const MUTE_TO_THE_END_MS = 1_000_000

type Draw = (random: Random, targets: EventTargets) => PlayerAction | Fault

/** Events of an ordinary day: actions of players, designers and operators, and clients that are slow, silent or badly connected. */
const draws: readonly Draw[] = [
  (random, { players }) => {
    const who = between(random, 0, players - 1)
    return { do: 'follow', who, to: (who + pick(random, [1, players - 1])) % players }
  },
  (random, { players }) => ({ do: 'idle', who: between(random, 0, players - 1), ms: between(random, 4_000, 12_000) }),
  (random, { players, maps }) => ({
    do: 'stroll',
    who: between(random, 0, players - 1),
    map: pick(random, maps),
    ms: between(random, 2_000, 9_000),
    crossesAfterMs: between(random, 500, 12_000),
  }),
  (random, { players }) => ({ do: 'part', who: between(random, 0, players - 1) }),
  (random, { players }) => ({ do: 'delve', who: between(random, 0, Math.min(3, players - 1)) }),
  (random, { players }) => ({ do: 'delve', who: between(random, 0, players - 1) }),
  (random) => ({ fault: 'stop', target: `server ${between(random, 0, 3)}`, deadlineMs: between(random, 500, 15_000) }),
  (random) => ({ fault: 'close', nth: between(random, 0, 3) }),
  (random, { maps }) => ({ fault: 'policy', map: pick(random, maps), soft: between(random, -1, 2), max: between(random, 1, 4) }),
  (random, { players }) => ({ fault: 'mute', who: between(random, 0, players - 1), word: pick(random, MOVE_MESSAGES), forMs: between(random, 2_000, 12_000) }),
  // A client that never says that it has arrived, until the end of the run.
  (random, { players }) => ({ fault: 'mute', who: between(random, 0, players - 1), word: 'arrived', forMs: MUTE_TO_THE_END_MS }),
  (random, { players, matchmakers }) => ({
    fault: 'call',
    target: `player-${between(random, 0, players - 1)}`,
    to: pick(random, matchmakers),
    call: pick(random, CALL_FAULTS),
  }),
  (random, { orchestrators }) => ({
    fault: 'call',
    target: pick(random, orchestrators),
    to: 'fleet',
    call: pick(random, CALL_FAULTS),
  }),
  // Matchmakers and orchestrators compare deadlines with each other's clocks, so their clocks stay within 1.5 s. Nothing else depends on a game server's clock.
  (random, { matchmakers, orchestrators }) =>
    random() < 0.5
      ? { fault: 'clock', target: `server ${between(random, 0, 3)}`, byMs: between(random, -8_000, 8_000) }
      : { fault: 'clock', target: pick(random, [...matchmakers, ...orchestrators]), byMs: between(random, -1_500, 1_500) },
  // Outages longer than the retries of a call.
  (random) => ({
    fault: 'split',
    target: `server ${between(random, 0, 3)}`,
    from: pick(random, ['store', 'directory']),
    forMs: between(random, 9_000, 25_000),
  }),
  (random) => ({ fault: 'stall', target: pick(random, ['store', 'directory']), awaits: 0, forMs: between(random, 7_000, 20_000) }),
]

/** The ordinary events of a seed; none in half of the seeds. They use a random stream of their own, so that they do not change what else is drawn. */
export function drawOrdinaryEvents(seed: number, targets: EventTargets): ScenarioEvent[] {
  const random = new Chance(seed).of('daily')
  if (random() < 0.5) return []
  const some = draws.filter(() => random() < 0.35)
  const kinds = some.length === 0 ? [pick(random, draws)] : some
  return Array.from({ length: between(random, 1, 7) }, () => ({ at: between(random, 3_000, targets.endMs - 1_000), ...pick(random, kinds)(random, targets) }))
}

/** Players who go on at another device, on another map, while their character is still live; none in half of the seeds. Early, when most seeds had no fault yet. */
export function drawDeviceChanges(seed: number, { players, maps }: Pick<EventTargets, 'players' | 'maps'>): ScenarioEvent[] {
  const random = new Chance(seed).of('devices')
  if (random() < 0.5) return []
  return Array.from({ length: between(random, 1, 3) }, (): ScenarioEvent[] => {
    const [at, who] = [between(random, 4_000, 9_000), between(random, 0, players - 1)]
    return [
      { at, do: 'enter', who, map: pick(random, maps) },
      { at: at + 2, do: 'restart', who },
    ]
  }).flat()
}

/**
 * Servers that are short of CPU; none in two thirds of the seeds. A room asks for relief after nine seconds, when its steps are late by more than half their interval
 * (`LoadLevels`).
 */
export function drawOverload(seed: number, endMs: DurationMs): ScenarioEvent[] {
  const random = new Chance(seed).of('overload')
  if (random() < 2 / 3) return []
  return Array.from({ length: between(random, 1, 2) }, (): ScenarioEvent => {
    const [at, lateMs, forMs] = [between(random, 3_000, endMs / 2), between(random, 60, 400), between(random, 4_000, 16_000)]
    return { at, fault: 'overload', target: `server ${between(random, 0, 3)}`, lateMs, forMs }
  })
}
