import { StrataClientError } from '../../../client/errors.ts'
import { JOIN_TIMEOUT_MS, joinInTime } from '../../../client/room/joinInTime.ts'
import type { Connect, RoomLink, SeatAt } from '../../../client/room/roomLink.ts'
import { StrataClient } from '../../../client/strataClient.ts'
import type { World } from '../../../client/world.ts'
import { defined } from '../../../model/defined.ts'
import type { CharacterId, CopyId, MapName, PartyId } from '../../../model/ids.ts'
import { PROTOCOL_VERSION } from '../../../model/server.ts'
import { control } from '../../../model/wire/room.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { Network } from '../kernel/network.ts'
import type { Process } from '../kernel/process.ts'
import { INSTANCE, MAPS } from '../scenario.ts'
import type { MoveMessage } from '../scenarioEvent.ts'
import type { SimGameServer } from './gameServer.ts'
import { openLink } from './simLink.ts'

/** Interval, in ms, between attempts to enter. */
const RETRY_AFTER_MS = 700
/** Interval, in ms, between inputs. */
const INPUT_EVERY_MS = 350

export interface PlayerParts {
  kernel: Kernel
  network: Network
  serverAt(address: string): SimGameServer | undefined
}

/** One uninterrupted stay in the world: the numbers of its first and last input. Every input of it must arrive. */
export interface Stay {
  first: number
  last: number
  /** Whether a connection broke, so that inputs in transit may be lost. */
  broken: boolean
}

/** A player with the client SDK who wants to be on one map, or offline. */
export class Player {
  readonly character: CharacterId
  readonly #parts: PlayerParts
  process: Process
  world: World | undefined
  /** The map that the player wants to be on; undefined for offline. */
  wantedMap: MapName | undefined
  inLine = false
  /** Number of the last input, counted over all sessions. */
  lastInput = 0
  stay: Stay | undefined
  /** Instants at which the player last went live, and last chose another map. */
  liveAt = 0
  wantedSince = 0
  /** How many of the next control messages are sent twice. */
  duplicateNext = 0
  #client: StrataClient | undefined
  #entering: AbortController | undefined
  /** The player sends no input until this instant. */
  #idleUntil = 0
  /** A control message that is not sent until an instant. */
  #suppressed: { type: string; until: number } | undefined

  constructor(character: CharacterId, parts: PlayerParts) {
    this.character = character
    this.#parts = parts
    this.process = parts.network.start(character)
    this.#start()
  }

  get #kernel(): Kernel {
    return this.#parts.kernel
  }

  /** Kills the player's process and starts another: the device failed and was replaced. */
  restart(): void {
    this.process = this.#parts.network.start(this.character)
    this.world = undefined
    this.stay = undefined
    this.inLine = false
    this.#entering = undefined
    this.#start()
  }

  enter(map: MapName): void {
    this.wantedMap = map
    this.wantedSince = this.#kernel.now()
  }
  leave(): void {
    this.wantedMap = undefined
    this.wantedSince = this.#kernel.now()
    this.#entering?.abort()
    const { world } = this
    this.world = undefined
    this.stay = undefined
    void world?.leave()
  }
  travel(map: MapName): void {
    const { world } = this
    if (world === undefined || world.map === map) return
    this.wantedMap = map
    world.travel({ map }).catch((error: unknown) => {
      if (error instanceof StrataClientError && this.world === world && !world.closed) this.wantedMap = world.map
      this.#kernel.record(`${this.character} did not travel: ${error instanceof Error ? error.message : String(error)}`)
    })
  }
  /** Travels to a friend's copy. */
  follow(friend: CharacterId): void {
    this.#travelTo({ friend }, 'follow')
  }
  /** Enters the party's instance. A player without a party stays. */
  delve(): void {
    if (this.world?.map !== INSTANCE) this.#travelTo({ instance: INSTANCE }, 'delve')
  }
  /** Changes the wanted map only after the travel succeeded; until then the player may stay. */
  #travelTo(to: { friend: CharacterId } | { instance: MapName }, what: string): void {
    const { world } = this
    world?.travel(to).then(
      (moved) => {
        if (this.world === world) this.wantedMap = moved.to.map
      },
      (error: unknown) => this.#kernel.record(`${this.character} did not ${what}: ${error instanceof Error ? error.message : String(error)}`),
    )
  }
  /** Joins a party, wherever the player is. */
  acceptInvitation(party: PartyId): void {
    this.#client?.party
      .accept(party)
      .catch((error: unknown) => this.#kernel.record(`${this.character} did not join ${party}: ${error instanceof Error ? error.message : String(error)}`))
  }
  idle(ms: number): void {
    this.#idleUntil = this.#kernel.now() + ms
  }
  suppress(word: MoveMessage, forMs: number): void {
    this.#suppressed = { type: control[word], until: this.#kernel.now() + forMs }
  }
  /** Whether the client does not say that it has arrived at the other server of a move. */
  get neverArrives(): boolean {
    return this.#suppressed?.type === control.arrived && this.#kernel.now() < this.#suppressed.until
  }
  send(type: string, data: unknown): void {
    this.world?.send(type, data)
  }
  get copy(): CopyId | undefined {
    return this.world?.closed === false ? this.world.copy : undefined
  }

  #start(): void {
    const { process } = this
    const client = new StrataClient({ matchmaker: 'http://matchmaker', session: this.character, connect: this.#connect })
    this.#client = client
    const enterLoop = async (): Promise<void> => {
      if (this.wantedMap !== undefined && this.world === undefined && this.#entering === undefined) await this.#enter(client, this.wantedMap)
      this.#kernel.after(process, RETRY_AFTER_MS, () => void enterLoop())
    }
    const inputLoop = (): void => {
      if (this.#kernel.now() >= this.#idleUntil && this.world?.input({ n: this.lastInput + 1 }, { must: true }) === true) {
        this.lastInput++
        if (this.stay !== undefined) this.stay.last = this.lastInput
      }
      this.#kernel.after(process, INPUT_EVERY_MS, inputLoop)
    }
    this.#kernel.after(process, 1, () => void enterLoop())
    this.#kernel.after(process, 1, inputLoop)
  }

  async #enter(client: StrataClient, map: MapName): Promise<void> {
    const entering = new AbortController()
    this.#entering = entering
    try {
      const onLine = (): void => {
        this.inLine = true
      }
      const world = await client.enter(map === INSTANCE ? { instance: map } : { map }, { signal: entering.signal, onLine })
      if (this.wantedMap === undefined) return void world.leave()
      this.#play(world)
    } catch (error) {
      // The player left the party meanwhile.
      if (map === INSTANCE && error instanceof StrataClientError && !error.retryable && this.wantedMap === map) this.wantedMap = MAPS[0]
      this.#kernel.record(`${this.character} did not enter ${map}: ${error instanceof Error ? error.message : String(error)}`)
    } finally {
      this.inLine = false
      if (this.#entering === entering) this.#entering = undefined
    }
  }

  #play(world: World): void {
    this.world = world
    this.stay = { first: this.lastInput + 1, last: this.lastInput, broken: false }
    this.#kernel.record(`${this.character} plays in ${world.copy}`)
    world.on('reconnecting', ({ cause }) => {
      this.inLine = false
      if (this.stay !== undefined) this.stay.broken = true
      this.#kernel.record(`${this.character} reconnects: ${cause.message}`)
    })
    this.liveAt = this.#kernel.now()
    world.on('live', ({ copy }) => {
      this.liveAt = this.#kernel.now()
      this.inLine = false
      this.#kernel.record(`${this.character} plays in ${copy}`)
    })
    // A player whose server was lost may have to wait in line.
    world.on('line', () => {
      this.inLine = this.stay?.broken === true
    })
    world.on('moveFailed', ({ reason }) => this.#kernel.record(`${this.character} stays: ${reason}`))
    world.on('closed', ({ error }) => {
      if (this.world !== world) return
      this.#kernel.record(`${this.character} is out: ${error?.code ?? 'left'}`)
      this.world = undefined
      this.stay = undefined
      this.inLine = false
    })
  }

  /** Does what `connectRoom` does, on simulated connections. */
  readonly #connect: Connect = joinInTime((seat) => this.#join(seat))

  async #join({ address, copy, ticket, at }: SeatAt): Promise<RoomLink> {
    const { network, serverAt } = this.#parts
    const { process } = this
    const server = serverAt(address)
    if (server === undefined) throw new StrataClientError('UNREACHABLE', 'the server could not be reached', true)
    const options = { ticket, protocol: PROTOCOL_VERSION, ...defined({ at }) }
    const call = { what: `join ${copy}`, deadlineMs: JOIN_TIMEOUT_MS, ordered: false }
    const id = await network.call(process, server.process.name, () => server.reserve(copy, options), call)
    const [near, far] = network.connect(process, server.process)
    this.#kernel.after(server.process, network.latency(process.name, server.process.name), () => server.accept(far, id, copy))
    return openLink(near, (type) => this.#sendCount(type))
  }

  /** How often a control message is sent: 0, 1 or 2 times. */
  #sendCount(type: string): number {
    if (this.#suppressed?.type === type && this.#kernel.now() < this.#suppressed.until) {
      this.#kernel.record(`${this.character} does not say ${type}`)
      return 0
    }
    if (this.duplicateNext === 0) return 1
    this.duplicateNext--
    return 2
  }
}
