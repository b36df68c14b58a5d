import { expect, it } from 'vitest'
import type { EntityId } from '../../model/ids.ts'
import { seededRandom } from '../../model/random.ts'
import { defineEntities } from '../../model/wire/entities/defineEntities.ts'
import type { EntityView } from '../../model/wire/snapshot.ts'
import { WorldView } from '../worldView.ts'
import { fieldsOf } from './fields.ts'
import { Scene } from './scene.ts'
import { ServerClock } from './serverClock.ts'

const STEP_MS = 50
/** Metres per second of everybody who walks. */
const SPEED = 6

type Path = (ms: number) => { x: number; y: number }
const at = (id: EntityId, { x, y }: { x: number; y: number }): EntityView => ({ id, kind: 0, x, y, heading: 0, flags: 0, name: `n${id}` })
/** Stands at the origin, walks east from `from` to `to` (ms), and stands again. */
const walk =
  (from: number, to: number): Path =>
  (ms) => ({ x: (Math.max(0, Math.min(ms, to) - from) / 1_000) * SPEED, y: 0 })

/** A server whose snapshots arrive over a line with jitter and stalls, in order, and a client that draws 60 frames a second; all in virtual time. */
class Rig {
  readonly clock = new ServerClock()
  readonly view = new WorldView()
  readonly scene: Scene
  readonly frames: { now: number; x: number; y: number; shown: boolean; tick: number }[] = []
  readonly arrivals: { now: number; tick: number }[] = []

  constructor({
    delay,
    paths,
    until,
    every = 2,
    firstTick = 1_000,
    silent = false,
  }: { delay: () => number; paths: ReadonlyMap<EntityId, Path>; until: number; every?: number; firstTick?: number; silent?: boolean }) {
    this.clock.stepMs = STEP_MS
    this.scene = new Scene(this.clock, new Map(), 0)
    let last = 0
    for (let ms = 0; ms <= until; ms += STEP_MS * every) {
      last = Math.max(last, ms + delay())
      this.arrivals.push({ now: last, tick: firstTick + ms / STEP_MS })
    }
    const known = new Map<EntityId, string>()
    let next = 0
    let lively = false
    for (let now = 0; now < last + 3_000; now += 1_000 / 60) {
      for (let arrival = this.arrivals[next]; arrival !== undefined && arrival.now <= now; arrival = this.arrivals[++next]) {
        const bodies = [...paths].map(([id, path]) => at(id, path((arrival.tick - firstTick) * STEP_MS)))
        const changed = bodies.filter((body) => known.get(body.id) !== JSON.stringify(body))
        const full = next === 0
        // As a room does: an empty one after the last change, and then two a second.
        const sends = !silent || changed.length > 0 || lively || (arrival.tick - this.clock.newestTick) * STEP_MS >= 500
        lively = changed.length > 0
        if (!sends) continue
        for (const body of changed) known.set(body.id, JSON.stringify(body))
        const snapshot = { tick: arrival.tick, lastInput: 0, full, entered: full ? bodies : [], changed: full ? [] : changed, left: [] }
        this.clock.received(arrival.tick, arrival.now, !full && changed.length === 0)
        this.scene.apply(snapshot, this.view.entities, this.view.apply(snapshot, arrival.now), arrival.now)
      }
      const one = this.scene.sample(now).get(1)
      this.frames.push({ now, x: one?.x ?? 0, y: one?.y ?? 0, shown: one !== undefined, tick: this.scene.shownTick })
    }
  }

  /** Fastest movement between two frames, in metres per second. */
  get fastest(): number {
    return Math.max(
      ...this.frames.slice(1).map((frame, index) => {
        const before = this.frames[index]
        return before?.shown !== true ? 0 : Math.hypot(frame.x - before.x, frame.y - before.y) / ((frame.now - before.now) / 1_000)
      }),
    )
  }
}

const seeds = [1, 2, 3, 4, 5, 6, 7, 8]
const jitter = (seed: number, { stalls = 0.02 } = {}): (() => number) => {
  const random = seededRandom(seed)
  return () => 120 + 160 * random() + (random() < stalls ? 600 : 0)
}

it.each(seeds)('over a line with 200 ± 80 ms and stalls in 2 of 100 a walker never jumps and ends where the server says (seed %s)', (seed) => {
  const path = walk(3_000, 23_000)
  const { frames, fastest, scene } = new Rig({
    delay: jitter(seed),
    paths: new Map([
      [1, path],
      [2, (ms) => ({ x: Math.sin(ms / 500), y: 5 })],
    ]),
    until: 30_000,
  })
  // A correction after a stall adds at most what a quarter more pace and the fading of 100 ms of extrapolation give.
  expect(fastest).toBeLessThan(2.5 * SPEED)
  expect(frames.at(-1)).toMatchObject({ x: path(30_000).x, y: 0, shown: true })
  for (const { x } of frames) {
    expect(x).toBeGreaterThanOrEqual(0)
    expect(x).toBeLessThanOrEqual(path(30_000).x + 0.101 * SPEED)
  }
  expect(scene.delayMs).toBeLessThan(400)
})

it('an entity whose updates come rarely is shown further in the past, and evenly', () => {
  const path = walk(0, 20_000)
  // Once a second, between the snapshots of somebody who walks all the time.
  const seldom: Path = (ms) => path(Math.floor(ms / 1_000) * 1_000)
  const { frames } = new Rig({
    delay: () => 100,
    paths: new Map([
      [1, seldom],
      [2, path],
    ]),
    until: 19_000,
  })
  const late = frames.filter(({ now }) => now > 12_000 && now < 19_000)
  const speeds = late.slice(1).map(({ x, now }, index) => (x - (late[index]?.x ?? x)) / ((now - (late[index]?.now ?? 0)) / 1_000))
  expect(Math.min(...speeds)).toBeGreaterThan(0.5 * SPEED)
  expect(Math.max(...speeds)).toBeLessThan(1.5 * SPEED)
})

it('somebody who stops where nothing else moves is not shown beyond the place, and walks on without a wait', () => {
  const [first, second] = [walk(2_000, 6_000), walk(16_000, 20_000)]
  const path: Path = (ms) => ({ x: first(ms).x + second(ms).x, y: 0 })
  const { frames, scene, fastest } = new Rig({ delay: () => 100, paths: new Map([[1, path]]), until: 24_000, silent: true })
  const stands = frames.filter(({ now }) => now < 16_000).map(({ x }) => x)
  expect(Math.max(...stands)).toBeCloseTo(4 * SPEED, 3)
  expect(frames.find(({ x }) => x > 4 * SPEED + 0.5)?.now).toBeLessThan(16_000 + 100 + 250)
  expect(scene.delayMs).toBeLessThan(200)
  expect(fastest).toBeLessThan(1.3 * SPEED)
})

/** A scene whose clock and snapshots the test moves by hand: one snapshot each 100 ms, without delay on the way. */
class Manual {
  readonly view = new WorldView()
  clock = new ServerClock()
  readonly scene = new Scene(this.clock, new Map(), 0)

  snapshot(now: number, tick: number, { full = false, put = [], left = [] }: { full?: boolean; put?: EntityView[]; left?: EntityId[] }): void {
    const entered = put.filter(({ id }) => full || !this.view.entities.has(id))
    const snapshot = { tick, lastInput: 0, full, entered, changed: put.filter((one) => !entered.includes(one)), left }
    this.clock.received(tick, now)
    this.scene.apply(snapshot, this.view.entities, this.view.apply(snapshot, now), now)
  }
}

it('an entity enters and leaves when the moment of its snapshot is shown, and is one object in between', () => {
  const manual = new Manual()
  const spans: Record<number, boolean> = {}
  const seen = new Set<unknown>()
  for (let now = 0; now <= 3_000; now += 10) {
    if (now % 100 === 0) {
      const put = [at(1, { x: now / 100, y: 0 }), ...(now >= 1_000 && now < 2_000 ? [at(2, { x: now / 100, y: 1 })] : [])]
      manual.snapshot(now, now / STEP_MS, { full: now === 0, put, left: now === 2_000 ? [2] : [] })
    }
    const one = manual.scene.sample(now).get(2)
    if (one !== undefined) seen.add(one)
    spans[now] = one !== undefined
  }
  const shown = Object.keys(spans).filter((now) => spans[Number(now)])
  expect(Number(shown[0])).toBeGreaterThanOrEqual(1_000 + 50)
  expect(Number(shown[0])).toBeLessThan(1_000 + 130)
  expect(Number(shown.at(-1))).toBeGreaterThan(2_000 + 50)
  expect(seen.size).toBe(1)
  expect(manual.scene.shown.has(2)).toBe(false)
})

it.each([
  ['whose time is known from its snapshots to the standby', true],
  ['whose first snapshot is the full one', false],
])(
  'M6: over a move to a server with another count of steps, %s, nothing that stays jumps or blinks, not even a companion that it shows late',
  (_how, standby) => {
    const manual = new Manual()
    const frames: { x: number; companion: number | undefined }[] = []
    const place = (id: EntityId, now: number): EntityView => at(id, { x: (now / 1_000) * SPEED, y: id })
    const first = { a: 500, b: 90_000 }
    const next = new ServerClock()
    next.stepMs = STEP_MS
    for (let now = 0; now <= 6_000; now += 10) {
      if (standby && now > 2_000 && now < 3_060 && now % 100 === 60) next.received(first.b - (3_060 - now) / STEP_MS, now)
      const [inA, inB] = [now <= 3_000, now >= 3_060]
      if (now === 3_060) {
        manual.clock = next
        manual.scene.switchTo(manual.clock, now, { sameMap: true })
        manual.view.keepUntilShown([2], now)
        manual.snapshot(now, first.b, { full: true, put: [place(1, now)] })
      } else if (now % 100 === 0 && (inA || inB)) {
        const tick = inA ? first.a + now / STEP_MS : first.b + Math.floor((now - 3_060) / STEP_MS)
        const put = [1, ...(inA || now >= 3_300 ? [2] : [])].map((id) => place(id, now))
        manual.snapshot(now, tick, { full: now === 0, put })
      }
      const shown = manual.scene.sample(now)
      frames.push({ x: shown.get(1)?.x ?? Number.NaN, companion: shown.get(2)?.x })
    }
    const fastest = (of: (frame: (typeof frames)[number]) => number): number =>
      Math.max(...frames.slice(20).map((frame, index) => Math.abs(of(frame) - of(frames[index + 19] ?? frame)) / 0.01))
    expect(fastest(({ x }) => x)).toBeLessThan(2.5 * SPEED)
    expect(frames.slice(5).every(({ companion }) => companion !== undefined)).toBe(true)
    // It has walked for 300 ms meanwhile, and makes up for it while it walks on.
    expect(fastest(({ companion }) => companion ?? Number.NaN)).toBeLessThan(4 * SPEED)
  },
)

it('a field that the game declares with interpolate is interpolated, and a server with another layout changes that', () => {
  const manual = new Manual()
  const { layout } = defineEntities({ dimensions: 3, fields: { charge: { type: 'number', min: 0, max: 100, step: 1, interpolate: true } } })
  const body = (now: number): EntityView => ({ ...at(1, { x: 0, y: 0 }), z: now / 100, charge: now / 100 }) as EntityView
  manual.scene.interpolate(fieldsOf(layout))
  for (let now = 0; now <= 2_000; now += 10) {
    if (now % 100 === 0) manual.snapshot(now, now / STEP_MS, { full: now === 0, put: [body(now)] })
    const shown = manual.scene.sample(now).get(1) as unknown as { z: number; charge: number } | undefined
    if (now < 1_000) continue
    // Between two snapshots, and not only at them.
    expect(shown?.z).toBeCloseTo((now - manual.scene.delayMs) / 100, 0)
    expect(shown?.charge).toBeCloseTo(shown?.z ?? Number.NaN, 6)
  }
  const values = new Set<number>()
  for (let now = 2_010; now < 2_100; now += 10) values.add((manual.scene.sample(now).get(1) as unknown as { charge: number }).charge)
  expect(values.size).toBeGreaterThan(5)
})

it('sampling allocates nothing for each entity', () => {
  const manual = new Manual()
  manual.snapshot(0, 0, { full: true, put: Array.from({ length: 300 }, (_, id) => at(id, { x: id, y: 0 })) })
  manual.snapshot(100, 2, { put: Array.from({ length: 300 }, (_, id) => at(id, { x: id + 1, y: 0 })) })
  const objects = new Map(manual.scene.sample(110))
  for (let now = 111; now < 400; now++) manual.scene.sample(now)
  expect([...manual.scene.shown].every(([id, shown]) => objects.get(id) === shown)).toBe(true)
  expect(objects.size).toBe(300)
})

it('says which step of the server it shows, so that the server can judge an attack by it', () => {
  const random = seededRandom(3)
  const path = walk(0, 10_000)
  const rig = new Rig({ delay: () => 100 + random() * 80, paths: new Map([[1, path]]), until: 10_000 })
  const seen = rig.frames.filter(({ now, shown }) => shown && now > 2_000 && now < 9_000)
  expect(seen.length).toBeGreaterThan(300)
  // The number is that of the last whole step, and corrections of the view fade within some frames.
  for (const { tick, x } of seen) {
    const there = path((tick - 1_000) * STEP_MS).x
    expect(x - there).toBeGreaterThan((-SPEED * STEP_MS) / 1_000)
    expect(x - there).toBeLessThan((2 * SPEED * STEP_MS) / 1_000)
  }
})
