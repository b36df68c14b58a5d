import { StrataClientError } from '../../../client/errors.ts'
import { JOIN_TIMEOUT_MS, joinInTime } from '../../../client/room/joinInTime.ts'
import type { Connect, RoomLink, SeatAt } from '../../../client/room/roomLink.ts'
import { StrataClient } from '../../../client/strataClient.ts'
import type { World } from '../../../client/world.ts'
import type { CharacterId, CopyId, MapName } from '../../../model/ids.ts'
import { control } from '../../../model/wire/room.ts'
import type { MoveWord } from '../happening.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { Network } from '../kernel/network.ts'
import type { Process } from '../kernel/process.ts'
import { INSTANCE, MAPS } from '../scenario.ts'
import type { SimGameServer } from './gameServer.ts'
import { opened } from './simLink.ts'

const AGAIN_AFTER_MS = 700
const INPUT_EVERY_MS = 350

export interface PlayerParts {
  kernel: Kernel
  network: Network
  serverAt(address: string): SimGameServer | undefined
}

/** One stay in the world without a break: what was sent in it has to arrive. */
export interface Stay {
  first: number
  last: number
  /** A connection broke: what was under way then may be lost. */
  broken: boolean
}

/** Somebody with the client SDK, who wants to be somewhere, or nowhere. */
export class Player {
  readonly character: CharacterId
  readonly #parts: PlayerParts
  process: Process
  world: World | undefined
  /** Where they want to be. */
  wish: MapName | undefined
  inLine = false
  /** Number of the last input made, over all sessions. */
  n = 0
  stay: Stay | undefined
  /** When they last went live somewhere, and when they last wanted something else. */
  liveAt = 0
  wishedAt = 0
  /** Control messages that are sent twice. */
  twice = 0
  #entering: AbortController | undefined
  /** Nothing is done until then. */
  #idleUntil = 0
  /** This word is not said until then. */
  #muted: { type: string; until: number } | undefined

  constructor(character: CharacterId, parts: PlayerParts) {
    this.character = character
    this.#parts = parts
    this.process = parts.network.start(character)
    this.#live()
  }

  get #kernel(): Kernel {
    return this.#parts.kernel
  }

  /** The device is gone without a word, and another takes its place. */
  restart(): void {
    this.process = this.#parts.network.start(this.character)
    this.world = undefined
    this.stay = undefined
    this.inLine = false
    this.#entering = undefined
    this.#live()
  }

  enter(map: MapName): void {
    this.wish = map
    this.wishedAt = this.#kernel.now()
  }
  leave(): void {
    this.wish = undefined
    this.wishedAt = this.#kernel.now()
    this.#entering?.abort()
    const { world } = this
    this.world = undefined
    this.stay = undefined
    void world?.leave()
  }
  travel(map: MapName): void {
    const { world } = this
    if (world === undefined || world.map === map) return
    this.wish = map
    world.travel({ map }).catch((error: unknown) => {
      if (error instanceof StrataClientError && this.world === world && !world.closed) this.wish = world.map
      this.#kernel.tell(`${this.character} did not travel: ${error instanceof Error ? error.message : String(error)}`)
    })
  }
  /** To a friend, in whatever copy. */
  follow(friend: CharacterId): void {
    this.#go({ friend }, 'follow')
  }
  /** With their party into its instance; whoever has none stays where they are. */
  delve(): void {
    if (this.world?.map !== INSTANCE) this.#go({ instance: INSTANCE }, 'delve')
  }
  /** Wishes to be there only once they are: until then they may as well stay. */
  #go(to: { friend: CharacterId } | { instance: MapName }, what: string): void {
    const { world } = this
    world?.travel(to).then(
      (moved) => {
        if (this.world === world) this.wish = moved.to.map
      },
      (error: unknown) => this.#kernel.tell(`${this.character} did not ${what}: ${error instanceof Error ? error.message : String(error)}`),
    )
  }
  idle(ms: number): void {
    this.#idleUntil = this.#kernel.now() + ms
  }
  mute(word: MoveWord, forMs: number): void {
    this.#muted = { type: control[word], until: this.#kernel.now() + forMs }
  }
  tell(type: string, data: unknown): void {
    this.world?.send(type, data)
  }
  get copy(): CopyId | undefined {
    return this.world?.closed === false ? this.world.copy : undefined
  }

  #live(): void {
    const { process } = this
    const client = new StrataClient({ matchmaker: 'http://matchmaker', session: this.character, connect: this.#connect })
    const want = async (): Promise<void> => {
      if (this.wish !== undefined && this.world === undefined && this.#entering === undefined) await this.#enter(client, this.wish)
      this.#kernel.after(process, AGAIN_AFTER_MS, () => void want())
    }
    const play = (): void => {
      if (this.#kernel.now() >= this.#idleUntil && this.world?.input({ n: this.n + 1 }) === true) {
        this.n++
        if (this.stay !== undefined) this.stay.last = this.n
      }
      this.#kernel.after(process, INPUT_EVERY_MS, play)
    }
    this.#kernel.after(process, 1, () => void want())
    this.#kernel.after(process, 1, play)
  }

  async #enter(client: StrataClient, map: MapName): Promise<void> {
    const entering = new AbortController()
    this.#entering = entering
    try {
      const onLine = (): void => {
        this.inLine = true
      }
      const world = await client.enter(map === INSTANCE ? { instance: map } : { map }, { signal: entering.signal, onLine })
      if (this.wish === undefined) return void world.leave()
      this.#play(world)
    } catch (error) {
      // Out of the party meanwhile.
      if (map === INSTANCE && error instanceof StrataClientError && !error.retryable && this.wish === map) this.wish = MAPS[0]
      this.#kernel.tell(`${this.character} did not enter ${map}: ${error instanceof Error ? error.message : String(error)}`)
    } finally {
      this.inLine = false
      if (this.#entering === entering) this.#entering = undefined
    }
  }

  #play(world: World): void {
    this.world = world
    this.stay = { first: this.n + 1, last: this.n, broken: false }
    this.#kernel.tell(`${this.character} plays in ${world.copy}`)
    world.on('reconnecting', ({ cause }) => {
      this.inLine = false
      if (this.stay !== undefined) this.stay.broken = true
      this.#kernel.tell(`${this.character} reconnects: ${cause.message}`)
    })
    this.liveAt = this.#kernel.now()
    world.on('live', ({ copy }) => {
      this.liveAt = this.#kernel.now()
      this.inLine = false
      this.#kernel.tell(`${this.character} plays in ${copy}`)
    })
    // Whose server was lost may have to wait, too.
    world.on('line', () => {
      this.inLine = this.stay?.broken === true
    })
    world.on('moveFailed', ({ reason }) => this.#kernel.tell(`${this.character} stays: ${reason}`))
    world.on('closed', ({ error }) => {
      if (this.world !== world) return
      this.#kernel.tell(`${this.character} is out: ${error?.code ?? 'left'}`)
      this.world = undefined
      this.stay = undefined
      this.inLine = false
    })
  }

  /** What `connectRoom` does, on simulated connections. */
  readonly #connect: Connect = joinInTime((seat) => this.#join(seat))

  async #join({ address, copy, ticket, at }: SeatAt): Promise<RoomLink> {
    const { network, serverAt } = this.#parts
    const { process } = this
    const server = serverAt(address)
    if (server === undefined) throw new StrataClientError('UNREACHABLE', 'the server could not be reached', true)
    const options = at === undefined ? { ticket } : { ticket, at }
    const call = { what: `join ${copy}`, deadlineMs: JOIN_TIMEOUT_MS, ordered: false }
    const id = await network.call(process, server.process.name, () => server.reserve(copy, options), call)
    const [near, far] = network.connect(process, server.process)
    this.#kernel.after(server.process, network.latency(process.name, server.process.name), () => server.accept(far, id, copy))
    return opened(near, (type) => this.#saysTimes(type))
  }

  /** How often a control message is sent. */
  #saysTimes(type: string): number {
    if (this.#muted?.type === type && this.#kernel.now() < this.#muted.until) {
      this.#kernel.tell(`${this.character} does not say ${type}`)
      return 0
    }
    if (this.twice === 0) return 1
    this.twice--
    return 2
  }
}
