import type { CopyId } from '../../../model/ids.ts'
import type { Flow, LiveCopy, LiveDelta, LiveHold, LiveMap, LiveMessage, LiveServer, LiveTotals, LiveWorld } from '../../../model/wire/live.ts'

/** `lost`: the connection broke; the last picture stays until it is back. */
export type Connection = 'connecting' | 'live' | 'lost'

export interface World {
  at: number
  leader: boolean
  ready: boolean
  maps: readonly LiveMap[]
  copies: ReadonlyMap<CopyId, LiveCopy>
  servers: readonly LiveServer[]
  holds: readonly LiveHold[]
  totals: LiveTotals
}

/** Pause before a new connection when the browser gave up, in ms: it does so on an error status, as of a proxy without an orchestrator behind it. */
const RETRY_MS = 1_500

/** The live world of this page, kept up to date by server-sent events. Any orchestrator may answer: each begins with the whole world. */
export class LiveStore {
  connection: Connection = 'connecting'
  world: World | undefined
  readonly #listeners = new Set<() => void>()
  readonly #flowListeners = new Set<(flows: readonly Flow[]) => void>()
  #source: EventSource | undefined
  #retry: number | undefined
  /** Counts changes: React compares it. */
  #version = 0

  /** Called when the connection is refused or broken: the session may have ended. */
  onBroken: () => void = () => undefined

  open(): void {
    this.#connect()
  }

  close(): void {
    clearTimeout(this.#retry)
    this.#source?.close()
    this.#source = undefined
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  readonly version = (): number => this.#version

  onFlows(listener: (flows: readonly Flow[]) => void): () => void {
    this.#flowListeners.add(listener)
    return () => this.#flowListeners.delete(listener)
  }

  #connect(): void {
    const source = new EventSource('/v1/live')
    this.#source = source
    source.onmessage = ({ data }: MessageEvent<string>) => this.#receive(JSON.parse(data) as LiveMessage) // sent by orchestrator/live of the same release
    source.onerror = () => {
      this.#setConnection('lost')
      this.onBroken()
      // Otherwise the browser connects again by itself.
      if (source.readyState !== EventSource.CLOSED) return
      clearTimeout(this.#retry)
      this.#retry = window.setTimeout(() => this.#source === source && this.#connect(), RETRY_MS)
    }
  }

  #receive(message: LiveMessage): void {
    this.connection = 'live'
    if (message.type === 'world') this.world = worldOf(message.at, message)
    else if (this.world !== undefined) this.world = applied(this.world, message.at, message)
    this.#changed()
    if (message.type === 'delta' && message.flows !== undefined) for (const listener of this.#flowListeners) listener(message.flows)
  }

  #setConnection(connection: Connection): void {
    if (this.connection === connection) return
    this.connection = connection
    this.#changed()
  }

  #changed(): void {
    this.#version++
    for (const listener of this.#listeners) listener()
  }
}

function worldOf(at: number, { leader, ready, maps, copies, servers, holds, totals }: LiveWorld): World {
  return { at, leader, ready, maps, servers, holds, totals, copies: new Map(copies.map((copy) => [copy.id, copy])) }
}

function applied(world: World, at: number, delta: LiveDelta): World {
  const { copies: changed = [], gone = [], flows: _, ...rest } = delta
  const copies = new Map(world.copies)
  for (const copy of changed) copies.set(copy.id, copy)
  for (const id of gone) copies.delete(id)
  const { leader = world.leader, ready = world.ready, maps = world.maps, servers = world.servers, holds = world.holds, totals = world.totals } = rest
  return { at, leader, ready, maps, servers, holds, totals, copies }
}
