import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../model/random.ts'
import { PlayerChecks } from '../../zone/fairness/playerChecks.ts'
import { FairPlay } from '../../zone/fairPlay.ts'
import type { Body } from '../../zone/zoneRoom.ts'
import { CreaturePool } from '../creatures/creaturePool.ts'
import { species } from '../creatures/species.ts'
import { walk } from '../movement.ts'
import { type DemoState, freshState, type WalkInput } from '../state.ts'
import { Fights, REWIND_MS } from './fights.ts'
import { ATTACK, DOWN_MS, FIGHT_MS, HEALTH_MAX } from './vitals.ts'

const TICK_RATE = 20
const STEP_MS = 1000 / TICK_RATE

function bodyAt(id: number, x: number, y: number): Body<DemoState> {
  const holder = { character: `c${id}`, entity: id, name: `Player ${id}`, language: 'en' }
  return { id, kind: 0, x, y, heading: 0, flags: 0, name: holder.name, holder, state: freshState() }
}

/** A room in virtual time with one creature. `tell` and `tellNear` record. */
class Arena {
  now = 1_000_000
  tick = 0
  readonly tickRate = TICK_RATE
  readonly map: string
  readonly told: { type: string; message: unknown }[] = []
  readonly events: string[] = []
  readonly bodies: Body<DemoState>[] = []
  readonly pool: CreaturePool
  readonly fights: Fights
  readonly fair: FairPlay<DemoState, WalkInput>
  readonly violations: string[] = []

  constructor(kind: keyof typeof species, { map = 'forest', x = 0, y = 0 }: { map?: string; x?: number; y?: number } = {}) {
    this.map = map
    this.pool = new CreaturePool(map, { random: seededRandom(1), now: this.now, table: [{ species: species[kind], x, y }] })
    this.fair = this.#fairPlay()
    this.fights = new Fights(this, this.pool, {
      killed: ({ id }, by, attackers) => this.events.push(`killed ${id === this.creature.id} by ${by.id} of ${attackers.join(' ')}`),
      down: ({ id }) => this.events.push(`down ${id}`),
      returned: ({ id }) => this.events.push(`returned ${id}`),
    })
  }

  get creature() {
    const [view] = this.pool.views()
    if (view === undefined) throw new Error('the arena has one creature')
    return view
  }
  tellNear = (_body: unknown, type: string, message: unknown): void => void this.told.push({ type, message })

  enter(id: number, x: number, y: number): Body<DemoState> {
    const body = bodyAt(id, x, y)
    this.bodies.push(body)
    return body
  }
  steps(ms: number, eachStep: () => void = () => {}): void {
    for (const until = this.now + ms; this.now < until; ) {
      this.now += STEP_MS
      this.tick++
      eachStep()
      this.fights.step(this.bodies, STEP_MS / 1000)
      this.fair.recordPositions()
    }
  }
  /** The room's own checks, with the arena's clock, creature and bodies. */
  #fairPlay(): FairPlay<DemoState, WalkInput> {
    const checks = new Map<string, PlayerChecks>()
    const residentOf = (body: Body<DemoState>) => {
      const { character } = body.holder
      const known = checks.get(character) ?? new PlayerChecks({ now: this.now })
      checks.set(character, known)
      return { character, body, phase: 'live', checks: known, connection: undefined }
    }
    const people = {
      get: (character: string) => this.bodies.filter(({ holder }) => holder.character === character).map(residentOf)[0],
      [Symbol.iterator]: () => this.bodies.map(residentOf)[Symbol.iterator](),
      end: async () => {},
    }
    const core = {
      services: {
        clock: { now: () => this.now },
        metrics: { violations: { inc: () => {} } },
        violations: { add: ({ kind }: { kind: string }) => void this.violations.push(kind) },
      },
      grid: { get: (id: number) => this.pool.views().find((view) => view.id === id) },
      tick: () => this.tick,
      tickRate: TICK_RATE,
      log: { info: () => {} },
    }
    return new FairPlay(core as never, people as never) // the parts of a room that the checks use
  }
  attack(body: Body<DemoState>, tick = this.tick): string | undefined {
    return this.fights.attack(body, { target: this.creature.id, tick })
  }
}

describe('an attack', () => {
  it('takes health from a creature in reach, and players who see it get a message; the blow that kills names all attackers', () => {
    const arena = new Arena('boar')
    const [ann, ben] = [arena.enter(1, 2, 0), arena.enter(2, 0, 2)]
    expect(arena.attack(ann)).toBeUndefined()
    expect(arena.told.at(-1)).toEqual({
      type: 'hit',
      message: { by: 1, target: arena.creature.id, damage: ATTACK.damage, health: species.boar.health - ATTACK.damage },
    })
    expect(ann.state.vitals.target).toBe(arena.creature.id)
    expect(arena.attack(ben)).toBeUndefined()
    expect(arena.events).toEqual(['killed true by 2 of 1 2'])
    arena.steps(ATTACK.everyMs)
    expect(arena.attack(ann)).toBe('no creature lives there')
  })

  it('is refused too far away, through a wall, for one who is down, and for a thing that is no creature', () => {
    const arena = new Arena('king', { map: 'barrow', x: 5, y: 28 })
    const [far, behind, down] = [arena.enter(1, 10, 28), arena.enter(2, 5, 31.4), arena.enter(3, 6, 28)]
    expect(arena.attack(far)).toBe('too far away')
    expect(arena.attack(behind)).toBe('something is in the way')
    down.state.vitals = { ...down.state.vitals, health: 0 }
    expect(arena.attack(down)).toBe('you are down')
    expect(arena.fights.attack(far, { target: 7, tick: 0 })).toBe('no creature lives there')
  })

  it('X1: a client that attacks as often as it can gets no more attacks than the cool-down allows', () => {
    const arena = new Arena('king')
    const body = arena.enter(1, 1, 0)
    let hits = 0
    const seconds = 8
    arena.steps(seconds * 1000, () => {
      body.state.vitals = { ...body.state.vitals, health: HEALTH_MAX }
      for (let n = 0; n < 5; n++) if (arena.attack(body) === undefined) hits++
    })
    const due = (seconds * 1000) / ATTACK.everyMs
    expect(hits).toBeGreaterThanOrEqual(due)
    expect(hits).toBeLessThanOrEqual(due + 1)
    expect(new Set(arena.violations)).toEqual(new Set(['cooldown']))
  })
})

describe('rewind', () => {
  /** A wolf that chases a runner past a player who stands still, until it is out of reach. Returns the last step in which it was in reach. */
  function chase(): { arena: Arena; attacker: Body<DemoState>; inReach: number } {
    const arena = new Arena('wolf')
    const attacker = arena.enter(1, 0, 20)
    const runner = arena.enter(2, 6, 0)
    arena.steps(1_000)
    let inReach = 0
    arena.steps(3_000, () => Object.assign(runner, walk('forest', runner, { dx: 1, dy: 0 }, STEP_MS / 1000)))
    attacker.x = arena.creature.x
    attacker.y = 2
    const reach = () => Math.hypot(arena.creature.x - attacker.x, arena.creature.y - attacker.y) <= ATTACK.reachM
    for (let steps = 0; steps < 200 && (reach() || inReach === 0); steps++) {
      arena.steps(STEP_MS, () => Object.assign(runner, walk('forest', runner, { dx: 1, dy: 0 }, STEP_MS / 1000)))
      if (reach()) inReach = arena.tick
    }
    // On until it is also beyond the tolerance.
    arena.steps(200, () => Object.assign(runner, walk('forest', runner, { dx: 1, dy: 0 }, STEP_MS / 1000)))
    return { arena, attacker, inReach }
  }

  it('hits where a lagging attacker saw the creature, although it has run on', () => {
    const { arena, attacker, inReach } = chase()
    expect((arena.tick - inReach) * STEP_MS).toBeLessThan(REWIND_MS)
    expect(arena.attack(attacker)).toBe('too far away')
    expect(arena.attack(attacker, inReach)).toBeUndefined()
    expect(arena.violations).toEqual([])
  })

  it('X1: reaches no further back than its limit, whatever step the client claims', () => {
    const { arena, attacker, inReach } = chase()
    const runner = arena.bodies[1]
    arena.steps(REWIND_MS + 200, () => Object.assign(runner ?? {}, runner && walk('forest', runner, { dx: 1, dy: 0 }, STEP_MS / 1000)))
    for (const claimed of [inReach, 0, 4_294_967_295]) expect(arena.attack(attacker, claimed)).toBe('too far away')
  })
})

describe('a player in a fight', () => {
  it('goes down at health 0, is chased no more, and stands up again unhurt after a time', () => {
    const arena = new Arena('wolf')
    const body = arena.enter(1, 3, 0)
    arena.steps(40_000, () => {
      if (arena.events.length > 0) body.x = 200
    })
    expect(arena.events).toEqual(['down 1', 'returned 1'])
    expect(body.state.vitals.health).toBe(HEALTH_MAX)
    const blows = arena.told.filter(({ type }) => type === 'hit').length
    expect(blows).toBe(Math.ceil(HEALTH_MAX / species.wolf.damage))
    expect(Math.hypot(arena.creature.x, arena.creature.y)).toBeLessThan(7)
  })

  it('M3: is in it until some seconds after the last blow, given or taken, and recovers only then', () => {
    const arena = new Arena('boar')
    const body = arena.enter(1, 1, 0)
    expect(arena.fights.isFighting(body)).toBe(false)
    arena.attack(body)
    expect(arena.fights.isFighting(body)).toBe(true)
    arena.steps(3_000)
    const { health } = body.state.vitals
    expect(health).toBeLessThan(HEALTH_MAX)
    body.x = 80
    arena.steps(FIGHT_MS - 2_000)
    expect(arena.fights.isFighting(body)).toBe(true)
    expect(body.state.vitals.health).toBeLessThanOrEqual(health)
    arena.steps(FIGHT_MS)
    expect(arena.fights.isFighting(body)).toBe(false)
    arena.steps(5_000)
    expect(body.state.vitals.health).toBeGreaterThan(health)
  })

  it('who arrives with little health, a cool-down or on the ground from another server goes on from there', () => {
    const arena = new Arena('boar')
    const [tired, down] = [arena.enter(1, 1, 0), arena.enter(2, 50, 0)]
    tired.state.vitals = { health: 30, readyAt: arena.now + 5_000, target: arena.creature.id, downUntil: 0 }
    down.state.vitals = { health: 0, readyAt: 0, target: 0, downUntil: arena.now + DOWN_MS }
    expect(arena.attack(tired)).toBe('you are not ready yet')
    arena.steps(DOWN_MS - STEP_MS)
    expect(arena.events).toEqual([])
    arena.steps(STEP_MS)
    expect(arena.events).toEqual(['returned 2'])
    expect(tired.state.vitals).toMatchObject({ health: expect.closeTo(30 + 16, 0), target: arena.creature.id })
  })
})
