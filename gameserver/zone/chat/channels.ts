import type { ChatFeed } from '../../../directory/chat.ts'
import type { ChatChannel } from '../../../model/chat/chat.ts'
import type { Logger } from '../../../service/log.ts'
import type { Member } from './member.ts'

/** Which members of this server are in which channel. The feed is in a channel while at least one member is. */
export class Channels {
  readonly #members = new Map<ChatChannel, Set<Member>>()
  /** Resolves when the feed has joined the channel. */
  readonly #joined = new Map<ChatChannel, Promise<void>>()
  readonly #feed: ChatFeed
  readonly #log: Logger

  constructor(feed: ChatFeed, log: Logger) {
    this.#feed = feed
    this.#log = log
  }

  get size(): number {
    return this.#members.size
  }

  /** A copy, because a delivery may remove a member whose connection has closed. */
  membersOf(channel: ChatChannel): Member[] {
    return [...(this.#members.get(channel) ?? [])]
  }

  /** Resolves when messages of the channel arrive. */
  async join(member: Member, channel: ChatChannel): Promise<void> {
    const members = this.#members.get(channel) ?? new Set()
    member.channels.add(channel)
    members.add(member)
    if (!this.#members.has(channel)) {
      this.#members.set(channel, members)
      // The feed joins again after a reconnect, so a failure here delays messages and needs no second attempt.
      this.#joined.set(
        channel,
        this.#feed.join([channel]).catch((error: unknown) => this.#log.warn({ err: error, channel }, 'could not join a chat channel; waiting for Redis')),
      )
    }
    await this.#joined.get(channel)
  }

  leave(member: Member, channel: ChatChannel): void {
    member.channels.delete(channel)
    const members = this.#members.get(channel)
    if (members?.delete(member) !== true || members.size > 0) return
    this.#members.delete(channel)
    this.#joined.delete(channel)
    this.#feed.leave([channel]).catch((error: unknown) => this.#log.warn({ err: error, channel }, 'could not leave a chat channel'))
  }
}
