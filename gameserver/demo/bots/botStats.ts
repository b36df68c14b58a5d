import { type MovedEvent, StrataClientError } from '../../../client/index.ts'

const counted = [
  'players',
  'placements',
  'kicked',
  'reconnected',
  'moved',
  'waited',
  'said',
  'heard',
  'gathered',
  'kills',
  'deaths',
  'lootDropped',
  'lootBooked',
  'dungeonsCleared',
  'sent',
  'taken',
  'accounts',
  'charactersMade',
  'friendships',
  'refusedAtTheDoor',
  'chatSent',
  'chatHeard',
  'chatLost',
  'chatOutOfOrder',
] as const

/** The statistics as plain data, for sending to another process. */
export interface StatsData {
  counts: Record<(typeof counted)[number], number>
  gaps: number[]
  holds: number[]
  downs: number[]
  /** Number of chat messages by delay in ms. */
  chatDelays: [ms: number, messages: number][]
  errors: [code: string, times: number][]
}

/** Statistics of what the bots saw, summed over all bots. */
export class BotStats {
  players = 0
  placements = 0
  kicked = 0
  reconnected = 0
  moved = 0
  waited = 0
  said = 0
  heard = 0
  gathered = 0
  /** Creatures that bots killed, and times that a bot went down. */
  kills = 0
  deaths = 0
  /** Times that creatures dropped something for a bot, and how many of these drops the economy has booked. */
  lootDropped = 0
  lootBooked = 0
  /** Instances that a party cleared. */
  dungeonsCleared = 0
  /** Mails sent to other players. */
  sent = 0
  /** Mails whose attachments were taken. */
  taken = 0
  /** Accounts that signed in. */
  accounts = 0
  /** Characters that were made in this run. */
  charactersMade = 0
  /** Friendships that were made in this run. */
  friendships = 0
  /** Sign-ins and entries that were refused with an error which a retry cannot fix. */
  refusedAtTheDoor = 0
  /** Chat messages that bots sent and received over the channels of the chat. */
  chatSent = 0
  chatHeard = 0
  /** Messages that are missing between two that one bot received of one sender in one channel. */
  chatLost = 0
  chatOutOfOrder = 0
  online = 0
  readonly #gaps: number[] = []
  readonly #holds: number[] = []
  readonly #downs: number[] = []
  readonly #chatDelays = new Map<number, number>()
  readonly #errors = new Map<string, number>()

  recordMove({ gapMs, heldMs }: Pick<MovedEvent, 'gapMs' | 'heldMs'>): void {
    this.moved++
    this.#gaps.push(gapMs)
    this.#holds.push(heldMs)
  }

  /** A chat message has arrived `delayMs` after it was sent. */
  recordChat(delayMs: number): void {
    this.chatHeard++
    this.#countDelay(Math.max(0, Math.round(delayMs)))
  }
  #countDelay(ms: number, messages = 1): void {
    this.#chatDelays.set(ms, (this.#chatDelays.get(ms) ?? 0) + messages)
  }

  /** The client has reconnected after its connection was lost. */
  recordReconnect(downMs: number): void {
    this.reconnected++
    this.#downs.push(downMs)
  }

  error(error: unknown): void {
    this.#count(error instanceof StrataClientError ? error.code : error instanceof Error ? `${error.name}: ${error.message.slice(0, 80)}` : String(error))
  }

  #count(code: string, times = 1): void {
    this.#errors.set(code, (this.#errors.get(code) ?? 0) + times)
  }

  data(): StatsData {
    const counts = Object.fromEntries(counted.map((what) => [what, this[what]])) as StatsData['counts'] // every key is counted
    return { counts, gaps: this.#gaps, holds: this.#holds, downs: this.#downs, chatDelays: [...this.#chatDelays], errors: [...this.#errors] }
  }

  /** Adds the statistics of another process. */
  add({ counts, gaps, holds, downs, chatDelays, errors }: StatsData): void {
    for (const what of counted) this[what] += counts[what]
    for (const gap of gaps) this.#gaps.push(gap)
    for (const hold of holds) this.#holds.push(hold)
    for (const down of downs) this.#downs.push(down)
    for (const [ms, messages] of chatDelays) this.#countDelay(ms, messages)
    for (const [code, times] of errors) this.#count(code, times)
  }

  /** The smallest delay in ms that at least `share` of the chat messages do not exceed; 0 without messages. */
  #chatDelayMs(share: number): number {
    let left = Math.ceil(share * this.chatHeard)
    for (const [ms, messages] of [...this.#chatDelays].sort(([a], [b]) => a - b)) {
      left -= messages
      if (left <= 0) return ms
    }
    return 0
  }

  report(): Record<string, unknown> {
    return {
      ...this.data().counts,
      downP99Ms: percentile(this.#downs, 0.99),
      downMaxMs: Math.round(Math.max(0, ...this.#downs)),
      gapP50Ms: percentile(this.#gaps, 0.5),
      gapP99Ms: percentile(this.#gaps, 0.99),
      heldP50Ms: percentile(this.#holds, 0.5),
      heldP99Ms: percentile(this.#holds, 0.99),
      chatP99Ms: this.#chatDelayMs(0.99),
      errors: [...this.#errors.values()].reduce((sum, count) => sum + count, 0),
      errorsByCode: Object.fromEntries([...this.#errors].sort()),
    }
  }
}

/** Percentile by the nearest-rank method, with one decimal; 0 when there are no values. */
function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return Math.round((sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0) * 10) / 10
}
