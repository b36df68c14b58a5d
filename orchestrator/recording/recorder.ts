import { randomBytes, randomUUID } from 'node:crypto'
import { type Clock, DAY_MS, type DurationMs, type Instant } from '../../model/clock.ts'
import type { CharacterId, Language } from '../../model/ids.ts'
import { spokenBy } from '../../model/people/languages.ts'
import { seatsAgree } from '../../model/seat.ts'
import type { Logger } from '../../service/log.ts'
import type { RecordedChunk, RecordingKey, Recordings } from '../../store/records/recordings.ts'
import type { PopulationChanges, Present } from '../figures/population.ts'
import { type ChunkContent, type Person, packChunk } from './chunk.ts'
import { Pseudonyms } from './pseudonyms.ts'

/** Length of a chunk, in ms. */
const CHUNK_MS: DurationMs = 60_000
/** Time between two chunks that begin with everybody in the world, in ms: a reader begins there. */
const KEYFRAME_MS: DurationMs = 3_600_000
/** A longer time without a sample is a gap, in ms. Samples come every second. */
const GAP_MS: DurationMs = 10_000
/** Age at which a key is overwritten, in ms. */
const KEY_MS: DurationMs = 7 * DAY_MS
/** Chunks that wait for a database that does not answer. When there are more, all are dropped. */
const MOST_WAITING = 30
/** Time between two deletions of old chunks, in ms. */
const SWEEP_MS: DurationMs = 600_000

export interface RecorderParts {
  store: Recordings
  clock: Clock
  log: Pick<Logger, 'warn'>
  /** False: nothing is recorded, and what was recorded before is still deleted in time. */
  on: boolean
  keepMs: DurationMs
  /** Called with each chunk that was stored, or lost. */
  onChunk?: (result: 'stored' | 'refused' | 'dropped', bytes: number) => void
}

interface OpenChunk extends ChunkContent {
  from: Instant
  players: number
}

/** Everything of one time as the leader. */
interface Term {
  id: string
  key: RecordingKey
  pseudonyms: Pseudonyms
  chunk: OpenChunk | undefined
  lastSample: Instant
  /** The next chunk begins with everybody. */
  keyframe: boolean
}

/** Records who is where, while this process leads: a chunk a minute. A time that is not recorded is a gap; no time is recorded twice. */
export class Recorder implements AsyncDisposable {
  readonly #parts: RecorderParts
  #term: Term | undefined
  #loading: Promise<void> | undefined
  /** Rises when a term ends: a key that arrives later begins none. */
  #terms = 0
  #waiting: (() => Promise<RecordedChunk>)[] = []
  #writing: Promise<void> = Promise.resolve()
  #sweptAt = Number.NEGATIVE_INFINITY

  constructor(parts: RecorderParts) {
    this.#parts = parts
  }

  /** `present`: the world with these changes. */
  apply(changes: PopulationChanges, present: ReadonlyMap<CharacterId, Present>): void {
    this.#sweep(changes.at)
    if (!this.#parts.on) return
    const term = this.#term
    if (term === undefined) return void this.#load(changes.at)
    const { chunk } = term
    if (chunk !== undefined && changes.at - term.lastSample > GAP_MS) {
      this.#end(term, term.lastSample)
      term.keyframe = true
    } else if (chunk !== undefined && Math.floor(changes.at / CHUNK_MS) !== Math.floor(chunk.from / CHUNK_MS)) this.#end(term, changes.at)
    if (term.chunk === undefined) this.#begin(term, changes, present)
    else record(term.chunk, changes, { pseudonyms: term.pseudonyms, present })
    if (term.chunk !== undefined) term.chunk.players = Math.max(term.chunk.players, present.size)
    term.lastSample = changes.at
  }

  /** This process leads no longer: what it has seen so far is stored. */
  pause(): void {
    if (this.#term !== undefined) this.#end(this.#term, this.#term.lastSample)
    this.#term = undefined
    this.#terms++
  }

  #begin(term: Term, changes: PopulationChanges, present: ReadonlyMap<CharacterId, Present>): void {
    if (changes.at - term.key.since >= KEY_MS) {
      // Nothing is recorded until the new key is there, about one sample.
      this.pause()
      return void this.#load(changes.at)
    }
    const keyframe = term.keyframe || Math.floor(changes.at / KEYFRAME_MS) !== Math.floor(term.lastSample / KEYFRAME_MS)
    term.keyframe = false
    if (keyframe) term.pseudonyms.forgetUnused()
    const context = { pseudonyms: term.pseudonyms, present }
    const everybody = keyframe ? [...present].map(([character, one]) => withPairsOnce(personOf(character, one, context))) : undefined
    term.chunk = { from: changes.at, players: present.size, everybody, events: [] }
    // Also after a keyframe: a reader that comes from the chunk before skips it.
    record(term.chunk, changes, context)
  }

  #end(term: Term, until: Instant): void {
    const { chunk, id, key } = term
    term.chunk = undefined
    if (chunk === undefined || until <= chunk.from) return
    const { from, players, everybody, events } = chunk
    const head = { from, until, window: key.window, term: id, keyframe: everybody !== undefined, players }
    this.#waiting.push(async () => ({ ...head, events: await packChunk({ everybody, events }, from) }))
    if (this.#waiting.length > MOST_WAITING) this.#drop(term)
    this.#write()
  }

  #drop(term: Term): void {
    for (const _ of this.#waiting.splice(0)) this.#parts.onChunk?.('dropped', 0)
    term.keyframe = true
    this.#parts.log.warn({}, 'the database did not take the recording of the population; a part of it is lost')
  }

  #write(): void {
    this.#writing = this.#writing.then(() => this.#writeWaiting())
  }

  /** Never rejects: chunks that could not be stored are tried again with the next one. */
  async #writeWaiting(): Promise<void> {
    const { store, log, onChunk } = this.#parts
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      try {
        const chunk = await next()
        const stored = await store.recordChunk(chunk)
        onChunk?.(stored ? 'stored' : 'refused', chunk.events.length)
        // What follows builds on it, so the next chunk begins with everybody.
        if (!stored && this.#term !== undefined) this.#term.keyframe = true
        if (this.#waiting[0] === next) this.#waiting.shift()
      } catch (error) {
        return log.warn({ err: error }, 'the recording of the population could not be stored; trying again in a minute')
      }
    }
  }

  /** Reads the key, or makes one. Never rejects. */
  #load(now: Instant): void {
    const ofTerm = this.#terms
    this.#loading ??= this.#keyInForce(now)
      .then((key) => {
        if (ofTerm !== this.#terms) return
        this.#term = { id: randomUUID(), key, pseudonyms: new Pseudonyms(key.key), chunk: undefined, lastSample: now, keyframe: true }
      })
      .catch((error: unknown) => this.#parts.log.warn({ err: error }, 'the recording of the population waits for the database'))
      .finally(() => {
        this.#loading = undefined
      })
  }

  async #keyInForce(now: Instant): Promise<RecordingKey> {
    const { store } = this.#parts
    const key = await store.recordingKey(randomBytes(32), now)
    return now - key.since < KEY_MS ? key : store.rotateRecordingKey(key.window, randomBytes(32), now)
  }

  #sweep(now: Instant): void {
    if (now - this.#sweptAt < SWEEP_MS) return
    this.#sweptAt = now
    const { store, keepMs, log } = this.#parts
    this.#writing = this.#writing
      .then(async () => void (await store.forgetRecording(now - keepMs)))
      .catch((error: unknown) => log.warn({ err: error }, 'old recordings of the population could not be deleted; trying again in ten minutes'))
  }

  /** Stores what waits. */
  async flush(): Promise<void> {
    await this.#loading
    await this.#writing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.pause()
    await this.flush()
  }
}

interface Context {
  pseudonyms: Pseudonyms
  present: ReadonlyMap<CharacterId, Present>
}

function record(chunk: OpenChunk, { at, left, came, changed }: PopulationChanges, context: Context): void {
  for (const character of left) {
    const pseudonym = context.pseudonyms.knownOf(character)
    // A character that left before this term recorded anything has none.
    if (pseudonym !== undefined) chunk.events.push({ at, left: pseudonym })
  }
  for (const [character, { before, now }] of changed)
    if (before.map !== now.map || !seatsAgree(before.seat, now.seat)) chunk.events.push({ at, here: { ...personOf(character, now, context), friends: [] } })
  for (const [character, one] of came) chunk.events.push({ at, here: personOf(character, one, context) })
}

function personOf(character: CharacterId, { seat, map, kind, friends, salt }: Present, { pseudonyms, present }: Context): Person {
  return {
    avatar: pseudonyms.ofCharacter(character, salt),
    ...{ map, kind },
    guild: seat.guild === undefined ? undefined : pseudonyms.ofGroup('guild', seat.guild),
    party: seat.party === undefined ? undefined : pseudonyms.ofGroup('party', seat.party),
    languages: spokenBy(seat).map(plainLanguage),
    friends: friends.flatMap((friend) => {
      const there = present.get(friend)
      return there === undefined ? [] : pseudonyms.ofCharacter(friend, there.salt)
    }),
  }
}

/** Of two friends who are both in the list one names the other: random pseudonyms do not compress. */
function withPairsOnce(person: Person): Person {
  return { ...person, friends: person.friends.filter((friend) => friend > person.avatar) }
}

/** A language is part of a line of text. */
function plainLanguage(language: Language): Language {
  return language.replaceAll(/[^\w-]/g, '') || 'und'
}
