import { LRUCache } from 'lru-cache'
import type { Directory } from '../../../directory/directory.ts'
import { type ChatChannel, chatKind } from '../../../model/chat/chat.ts'
import { cleanText, foldChannel } from '../../../model/chat/chatText.ts'
import type { Clock } from '../../../model/clock.ts'
import { defined } from '../../../model/defined.ts'
import { StrataError } from '../../../model/errors.ts'
import type { CharacterId } from '../../../model/ids.ts'
import type { SayMessage } from '../../../model/wire/chat.ts'
import type { Logger } from '../../../service/log.ts'
import type { SocialProfile } from '../../../store/store.ts'
import { type BucketSize, TokenBucket } from '../connection/tokenBucket.ts'
import type { ChatMetrics } from './chatMetrics.ts'
import type { Listeners } from './listeners.ts'
import type { Member } from './member.ts'
import type { ChatDraft, ChatRules } from './options.ts'

/** Characters whose budget is remembered; it outlives their connection, so that a new connection brings no new budget. */
const BUDGETS_KEPT = 20_000
/** Most reviews that run at once; beyond that a message is not reviewed, and counted. */
const REVIEWS_MAX = 1_000

interface Parts {
  directory: Directory
  clock: Clock
  log: Logger
  metrics: ChatMetrics
  listeners: Listeners
}

/** Checks what members say, and publishes it. */
export class Speaking {
  readonly #parts: Parts
  readonly #rules: ChatRules
  readonly #budgets = new LRUCache<string, TokenBucket>({ max: BUDGETS_KEPT })
  #reviews = 0

  constructor(parts: Parts, rules: ChatRules) {
    this.#parts = parts
    this.#rules = rules
  }

  /** Takes one message from the character's budget. Throws TOO_MANY_REQUESTS. */
  chargeMessage(character: CharacterId): void {
    this.#charge(`say ${character}`, this.#rules.send)
  }
  /** Takes one change of custom channels. A client joins all its channels at once on each server. Throws TOO_MANY_REQUESTS. */
  chargeChange(character: CharacterId): void {
    this.#charge(`change ${character}`, { perSecond: 1, burst: 2 * this.#rules.customChannels })
  }
  #charge(key: string, rate: BucketSize): void {
    const now = this.#parts.clock.now()
    const budget = this.#budgets.get(key) ?? new TokenBucket(rate, now)
    this.#budgets.set(key, budget)
    if (!budget.take(now)) throw new StrataError('TOO_MANY_REQUESTS', { seconds: Math.ceil(1 / rate.perSecond) })
  }

  /** Resolves with the publication, which is not awaited here: messages of one member are published in the order of the calls. Throws why it is refused. */
  async say(member: Member, profile: SocialProfile, { id, channel: kind, to, text: raw }: SayMessage): Promise<{ published: Promise<void> }> {
    const { clock, directory, metrics } = this.#parts
    const { mute, character, name, blocked } = profile
    const now = clock.now()
    if (mute !== undefined && mute.until > now) {
      throw new StrataError('MUTED', { until: new Date(mute.until).toISOString(), reason: mute.reason === '' ? 'no reason was given' : mute.reason })
    }
    const clean = cleanText(raw, this.#rules.maxLength)
    if ('problem' in clean) throw new StrataError('CHAT_REFUSED', clean)
    const channel = await this.#channel(member, profile, { kind, to })
    const draft: ChatDraft = { id, channel, from: { character, name }, text: clean.text }
    draft.text = this.#filtered(draft)
    const message = { id, from: { ...draft.from, ...defined({ blocked }) }, text: draft.text, at: now }
    const published = directory.publishChat(channel, message, this.#rules.history[kind]).then(() => {
      metrics.messages.inc({ channel: kind, result: 'sent' })
      this.#review(draft)
    })
    return { published }
  }

  async #channel(member: Member, profile: SocialProfile, { kind, to = '' }: { kind: SayMessage['channel']; to: string | undefined }): Promise<ChatChannel> {
    if (kind === 'whisper') {
      const listener = await this.#parts.listeners.find(profile, to)
      if (listener === undefined) throw new StrataError('CHAT_LISTENER_ABSENT', { character: to })
      return `whisper:${listener}`
    }
    const subject = kind === 'map' ? member.map : kind === 'custom' ? foldChannel(to) : profile[kind]
    const channel: ChatChannel = `${kind}:${subject ?? ''}`
    if (subject === undefined || !member.channels.has(channel)) throw new StrataError('CHANNEL_UNKNOWN', { channel: kind === 'custom' ? to : kind })
    return channel
  }

  #filtered(draft: ChatDraft): string {
    const verdict = this.#rules.filter?.({ ...draft }) ?? 'allow'
    if (verdict === 'allow') return draft.text
    if ('refuse' in verdict) throw new StrataError('CHAT_REFUSED', { problem: verdict.refuse })
    return verdict.replace
  }

  #review(draft: ChatDraft): void {
    const { log, metrics } = this.#parts
    if (this.#rules.review === undefined) return
    if (this.#reviews >= REVIEWS_MAX) return metrics.reviews.inc({ result: 'skipped' })
    this.#reviews++
    const reviewed = async (): Promise<void> => this.#rules.review?.(draft)
    reviewed()
      .then(
        () => metrics.reviews.inc({ result: 'done' }),
        (error: unknown) => {
          metrics.reviews.inc({ result: 'failed' })
          log.warn({ err: error, id: draft.id, channel: chatKind(draft.channel) }, 'a review of a chat message failed')
        },
      )
      .finally(() => this.#reviews--)
  }
}
