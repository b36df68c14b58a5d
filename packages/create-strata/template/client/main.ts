import { StrataClient, type World } from '@strata/client'
import { DOOR_REACH, KIND, mapOf, type WalkInput } from '../shared/game.ts'
import { controls } from './controls.ts'
import { draw } from './draw.ts'

const status = document.querySelector<HTMLParagraphElement>('#status')
const canvas = document.querySelector<HTMLCanvasElement>('#view')
if (status === null || canvas === null) throw new Error('index.html has changed: it needs #view and #status')

/** In production your identity provider signs players in: `new StrataClient({ matchmaker, session: () => token() })`. */
const matchmaker: string = import.meta.env['VITE_MATCHMAKER'] ?? location.origin
const client = new StrataClient({ matchmaker })

try {
  // A name per tab, so that two tabs are two players. `?name=Ada` chooses one.
  const name = new URL(location.href).searchParams.get('name') ?? sessionStorage.getItem('name') ?? `Guest ${Math.floor(Math.random() * 10_000)}`
  sessionStorage.setItem('name', name)
  await client.login(name)
  const [known] = await client.characters.list()
  client.character = (known ?? (await client.characters.create({ name }))).character
  play(await client.enter({ map: 'meadow' }, { onLine: ({ position }) => say(`${position} before you in line`) }))
} catch (error) {
  say(error instanceof Error ? error.message : String(error))
}

function play(world: World): void {
  const keys = controls(canvas as HTMLCanvasElement)
  let travelling = false
  world.on('moved', ({ cause, gapMs }) => say(`moved to another server: ${cause}, a gap of ${Math.round(gapMs)} ms`))
  world.on('reconnecting', () => say('connection lost, entering again …'))
  world.on('closed', ({ error }) => say(`left: ${error?.message ?? 'goodbye'}`))
  say(`in ${world.copy}`)

  const frame = (): void => {
    if (world.closed) return
    world.input(keys.direction() satisfies WalkInput)
    if (keys.takeUse() && !travelling) void throughDoor()
    draw(canvas as HTMLCanvasElement, world)
    // For tests and curious players.
    const me = world.entities.get(world.self)
    Object.assign(document.body.dataset, { map: world.map, x: me?.x.toFixed(2), y: me?.y.toFixed(2), seen: String(world.entities.size) })
    requestAnimationFrame(frame)
  }
  requestAnimationFrame(frame)

  async function throughDoor(): Promise<void> {
    const me = world.entities.get(world.self)
    const door = [...world.entities.values()].find(({ kind }) => kind === KIND.door)
    if (me === undefined || door === undefined || Math.hypot(door.x - me.x, door.y - me.y) > DOOR_REACH) return say('the door is too far away')
    travelling = true
    try {
      const { door } = mapOf(world.map)
      // An instance belongs to a party, also to a party of one.
      if ('instance' in door && (await client.party.current()) === undefined) await client.party.create()
      await world.travel(door)
      say(`in ${world.copy}`)
    } catch (error) {
      say(error instanceof Error ? error.message : String(error))
    } finally {
      travelling = false
    }
  }
}

function say(text: string): void {
  if (status !== null) status.textContent = text
}
