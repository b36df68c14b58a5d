import fc from 'fast-check'
import { expect, it } from 'vitest'
import { seededRandom } from '../../../model/random.ts'
import { clampTo } from '../../demo/borders.ts'
import { Cooldowns } from './cooldowns.ts'
import { IntervalStatistics } from './intervals.ts'
import { type Breach, MovementCheck } from './movement.ts'
import { PositionHistory } from './positionHistory.ts'
import { checkTarget, HISTORY_MS } from './targetCheck.ts'
import recording from './testing/bots.json' with { type: 'json' }
import { BadLine } from './testing/network.ts'
import { TimeBudget } from './timeBudget.ts'

const STEP_MS = 50
const SPEED = 6
const GATHER_COOLDOWN_MS = 1_500
/** Delay in ms with which a client shows other bodies. */
const INTERPOLATION_MS = 100
type Bot = (typeof recording)[number]

interface Claim {
  arrives: number
  x: number
  y: number
  /** The player gathers at this moment. */
  acts: boolean
}

/** A server and the honest client of a recorded bot, on a bad line, for as long as the recording is. Returns what the server took for a violation. */
function play({ map, rows }: Bot, seed: number, withDuration: boolean): { violations: Breach[]; corrections: number; refused: number } {
  const random = seededRandom(seed)
  const [up, down] = [new BadLine(random), new BadLine(random)]
  const check = new MovementCheck(new TimeBudget({ now: 0 }))
  const [cooldowns, intervals, history] = [new Cooldowns(), new IntervalStatistics(), new PositionHistory(HISTORY_MS, STEP_MS)]
  const violations: Breach[] = []
  let [body, client, heading] = [
    { x: 0, y: 0 },
    { x: 0, y: 0 },
    { dx: 0, dy: 0 },
  ]
  let [corrections, refused, row] = [0, 0, 0]
  const sent: Claim[] = []
  const corrected: { arrives: number; x: number; y: number }[] = []
  for (let now = 0; now < 240_000; now += STEP_MS) {
    while ((corrected[0]?.arrives ?? Number.POSITIVE_INFINITY) <= now) client = corrected.shift() ?? client
    let acts = false
    for (; (rows[row]?.[0] ?? Number.POSITIVE_INFINITY) <= now; row++) {
      const [, dx = 0, dy] = rows[row] ?? []
      if (dy === undefined) acts = true
      else heading = { dx, dy }
    }
    client = clampTo(map, { x: client.x + (heading.dx * SPEED * STEP_MS) / 1000, y: client.y + (heading.dy * SPEED * STEP_MS) / 1000 })
    // Positions are rounded on the wire.
    sent.push({ arrives: up.arrival(now), x: Math.round(client.x * 32) / 32, y: Math.round(client.y * 32) / 32, acts })
    while ((sent[0]?.arrives ?? Number.POSITIVE_INFINITY) <= now) {
      const claim = sent.shift()
      if (claim === undefined) break
      const { x, y, accepted, violation } = check.check(body, { x: claim.x, y: claim.y, ...(withDuration && { ms: STEP_MS }) }, { maxSpeed: SPEED }, now)
      body = { x, y }
      if (violation !== undefined) violations.push(violation)
      if (!accepted) {
        corrections++
        corrected.push({ arrives: down.arrival(now), x, y })
      }
      if (claim.acts) judgeAct(now, claim)
    }
    history.record(1, body, now)
    // The target moves to and fro beside the player.
    history.record(2, { x: body.x + 2 + Math.sin(now / 700), y: body.y }, now)
  }
  function judgeAct(now: number, { arrives }: Claim): void {
    const found = intervals.add(now)
    if (found !== undefined) violations.push({ kind: 'timing', evidence: found })
    const { ready, impossible } = cooldowns.attempt('gather', GATHER_COOLDOWN_MS, now)
    if (impossible) violations.push({ kind: 'cooldown', evidence: {} })
    if (!ready) refused++
    else cooldowns.use('gather', GATHER_COOLDOWN_MS, now)
    const aim = { actor: { id: 1, ...body }, target: 2, seenAt: arrives - 400 - INTERPOLATION_MS, rangeM: 3.2 }
    const { violation, refused: missed } = checkTarget(aim, history, () => body, now)
    if (violation !== undefined) violations.push(violation)
    if (missed !== undefined) refused++
  }
  return { violations, corrections, refused }
}

it('F3: recorded players with 200 ± 80 ms of jitter and stalls make no violation, with and without durations', () => {
  let corrections = 0
  for (const [index, bot] of recording.entries()) {
    for (const withDuration of [true, false]) {
      const played = play(bot, index + 1, withDuration)
      expect(played.violations, `bot ${index}`).toEqual([])
      corrections += played.corrections
    }
  }
  // The line is bad enough that some claims come too late to count.
  expect(corrections).toBeGreaterThan(0)
})

it('F3: the same for any jitter', () => {
  fc.assert(
    fc.property(fc.nat(recording.length - 1), fc.nat(), fc.boolean(), (bot, seed, withDuration) => {
      const one = recording[bot]
      if (one !== undefined) expect(play(one, seed, withDuration).violations).toEqual([])
    }),
    { numRuns: 100 },
  )
})
