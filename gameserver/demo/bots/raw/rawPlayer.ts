import { getMessageBytes, Protocol } from '@colyseus/core'
import { decode } from '@colyseus/schema'
import { unpack } from 'msgpackr'
import { WebSocket } from 'ws'
import { readLayout } from '../../../../model/wire/entities/layout.ts'
import { readSnapshotHead } from '../../../../model/wire/entities/snapshotDecoder.ts'
import { control, type LiveMessage, SNAPSHOT } from '../../../../model/wire/room.ts'
import type { Millis } from './millis.ts'
import { ViewAges } from './viewAges.ts'

/** Where a player enters. `options` are those of `joinById`, such as the ticket. */
export interface RawSeat {
  address: string
  room: string
  options: Record<string, unknown>
}

/** Counts of all players of one process. */
export interface RawCounts {
  bytes: number
  frames: number
  snapshots: number
  inputs: number
  /** Times between two snapshots of one player. */
  gaps: Millis
  /** From an input to the first snapshot that contains its effect. */
  inputDelays: Millis
}

export interface RawOptions {
  counts: RawCounts
  /** Whether the player decodes its snapshots. A player that only counts bytes costs a tenth of the CPU time. */
  decodes: boolean
  /** Bit of an entity's flags that says that it moves. */
  movingFlag: number
  /** Gets each message that is not about snapshots or inputs. Without it these messages are not decoded. */
  onMessage?: (player: RawPlayer, type: string, data: unknown) => void
}

/** Longest time from the request to the character's going live, in ms. */
const JOIN_TIMEOUT_MS = 30_000
/**
 * How a player reads too slowly: for a moment every few seconds, so that it answers pings late; nothing, but it sends pongs all the same, which nobody asked for; or
 * nothing at all.
 */
export type SlowReading = 'bursts' | 'pongs' | 'nothing'
/** More often than the server's pings, in ms. */
const PONG_EVERY_MS = 1_000
/** The server waits at least 6 s for an answer to a ping. */
const BURST_EVERY_MS = 4_000
const BURST_MS = 50
/** First bytes of the frame of a snapshot: the protocol's code and the type as text. */
const snapshotHead = getMessageBytes.raw(Protocol.ROOM_DATA_BYTES, SNAPSHOT)
const JOINED = Uint8Array.of(Protocol.JOIN_ROOM)

/** One player without the SDK: a WebSocket that sends inputs and counts what it receives. It follows no move, and stays away when it is disconnected. */
export class RawPlayer {
  readonly #socket: WebSocket
  readonly #options: RawOptions
  readonly #live = Promise.withResolvers<void>()
  #view: ViewAges | undefined
  #self: LiveMessage | undefined
  #sequence = 0
  #lastSnapshotAt: number | undefined
  /** The input whose confirmation is awaited: one at a time is measured. */
  #timed: { sequence: number; at: number } | undefined
  closed = false

  private constructor(socket: WebSocket, options: RawOptions) {
    this.#socket = socket
    this.#options = options
    socket.on('message', (frame: Buffer) => this.#receive(frame))
    socket.on('error', () => undefined) // `close` follows
    socket.on('close', (code: number, reason: Buffer) => {
      this.closed = true
      this.#live.reject(new Error(`${code} ${reason.toString()}`.trim()))
    })
  }

  /** Enters. `live`: resolves only when the character is live; rooms without Strata never say so. Rejects with the server's answer. */
  static async join({ address, room, options }: RawSeat, own: RawOptions, live = true): Promise<RawPlayer> {
    const signal = AbortSignal.timeout(JOIN_TIMEOUT_MS)
    const url = `${address.replace(/^ws/, 'http')}/matchmake/joinById/${room}`
    const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(options), signal })
    const { sessionId, processId, error } = (await answer.json()) as { sessionId?: string; processId?: string; error?: string } // Colyseus answers with these
    if (sessionId === undefined || processId === undefined) throw new Error(error ?? `status ${answer.status}`)
    const player = new RawPlayer(new WebSocket(`${address}/${processId}/${room}?sessionId=${sessionId}`, { perMessageDeflate: false }), own)
    const late = (): void => player.#live.reject(new Error(`not live within ${JOIN_TIMEOUT_MS} ms`))
    signal.addEventListener('abort', late)
    if (!live) player.#socket.once('open', () => player.#live.resolve())
    try {
      await player.#live.promise
    } catch (failure) {
      player.close()
      throw failure
    } finally {
      signal.removeEventListener('abort', late)
    }
    return player
  }

  /** What the player sees; undefined when it does not decode, and before it is live. */
  get view(): ViewAges | undefined {
    return this.#view
  }

  input(data: unknown): void {
    const sequence = ++this.#sequence
    this.#options.counts.inputs++
    this.#timed ??= { sequence, at: performance.now() }
    this.send(control.input, { seq: sequence, data })
  }

  send(type: string, data: unknown): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(getMessageBytes.raw(Protocol.ROOM_DATA, type, data))
  }

  /** From now on the player reads little or nothing, like one whose network is too slow. */
  readSlowly(how: SlowReading): void {
    this.#socket.pause()
    if (how === 'nothing') return
    const timer = how === 'pongs' ? setInterval(() => this.#socket.pong(), PONG_EVERY_MS) : setInterval(() => this.#readBurst(), BURST_EVERY_MS)
    this.#socket.once('close', () => clearInterval(timer))
  }

  #readBurst(): void {
    this.#socket.resume()
    setTimeout(() => this.#socket.pause(), BURST_MS)
  }

  close(): void {
    this.#socket.terminate()
  }

  #receive(frame: Buffer): void {
    const { counts } = this.#options
    counts.bytes += frame.byteLength
    counts.frames++
    const code = frame[0]
    if (code === Protocol.ROOM_DATA_BYTES && snapshotHead.equals(frame.subarray(0, snapshotHead.byteLength))) {
      return this.#snapshot(frame.subarray(snapshotHead.byteLength))
    }
    if (code === Protocol.JOIN_ROOM) this.#socket.send(JOINED)
    if (code === Protocol.ROOM_STATE_PATCH) this.#arrived()
    if (code !== Protocol.ROOM_DATA) return
    const at = { offset: 1 }
    const type = decode.string(frame, at)
    const data = (): unknown => unpack(frame, { start: at.offset })
    if (type === control.live)
      this.#goLive(data() as LiveMessage) // servers send the shapes of model/wire/room.ts
    else if (type === control.layout) this.#readLayout(data())
    else this.#options.onMessage?.(this, type, data())
  }

  #goLive(live: LiveMessage): void {
    this.#self = live
    this.#live.resolve()
  }

  /** Sent after `live` and before the first snapshot. */
  #readLayout(data: unknown): void {
    const { decodes, movingFlag } = this.#options
    if (!decodes || this.#self === undefined) return
    const { entity, tickRate } = this.#self
    this.#view = new ViewAges({ stepMs: 1_000 / tickRate, movingFlag, self: entity, layout: readLayout(data) })
  }

  #snapshot(bytes: Uint8Array): void {
    this.#arrived()
    this.#view?.apply(bytes, performance.now())
    this.#confirmed(readSnapshotHead(bytes).lastInput)
  }

  #arrived(): void {
    const { counts } = this.#options
    const now = performance.now()
    counts.snapshots++
    if (this.#lastSnapshotAt !== undefined) counts.gaps.add(now - this.#lastSnapshotAt)
    this.#lastSnapshotAt = now
  }

  #confirmed(lastInput: number): void {
    const timed = this.#timed
    if (timed === undefined || lastInput < timed.sequence) return
    this.#options.counts.inputDelays.add(performance.now() - timed.at)
    this.#timed = undefined
  }
}
