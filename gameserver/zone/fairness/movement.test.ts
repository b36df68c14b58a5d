import { expect, it } from 'vitest'
import { defined } from '../../../model/defined.ts'
import { MovementCheck, type MovementClaim, type MovementRule } from './movement.ts'
import { TimeBudget } from './timeBudget.ts'
import { GridWalls } from './walls/gridWalls.ts'

const rule: MovementRule = { maxSpeed: 6 }

/** A body that a client moves by claims, one each 50 ms unless said otherwise. */
function mover({ from = { x: 0, y: 0 }, now = 0 } = {}) {
  const check = new MovementCheck(new TimeBudget({ now }))
  let [body, time] = [from, now]
  return {
    get body() {
      return body
    },
    claim(claim: MovementClaim, used: MovementRule = rule, afterMs = 50) {
      time += afterMs
      const result = check.check(body, claim, used, time)
      body = { x: result.x, y: result.y }
      return result
    },
  }
}

it('F1: a client that walks at its speed is never corrected, with and without durations', () => {
  for (const ms of [undefined, 50]) {
    const walker = mover()
    for (let n = 1; n <= 600; n++) {
      const claim = { x: Math.round(0.3 * n * 32) / 32, y: 0, ...defined({ ms }) }
      expect(walker.claim(claim)).toEqual({ x: claim.x, y: 0, accepted: true })
    }
  }
})

it('F2: a client that walks 1.3 times its speed is corrected and found', () => {
  const cheat = mover()
  const kinds = Array.from({ length: 100 }, (_, n) => cheat.claim({ x: 0.39 * (n + 1), y: 0 }).violation?.kind)
  expect(kinds).toContain('speed')
  expect(cheat.body.x).toBeLessThan(6 * 5 * 1.08 + 1)
})

it('F2: a claim whose way is too long for its own duration is found at once', () => {
  const { violation, x } = mover().claim({ x: 2, y: 0, ms: 50 })
  expect(violation).toEqual({ kind: 'speed', evidence: { metres: 2, ms: 50, allowedM: 0.42 } })
  expect(x).toBeLessThan(0.5)
})

it('F2: after a jump the body stays where it was', () => {
  const cheat = mover()
  expect(cheat.claim({ x: 500, y: 0 })).toMatchObject({ x: 0, y: 0, accepted: false, violation: { kind: 'teleport' } })
  // A client that insists is found again.
  expect(cheat.claim({ x: 500.3, y: 0 }).violation?.kind).toBe('teleport')
})

it('F2: a way through a wall ends in front of it', () => {
  const walls = GridWalls.fromText(['.....', '.....', '..#..', '.....', '.....'], { left: 0, top: 0, cellM: 1 })
  const cheat = mover({ from: { x: 1.5, y: 2.5 } })
  const result = cheat.claim({ x: 3.5, y: 2.5 }, { maxSpeed: 100, walls })
  expect(result).toMatchObject({ accepted: false, violation: { kind: 'wall' } })
  expect(result.x).toBeGreaterThan(1.9)
  expect(result.x).toBeLessThan(2)
})

it('F2: a change of velocity above the limit is found when the client says how long its steps are', () => {
  const car: MovementRule = { maxSpeed: 20, maxAcceleration: 5 }
  const cheat = mover()
  cheat.claim({ x: 0, y: 0, ms: 50 }, car)
  expect(cheat.claim({ x: 0.95, y: 0, ms: 50 }, car)).toMatchObject({ x: 0, violation: { kind: 'acceleration' } })
  const driver = mover()
  let [x, speed] = [0, 0]
  for (let n = 0; n < 70; n++) {
    speed = Math.min(20, speed + 5 * 0.05)
    x += speed * 0.05
    expect(driver.claim({ x, y: 0, ms: 50 }, car)).toMatchObject({ accepted: true })
  }
})

it('F3: a client that was stalled for longer than it may catch up is corrected, and is no cheat, also while it does not know of the correction', () => {
  for (const ms of [undefined, 50]) {
    const walker = mover()
    const claim = (n: number, afterMs: number) => walker.claim({ x: 0.3 * n, y: 0, ...defined({ ms }) }, rule, afterMs)
    for (let n = 1; n <= 40; n++) claim(n, 50)
    // Six seconds of claims arrive at once.
    const late = Array.from({ length: 120 }, (_, n) => claim(41 + n, n === 0 ? 6_000 : 0))
    expect(late.some(({ accepted }) => !accepted)).toBe(true)
    const unknowing = Array.from({ length: 20 }, (_, n) => claim(161 + n, 50))
    expect([...late, ...unknowing].filter(({ violation }) => violation !== undefined)).toEqual([])
    // The correction arrives: the client continues from where the server has its body.
    const { x } = walker.body
    expect(walker.claim({ x: x + 0.3, y: 0 }).violation).toBeUndefined()
  }
})
