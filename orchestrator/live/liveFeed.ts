import { PassThrough, type Readable } from 'node:stream'
import type { Clock, DurationMs } from '../../model/clock.ts'
import type { LiveMessage, LiveWorld } from '../../model/wire/live.ts'
import type { Logger } from '../../service/log.ts'
import { changes, FlowCounter, type ViewInput, worldView } from './worldView.ts'

/** Time between two messages, in ms. A person sees two changes a second as one flow. */
const EVERY_MS: DurationMs = 500
/** Readings of the world between two readings of the fleets, which are a call to another process. */
const SERVERS_EVERY = 4
/** Readings without a change until a comment is sent, which keeps the connection open through proxies. */
const COMMENT_EVERY = 30
/** A client that has this many bytes to read yet is disconnected. It connects again and gets the whole world. */
const MAX_UNREAD_BYTES = 8 * 1024 * 1024
/** Longest life of one stream, in ms. The client connects again, and its session is checked again. */
const STREAM_MS: DurationMs = 300_000

export interface FeedParts {
  view(): Omit<ViewInput, 'servers'>
  servers(): Promise<ViewInput['servers']>
  clock: Clock
  log: Logger
}

interface Client {
  stream: PassThrough
  until: number
  /** Each client gets the whole world first. */
  greeted: boolean
}

/** Sends the world and its changes to all consoles. It reads the world once for all of them, and not at all while nobody looks. */
export class LiveFeed implements Disposable {
  readonly #parts: FeedParts
  readonly #clients = new Set<Client>()
  #flows = new FlowCounter()
  #last: LiveWorld | undefined
  #servers: ViewInput['servers'] = []
  #timer: NodeJS.Timeout | undefined
  #ticks = 0
  #reading = false

  constructor(parts: FeedParts) {
    this.#parts = parts
  }

  /** A stream of server-sent events. */
  stream(): Readable {
    const stream = new PassThrough()
    const client: Client = { stream, until: this.#parts.clock.now() + STREAM_MS, greeted: false }
    stream.write('retry: 1000\n\n')
    stream.once('close', () => this.#remove(client))
    stream.on('error', () => this.#remove(client))
    this.#clients.add(client)
    this.#timer ??= setInterval(() => void this.#tick(), EVERY_MS)
    void this.#tick()
    return stream
  }

  #remove(client: Client): void {
    this.#clients.delete(client)
    if (this.#clients.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#last = undefined
    this.#flows = new FlowCounter()
  }

  async #tick(): Promise<void> {
    if (this.#reading) return
    this.#reading = true
    try {
      if (this.#ticks++ % SERVERS_EVERY === 0) this.#servers = await this.#parts.servers()
      this.#send()
    } catch (error) {
      this.#parts.log.warn({ err: error }, 'the consoles got no picture of the world this time')
    } finally {
      this.#reading = false
    }
  }

  #send(): void {
    const { view, clock } = this.#parts
    const [input, at] = [view(), clock.now()]
    const world = worldView({ ...input, servers: this.#servers })
    const flows = this.#flows.count(input.census.whereabouts)
    const delta = this.#last === undefined ? undefined : changes(this.#last, world, flows)
    this.#last = world
    const news = delta === undefined ? (this.#ticks % COMMENT_EVERY === 0 ? ':\n\n' : undefined) : textOf({ type: 'delta', at, ...delta })
    let greeting: string | undefined
    for (const client of [...this.#clients]) {
      if (at > client.until) {
        client.stream.end()
        this.#remove(client)
      } else if (client.stream.writableLength > MAX_UNREAD_BYTES) client.stream.destroy()
      else if (client.greeted) news !== undefined && client.stream.write(news)
      else {
        greeting ??= textOf({ type: 'world', at, ...world })
        client.stream.write(greeting)
        client.greeted = true
      }
    }
  }

  [Symbol.dispose](): void {
    for (const { stream } of this.#clients) stream.end()
    clearInterval(this.#timer)
  }
}

function textOf(message: LiveMessage): string {
  return `data: ${JSON.stringify(message)}\n\n`
}
