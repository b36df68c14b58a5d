import { type Client, ClientState, getMessageBytes, Protocol } from '@colyseus/core'
import type { DurationMs, Instant } from '../../../model/clock.ts'
import type { StrataError } from '../../../model/errors.ts'
import type { CharacterId } from '../../../model/ids.ts'
import type { ByteWriter } from '../../../model/wire/entities/bytes.ts'
import { control, type EndedMessage, type LimitedMessage, SNAPSHOT, type StayingMessage } from '../../../model/wire/room.ts'
import { FrameBudget } from './frameBudget.ts'
import { Pace } from './pace.ts'
import { FRONT, type FrameGuard, type PlayerSocket } from './playerSocket.ts'
import { closeArguments } from './refusal.ts'
import { TokenBucket } from './tokenBucket.ts'

/** Unsent bytes above which a client gets no snapshots until it has caught up. The next snapshot contains all changes since then. */
const SKIP_ABOVE_BYTES = 64 * 1024
/** Time in ms after which a client that never falls below `SKIP_ABOVE_BYTES` is disconnected. A phone that changes its network needs a few seconds. */
const BEHIND_MAX_MS: DurationMs = 15_000
/**
 * Unsent bytes above which a client gets no messages of other players. Below `SKIP_ABOVE_BYTES`, so that a client that reads slowly misses chat before it
 * misses snapshots.
 */
const RELAY_ABOVE_BYTES = 32 * 1024
/** Unsent bytes above which a client is disconnected, so that it does not use up the server's memory (rule X1). */
const DISCONNECT_ABOVE_BYTES = 1024 * 1024
/** Bytes that may wait until a client confirms its join. Colyseus queues them. `live` with the game's own state is the largest message. */
const UNCONFIRMED_MAX_BYTES = 64 * 1024
/** Time in ms from the end of the login until the client must have confirmed its join. */
export const CONFIRM_WITHIN_MS: DurationMs = 5_000
/** Bytes per second of other players' messages that one client receives. Chat of 20 people who type fast is below a tenth of it. */
const RELAYED_BYTES = { burst: 64 * 1024, perSecond: 32 * 1024 }
/**
 * Shortest time in ms between two writes of other players' messages to one client. Messages in between wait and go out in one write: with 30 messages a
 * second and client, a server spends two thirds of its time for the chat in system calls. The first message after a pause does not wait.
 */
const RELAY_EVERY_MS: DurationMs = 50

/** Shortest time in ms between two notices that messages are dropped. */
const LIMITED_EVERY_MS: DurationMs = 1_000

/** What `client.sendBytes` writes before the bytes of a snapshot. */
const SNAPSHOT_HEAD = Uint8Array.from(getMessageBytes.raw(Protocol.ROOM_DATA_BYTES, SNAPSHOT))
/** `readyState` of an open WebSocket. */
const OPEN = 1

interface ConnectionOptions {
  tickRate: number
  protocol: number
  now: Instant
  onOverflow: (connection: Connection) => void
}

/** One client's WebSocket in a room. */
export class Connection {
  readonly client: Client
  readonly budget: FrameBudget
  /** Version of the protocol that the client stated when it joined. */
  readonly protocol: number
  /** Whether the client has the layout of entities. */
  knowsLayout = false
  readonly #pace = new Pace()
  #behindSince: Instant | undefined
  /** Set when either side has closed the connection. Messages from it are ignored from then on. */
  closed = false
  /** The character of the client's ticket; undefined until it is accepted. */
  character: CharacterId | undefined
  /** The client must have confirmed its join by then; undefined while its login is in progress. */
  confirmBy: Instant | undefined
  readonly #relayed: TokenBucket
  readonly #onOverflow: (connection: Connection) => void
  #unconfirmedBytes = 0
  /** Frames that wait for the next write, at most RELAY_EVERY_MS: messages of other players, whose bytes `#relayed` bounds, and patches of the room's state. */
  #waiting: Uint8Array[] = []
  #relayTimer: NodeJS.Timeout | undefined
  #relayedAt = Number.NEGATIVE_INFINITY
  #limitedAt = Number.NEGATIVE_INFINITY

  /** `onOverflow` is called once, when more bytes wait for the client than a limit above allows and its socket is destroyed. */
  constructor(client: Client, { tickRate, protocol, now, onOverflow }: ConnectionOptions) {
    this.client = client
    this.protocol = protocol
    this.budget = new FrameBudget(tickRate, now)
    this.#relayed = new TokenBucket(RELAYED_BYTES, now)
    this.#onOverflow = onOverflow
  }

  /** Sets who decides on the client's frames before they are read. */
  guard(guard: FrameGuard): void {
    this.#socket.guard = guard
  }

  send(type: string, message: unknown): void {
    if (this.#admits(() => frameOf(type, message).byteLength)) this.#writeAll(() => this.client.send(type, message))
  }

  sendEncoded({ frame }: EncodedMessage): void {
    if (this.#admits(() => frame.byteLength)) this.#writeAll(() => this.client.enqueueRaw(frame))
  }

  /** Whether a message may be sent now. Disconnects the client when too many bytes are unsent. */
  #admits(size: () => number): boolean {
    if (this.closed) return false
    const confirmed = this.client.state === ClientState.JOINED
    if (!confirmed) this.#unconfirmedBytes += size()
    if (confirmed ? this.#socket.bufferedAmount > DISCONNECT_ABOVE_BYTES : this.#unconfirmedBytes > UNCONFIRMED_MAX_BYTES) this.#overflow()
    return !this.closed
  }

  /**
   * Sends a message of another player. Drops it when this client has received too many bytes of such messages within a short time, or has not read the
   * last ones. Returns whether it was sent, or will be within `RELAY_EVERY_MS`.
   */
  relay(message: EncodedMessage, now: Instant): boolean {
    const { frame } = message
    if (this.closed || !this.#relayed.take(now, frame.byteLength) || this.#socket.bufferedAmount > RELAY_ABOVE_BYTES) return false
    const waitMs = this.#relayedAt + RELAY_EVERY_MS - now
    if (this.client.state !== ClientState.JOINED || (this.#waiting.length === 0 && waitMs <= 0)) {
      this.#relayedAt = now
      this.sendEncoded(message)
    } else {
      this.#waiting.push(frame)
      // A clock that was set back must not prolong the wait.
      this.#relayTimer ??= setTimeout(() => this.#writeWaiting(), Math.min(waitMs, RELAY_EVERY_MS))
    }
    return true
  }

  /** Writes a frame together with the next one, and within `RELAY_EVERY_MS`. For frames that all clients get at once: each alone would be a system call. */
  sendLater(frame: Uint8Array): void {
    if (!this.joined || !this.#admits(() => frame.byteLength)) return
    this.#waiting.push(frame)
    this.#relayTimer ??= setTimeout(() => this.#writeWaiting(), RELAY_EVERY_MS)
  }

  #writeWaiting(): void {
    this.#relayedAt += RELAY_EVERY_MS
    this.#writeAll()
  }

  /** Writes the messages that wait, and `last` after them: frames of one client keep their order. All of it is one write to the socket. */
  #writeAll(last?: () => void): void {
    const frames = this.#waiting
    if (frames.length === 0 || this.closed) return last?.()
    this.#waiting = []
    clearTimeout(this.#relayTimer)
    this.#relayTimer = undefined
    const { stream } = this.#socket
    stream?.cork()
    for (const frame of frames) this.client.enqueueRaw(frame)
    last?.()
    stream?.uncork()
  }

  /** Notifies the client, at most once a second, that its messages of a type are dropped. */
  sendLimited(type: string, now: Instant): void {
    if (now - this.#limitedAt < LIMITED_EVERY_MS) return
    this.#limitedAt = now
    this.send(control.limited, { type } satisfies LimitedMessage)
  }

  /**
   * Tells a client that has left for how long its body may stay. Colyseus sends nothing to a leaving client, so the frame is written directly. Its further
   * frames are counted only, and a flood of them destroys the socket.
   */
  sendStaying(forMs: DurationMs): void {
    if (this.client.state !== ClientState.LEAVING || this.#socket.readyState !== OPEN) return
    const message: StayingMessage = { forMs }
    this.client.raw(frameOf(control.staying, message))
    let frames = 0
    this.#socket.guard = undefined
    this.#socket.on('message', () => {
      if (++frames > FrameBudget.burst) this.#socket.terminate()
    })
  }

  /** Whether the client has disconnected. While a client is joining, `client.state` is the only sign of it. */
  get disconnected(): boolean {
    return this.closed || this.client.state === ClientState.LEAVING
  }

  /** Whether the client has confirmed its join and is still connected. */
  get joined(): boolean {
    return !this.closed && this.client.state === ClientState.JOINED
  }

  /** Whether the client's time to confirm its join is over. Until it confirms, Colyseus keeps all messages to it in memory. */
  unconfirmed(now: Instant): boolean {
    return !this.closed && this.confirmBy !== undefined && now >= this.confirmBy && this.client.state === ClientState.JOINING
  }

  /** Share of its bytes a second that the client gets now, up to 1. It falls while the client does not read what it gets. */
  get pace(): number {
    return this.#pace.share
  }

  /** The client has confirmed a snapshot; `behindMs`: the age of it when the newest one was sent. */
  confirmSnapshot(behindMs: DurationMs): void {
    this.#pace.confirmed(behindMs)
  }

  /**
   * Whether a snapshot may be sent now. Not before the client has confirmed its join, because snapshots would pile up for a client that never does, and
   * not each time to a client that reads slowly. Disconnects the client when too many bytes are unsent, or for too long.
   */
  acceptsSnapshot(now: Instant): boolean {
    if (this.closed || this.client.state !== ClientState.JOINED) return false
    const { bufferedAmount, unansweredPings } = this.#socket
    const takes = this.#pace.takesTurn(bufferedAmount, unansweredPings)
    if (bufferedAmount <= SKIP_ABOVE_BYTES) {
      this.#behindSince = undefined
      return takes
    }
    this.#behindSince ??= now
    if (bufferedAmount > DISCONNECT_ABOVE_BYTES || now - this.#behindSince > BEHIND_MAX_MS) this.#overflow()
    return false
  }

  /** Sends what was written behind the first FRONT bytes as a snapshot. Returns its number of bytes. The writer may be reset afterwards. */
  sendSnapshot(written: ByteWriter): number {
    if (this.#waiting.length === 0) this.#socket.sendWritten(SNAPSHOT_HEAD, written)
    else this.#writeAll(() => this.#socket.sendWritten(SNAPSHOT_HEAD, written))
    return written.length - FRONT
  }

  /** Disconnects the client with a close code, after a message that says why. Its further frames are not read; the transport destroys a socket whose client does not answer the close. */
  close(error: StrataError): void {
    if (this.closed) return
    this.send(control.ended, { code: error.code, message: error.message } satisfies EndedMessage)
    // Sending it may have shown that the client is too slow.
    if (this.closed) return
    this.#writeAll()
    this.closed = true
    this.client.leave(...closeArguments(error))
    this.#socket.removeAllListeners('message')
  }

  /** Disconnects a client that broke the rules: the socket reads nothing more from it, not even its answer to the close. */
  cutOff(error: StrataError): void {
    this.close(error)
    this.#socket.pause()
  }

  /** A close frame would wait behind the unsent bytes, so the socket is destroyed. */
  #overflow(): void {
    this.closed = true
    this.#socket.terminate()
    this.#onOverflow(this)
  }

  get #socket(): PlayerSocket {
    return this.client.ref as PlayerSocket // the transport makes no other sockets
  }
}

/** A message for several clients, encoded once. */
export interface EncodedMessage {
  message: unknown
  /** On the wire. */
  frame: Uint8Array
}

export function encoded(type: string, message: unknown): EncodedMessage {
  return { message, frame: frameOf(type, message) }
}

function frameOf(type: string, message: unknown): Uint8Array {
  return getMessageBytes.raw(Protocol.ROOM_DATA, type, message)
}
