import type { Instant } from '../../model/clock.ts'
import { defined } from '../../model/defined.ts'
import type { Pseudonym } from '../../model/ids.ts'
import type { RecordingRow, Span } from '../../model/recording/recordingFile.ts'
import type { RecordedChunk } from '../../store/records/recordings.ts'
import { type ChunkContent, type Person, unpackChunk } from './chunk.ts'

/** A stay that has not ended. `seen`: friends who were in the world at some moment of it. */
interface OpenStay {
  person: Person
  from: Instant
  seen: Set<Pseudonym>
}

/**
 * Follows chunks and gives the stays of a time, in the order of their ends. A stay that goes beyond the time, a gap or a change of pseudonyms is cut there; rows of
 * kind `recorded` say where.
 */
export async function* rowsOf(chunks: AsyncIterable<RecordedChunk>, time: Span): AsyncGenerator<RecordingRow> {
  const replay = new Replay(time)
  for await (const chunk of chunks) yield* replay.follow(chunk, await unpackChunk(chunk.events, chunk.from))
  yield* replay.endSpan()
}

class Replay {
  readonly #time: Span
  readonly #open = new Map<Pseudonym, OpenStay>()
  /** Friends of each character who are in the world. */
  readonly #friends = new Map<Pseudonym, Set<Pseudonym>>()
  /** The recorded span so far; undefined before the first keyframe. */
  #span: (Span & { window: number }) | undefined
  /** The time of interest has begun. */
  #begun = false

  constructor(time: Span) {
    this.#time = time
  }

  *follow({ from, until, window }: Pick<RecordedChunk, 'from' | 'until' | 'window'>, { everybody, events }: ChunkContent): Generator<RecordingRow> {
    if (this.#span?.until !== from || this.#span.window !== window) {
      yield* this.endSpan()
      // What is missing before this chunk is unknown until the next one that begins with everybody.
      if (everybody === undefined) return
      this.#span = { from, until: from, window }
      this.#begun = from >= this.#time.from
      for (const person of everybody) this.#here(person, from)
    }
    for (const event of events) {
      if (event.at >= this.#time.from) this.#begin()
      if (event.at >= this.#time.until) break
      if ('left' in event) yield* this.#left(event.left, event.at)
      else yield* this.#changed(event.here, event.at)
    }
    if (until > this.#time.from) this.#begin()
    if (this.#span !== undefined) this.#span.until = until
  }

  *endSpan(): Generator<RecordingRow> {
    const span = this.#span
    this.#span = undefined
    if (span !== undefined) {
      const cut = { from: Math.max(span.from, this.#time.from), until: Math.min(span.until, this.#time.until) }
      for (const stay of this.#open.values()) yield* this.#row(stay, cut.until)
      if (cut.until > cut.from) yield { span: cut }
    }
    this.#open.clear()
    this.#friends.clear()
  }

  /** From here on stays count. Friends who left before do not. */
  #begin(): void {
    if (this.#begun) return
    this.#begun = true
    for (const [avatar, stay] of this.#open) this.#open.set(avatar, { ...stay, from: this.#time.from, seen: new Set(this.#friends.get(avatar)) })
  }

  *#changed(person: Person, at: Instant): Generator<RecordingRow> {
    const before = this.#open.get(person.avatar)
    if (before !== undefined) yield* this.#row(before, at)
    this.#here(person, at)
  }

  #here(person: Person, at: Instant): void {
    const { avatar } = person
    const friends = this.#friends.get(avatar) ?? new Set()
    this.#friends.set(avatar, friends)
    for (const friend of person.friends) this.#befriend(avatar, friend)
    this.#open.set(avatar, { person, from: at, seen: new Set(friends) })
  }

  /** When both came within one second, the first of them names somebody who is not there yet. */
  #befriend(avatar: Pseudonym, friend: Pseudonym): void {
    this.#friends.get(avatar)?.add(friend)
    const others = this.#friends.get(friend)
    if (others !== undefined) others.add(avatar)
    else this.#friends.set(friend, new Set([avatar]))
    this.#open.get(friend)?.seen.add(avatar)
  }

  *#left(avatar: Pseudonym, at: Instant): Generator<RecordingRow> {
    const stay = this.#open.get(avatar)
    if (stay !== undefined) yield* this.#row(stay, at)
    this.#open.delete(avatar)
    for (const friend of this.#friends.get(avatar) ?? []) this.#friends.get(friend)?.delete(avatar)
    this.#friends.delete(avatar)
  }

  *#row({ person, from, seen }: OpenStay, until: Instant): Generator<RecordingRow> {
    if (!this.#begun || until <= from) return
    const { avatar, map, kind, guild, party, languages } = person
    yield { stay: defined({ avatar, map, kind, from, until, guild, party, languages, friends: [...seen].sort() }) }
  }
}
