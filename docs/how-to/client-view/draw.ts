import { type ShownEntity, StrataClient } from '../../../client/index.ts'
import { walkPrediction } from '../../../gameserver/demo/prediction.ts'

/** Stands for the game's own drawing. */
interface Sprites {
  place(entity: ShownEntity): void
  keepOnly(entities: ReadonlyMap<number, ShownEntity>): void
  write(text: string): void
}
/** Stands for the game's own controls. */
interface Stick {
  readonly dx: number
  readonly dy: number
}

/** Enters the forest and draws it until the world is closed. */
export async function play(client: StrataClient, sprites: Sprites, stick: Stick): Promise<void> {
  const world = await client.enter({ map: 'forest' }, { predict: walkPrediction })

  const frame = (nowMs: number): void => {
    if (world.closed) return
    world.input({ dx: stick.dx, dy: stick.dy })
    const shown = world.sample(nowMs)
    for (const entity of shown.values()) sprites.place(entity)
    sprites.keepOnly(shown)
    const { roundTripMs, jitterMs } = world.lag
    if (roundTripMs !== undefined) sprites.write(`${Math.round(roundTripMs)} ± ${Math.round(jitterMs)} ms`)
    requestAnimationFrame(frame)
  }
  requestAnimationFrame(frame)
}

/** A client for `play`. */
export async function signIn(matchmaker: string, name: string): Promise<StrataClient> {
  const client = new StrataClient({ matchmaker })
  await client.login(name)
  return client
}
