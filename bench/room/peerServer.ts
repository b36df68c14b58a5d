import { type Client, LocalDriver, LocalPresence, matchMaker, Room, Server } from '@colyseus/core'
import { Encoder, type MapSchema, type Schema, StateView, schema, t } from '@colyseus/schema'
import { WebSocketTransport } from '@colyseus/ws-transport'
import { control } from '../../model/wire/room.ts'
import { StepTimes } from './stepTimes.ts'
import { placeOf, SIGHT_M, STEPS_PER_SECOND, step, type Walker, type WalkInput } from './walkers.ts'

/**
 * Rooms of Colyseus without Strata: the same people on the same square. `view`: each client has a StateView with what is within its sight; `plain`: everybody
 * receives everybody. The bench forks one process for one room; its arguments are the kind and half the side of the square.
 */

/** Time in ms between two patches: a client of a Strata room gets its snapshots as often. */
const PATCH_MS = 100
/** Steps between two looks who is in whose sight. */
const LOOK_EVERY = 5
const SLACK_M = 8
/** Bytes of one encoded state; the default warns for 1,000 people. */
const FRAME_BYTES = 256 * 1024

const [kind = 'view', half = '0', port = '0'] = process.argv.slice(2)
Encoder.BUFFER_SIZE = FRAME_BYTES

const Body = schema({ x: t.float32(), y: t.float32(), heading: t.float32(), flags: t.uint8(), name: t.string() }, 'Body')
type BodyState = InstanceType<typeof Body>
const Shared = schema({ bodies: t.map(Body) }, 'Shared')
const Filtered = schema({ bodies: t.map(Body).view() }, 'Filtered')

interface Person {
  client: Client
  walker: Walker
  body: BodyState
  sees: Set<Person>
}

class WalkRoom extends Room {
  readonly #people = new Map<string, Person>()
  readonly #times = new StepTimes()
  readonly #half = Number(half)
  #steps = 0
  #entered = 0

  override onCreate(): void {
    this.autoDispose = false
    this.state = kind === 'view' ? new Filtered() : new Shared()
    this.onMessage(control.input, (client: Client, { data }: { data: WalkInput }) => {
      const person = this.#people.get(client.sessionId)
      if (person !== undefined) person.walker.walk = data
    })
    this.onMessage('steps', (client: Client) => client.send('steps', this.#times.report()))
    this.setFixedTimestep(() => this.#step(), STEPS_PER_SECOND)
    this.patchRate = null
  }

  override onJoin(client: Client): void {
    const walker: Walker = { ...placeOf(++this.#entered, this.#half), heading: 0, flags: 0, walk: { dx: 0, dy: 0 } }
    const body = new Body()
    body.name = `Person ${this.#entered}`
    const person: Person = { client, walker, body, sees: new Set() }
    this.#show(person)
    this.#bodies.set(client.sessionId, body)
    this.#people.set(client.sessionId, person)
    if (kind === 'view') client.view = new StateView()
  }

  override onLeave(client: Client): void {
    const person = this.#people.get(client.sessionId)
    this.#bodies.delete(client.sessionId)
    this.#people.delete(client.sessionId)
    client.view?.dispose()
    if (person !== undefined) for (const other of this.#people.values()) other.sees.delete(person)
  }

  get #bodies(): MapSchema<BodyState> {
    return (this.state as Schema & { bodies: MapSchema<BodyState> }).bodies
  }

  /** A step with its patch, which is measured as one. */
  #step(): void {
    this.#times.measure(() => {
      this.#steps++
      for (const person of this.#people.values()) {
        step(person.walker, this.#half, 1 / STEPS_PER_SECOND)
        this.#show(person)
      }
      if (kind === 'view' && this.#steps % LOOK_EVERY === 0) this.#look()
      if (this.#steps % Math.round((PATCH_MS * STEPS_PER_SECOND) / 1_000) === 0) this.broadcastPatch()
    })
  }

  #show({ walker: { x, y, heading, flags }, body }: Person): void {
    Object.assign(body, { x, y, heading, flags })
  }

  /** Adds to each client's view who came into its sight, and removes who left it. People are found by cells of the size of the sight. */
  #look(): void {
    const reach = SIGHT_M + SLACK_M
    const cells = Map.groupBy(this.#people.values(), ({ walker: { x, y } }) => `${Math.floor(x / reach)} ${Math.floor(y / reach)}`)
    for (const person of this.#people.values()) {
      const { walker, sees, client } = person
      const [column, row] = [Math.floor(walker.x / reach), Math.floor(walker.y / reach)]
      const near = new Set<Person>()
      for (let cx = column - 1; cx <= column + 1; cx++) {
        for (let cy = row - 1; cy <= row + 1; cy++) {
          for (const other of cells.get(`${cx} ${cy}`) ?? []) {
            if (Math.hypot(other.walker.x - walker.x, other.walker.y - walker.y) <= (sees.has(other) ? reach : SIGHT_M)) near.add(other)
          }
        }
      }
      for (const other of near) if (!sees.has(other)) client.view?.add(other.body)
      for (const other of sees) if (!near.has(other)) client.view?.remove(other.body)
      person.sees = near
    }
  }
}

matchMaker.controller.exposedMethods = ['joinById']
const server = new Server({
  transport: new WebSocketTransport({}),
  presence: new LocalPresence(),
  driver: new LocalDriver(),
  gracefullyShutdown: false,
  greet: false,
})
server.define('walk', WalkRoom)
await server.listen(Number(port), '127.0.0.1')
const { roomId } = await matchMaker.createRoom('walk', {})
process.on('disconnect', () => process.exit(0))
process.send?.({ bench: 'ready', room: roomId })
