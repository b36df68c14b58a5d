import { type Client, ClientState } from '@colyseus/core'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { StrataError } from '../../../model/errors.ts'
import { ByteWriter } from '../../../model/wire/entities/bytes.ts'
import { SNAPSHOT } from '../../../model/wire/room.ts'
import { Connection, encoded } from './connection.ts'

/** A client's socket that records what is written to it. */
class Socket {
  bufferedAmount = 0
  unansweredPings = 0
  readonly written: unknown[] = []
  /** Frames per write to the TCP stream. */
  readonly writes: number[] = []
  #corked = 0
  readonly client = {
    state: ClientState.JOINED as ClientState,
    ref: this as unknown,
    send: (type: string) => this.#write(type),
    enqueueRaw: (frame: Uint8Array) => this.#write(frame),
    leave: () => this.#write('leave'),
  }
  readonly connection = new Connection(this.client as unknown as Client, { tickRate: 20, protocol: 2, now: 0, onOverflow: () => undefined })
  readonly stream = {
    cork: (): void => {
      if (this.#corked++ === 0) this.writes.push(0)
    },
    uncork: (): void => {
      this.#corked--
    },
  }

  #write(frame: unknown): void {
    this.written.push(frame)
    if (this.#corked === 0) this.writes.push(1)
    else this.writes.push((this.writes.pop() ?? 0) + 1)
  }
  /** Destroys the socket. */
  terminate(): void {
    this.written.push('terminated')
  }
  sendWritten(): void {
    this.#write(SNAPSHOT)
  }
  removeAllListeners(): void {}
}

const said = Array.from({ length: 4 }, (_, number) => encoded('chat', { number }))
const frames = said.map(({ frame }) => frame)
let socket: Socket
/** Relays these messages in this order, now. */
const relay = (...numbers: number[]): boolean[] => said.filter((_, n) => numbers.includes(n)).map((one) => socket.connection.relay(one, Date.now()))

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000 })
  socket = new Socket()
})
afterEach(() => {
  vi.useRealTimers()
})

it('the first message of another player is written at once, and those of the next 50 ms in one write', () => {
  expect(relay(0, 1, 2)).toEqual([true, true, true])
  expect(socket.written).toEqual([frames[0]])
  vi.advanceTimersByTime(30)
  relay(3)
  expect(socket.written).toHaveLength(1)
  vi.advanceTimersByTime(20)
  expect(socket.written).toEqual(frames)
  expect(socket.writes).toEqual([1, 3])
  vi.advanceTimersByTime(1_000)
  expect(socket.writes).toEqual([1, 3])
})

it('each receiver gets the frame that was encoded once', () => {
  const other = new Socket()
  for (const { connection } of [socket, other]) for (const one of said.slice(0, 1)) connection.relay(one, Date.now())
  expect(socket.written[0]).toBe(frames[0])
  expect(other.written[0]).toBe(frames[0])
})

it('T1: messages that wait are written before every later frame, in the same write', () => {
  relay(0, 1)
  socket.connection.send('said', {})
  relay(2)
  socket.connection.sendSnapshot(new ByteWriter())
  relay(3)
  socket.connection.close(new StrataError('COPY_UNKNOWN', { copy: 'c' }))
  expect(socket.written).toEqual([frames[0], frames[1], 'said', frames[2], SNAPSHOT, frames[3], '__strata:ended', 'leave'])
  expect(socket.writes).toEqual([1, 2, 2, 2, 1])
})

it('a client that reads slowly loses messages of other players before it loses snapshots', () => {
  socket.bufferedAmount = 40 * 1024
  expect(relay(0)).toEqual([false])
  expect(socket.connection.acceptsSnapshot(Date.now())).toBe(true)
  expect(socket.connection.closed).toBe(false)
  socket.bufferedAmount = 0
  expect(relay(1)).toEqual([true])
  expect(socket.written).toEqual([frames[1]])
})

it('X1: what waits for one client is bounded by its budget for messages of other players', () => {
  const long = encoded('chat', 'x'.repeat(1_000))
  const accepted = Array.from({ length: 200 }, () => socket.connection.relay(long, Date.now())).filter(Boolean).length
  vi.advanceTimersByTime(50)
  expect(socket.written).toHaveLength(accepted)
  expect(accepted * long.frame.byteLength).toBeLessThanOrEqual(64 * 1024)
})

/** Asks each 100 ms for `seconds` whether a snapshot may be sent; returns how often it may. */
function snapshotsIn(seconds: number): number {
  let count = 0
  for (let n = 0; n < 10 * seconds; n++) {
    vi.advanceTimersByTime(100)
    if (socket.connection.acceptsSnapshot(Date.now())) count++
  }
  return count
}

it('X1: a client whose bytes stay unread is thinned, gets no snapshots above 64 KB, and is disconnected 15 s later', () => {
  expect(snapshotsIn(2)).toBe(20)
  socket.bufferedAmount = 5 * 1_024
  snapshotsIn(2)
  expect(socket.connection.pace).toBe(1 / 8)
  expect(snapshotsIn(2)).toBe(5)
  socket.bufferedAmount = 64 * 1_024 + 1
  expect(snapshotsIn(15)).toBe(0)
  expect(socket.connection.closed).toBe(false)
  // It caught up for a moment: its time begins again.
  socket.bufferedAmount = 5 * 1_024
  snapshotsIn(1)
  socket.bufferedAmount = 64 * 1_024 + 1
  snapshotsIn(15)
  expect(socket.connection.closed).toBe(false)
  snapshotsIn(1)
  expect(socket.connection.closed).toBe(true)
  expect(socket.written).toEqual(['terminated'])
})

it('X1: a client with more than 1 MB unread is disconnected at once', () => {
  socket.bufferedAmount = 1_024 * 1_024 + 1
  expect(socket.connection.acceptsSnapshot(Date.now())).toBe(false)
  expect(socket.connection.closed).toBe(true)
  expect(socket.written).toEqual(['terminated'])
})
