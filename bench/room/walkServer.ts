import type { FixedTimestepCallback } from '@colyseus/core'
import { z } from 'zod'
import { runGameServer } from '../../gameserver/run.ts'
import { type Appearance, type Body, ZoneRoom } from '../../gameserver/zone/zoneRoom.ts'
import type { SeatHolder } from '../../model/seat.ts'
import { liveMegabytes } from './liveMemory.ts'
import { StepTimes } from './stepTimes.ts'
import { placeOf, SIGHT_M, STEPS_PER_SECOND, step, type Walker, type WalkInput, walkInput } from './walkers.ts'

const nothing = z.strictObject({})

/** A Strata room of this bench. The name of its map ends with half the side of its square in metres. */
class WalkRoom extends ZoneRoom<Walker, WalkInput> {
  override readonly tickRate = STEPS_PER_SECOND
  override readonly range = { radius: SIGHT_M, margin: 8 }
  readonly stateVersion = 1
  readonly inputSchema = walkInput
  readonly #times = new StepTimes()
  #half = 0
  #payments = 0

  override setUp(): void {
    this.#half = Number(this.map.split('-').at(-1))
    this.handle('steps', nothing, (body) => this.tell(body, 'steps', this.#times.report()))
    this.handle('memory', nothing, (body) => this.tell(body, 'memory', liveMegabytes()))
    this.handle('strike', nothing, (body) => this.tellNear(body, 'struck', { by: body.id }), { burst: 100, perSecond: 100 })
    this.handle('earn', nothing, (body) => void this.#pay(body), { burst: 100, perSecond: 100 })
  }

  override setFixedTimestep(run: FixedTimestepCallback, hertz: number): void {
    super.setFixedTimestep((context) => this.#times.measure(() => run(context)), hertz)
  }

  fresh({ entity }: SeatHolder): Walker {
    return { ...placeOf(entity, this.#half), heading: 0, flags: 0, walk: { dx: 0, dy: 0 } }
  }
  spawn({ x, y, heading, flags }: Walker): Appearance {
    return { kind: 0, x, y, heading, flags }
  }
  applyInput({ state }: Body<Walker>, input: WalkInput): void {
    state.walk = input
  }
  step(seconds: number): void {
    for (const body of this.bodies()) {
      const { state } = body
      step(state, this.#half, seconds)
      body.x = state.x
      body.y = state.y
      body.heading = state.heading
      body.flags = state.flags
    }
  }

  async #pay(body: Body<Walker>): Promise<void> {
    const [held, { economy }] = [this.holdOf(body), this.services]
    if (held === undefined || economy === undefined) return
    const { character } = held
    await economy.grant({ actor: character, key: `bench ${this.copy} ${++this.#payments}` }, { character, money: 1, reason: 'bench' }, held)
    this.tell(body, 'earned', {})
  }
}

await runGameServer({ default: WalkRoom })
