import { setTimeout as pause } from 'node:timers/promises'
import { LRUCache } from 'lru-cache'
import type { Registry } from 'prom-client'
import { z } from 'zod'
import type { Clock, DurationMs, Instant } from '../../model/clock.ts'
import type { CharacterId } from '../../model/ids.ts'
import { backoffMs } from '../../model/retry/backoff.ts'
import { noRelations, type Person, type Relations, type SocialSource } from './socialSource.ts'
import { type SourceMetrics, sourceMetrics } from './sourceMetrics.ts'

export interface HttpSourceOptions {
  /** The studio's endpoint. */
  url: string
  /** Sent as bearer token. */
  token?: string
  /** Longest time that a read of profiles waits for the endpoint. */
  waitMs: DurationMs
  /** An answer that is not older is used without a request. */
  ageMs: DurationMs
  clock: Clock
  registry: Registry
  log: { warn(details: object, message: string): void }
}

/** Characters whose last known relations are kept; the one unused for longest is dropped. */
const MAX_KNOWN = 100_000
/** Characters in one request; more are asked for in further requests. */
const MAX_ASKED = 200
/** Longest answer, in bytes. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024
/** A request goes on after the reader has stopped waiting, so that the next read knows the answer; it ends after this time, in ms. */
const REQUEST_MS: DurationMs = 5_000
/** After failures no request is sent for this time: readers get the last known answer at once. */
const REST = { firstMs: 500, maxMs: 10_000 }

const id = z.string().min(1).max(255)
const ids = z.array(id).max(2_000).default([])
const answer = z.object({
  people: z.array(z.object({ character: id, friends: ids, friendAccounts: ids, blocked: ids, blockedAccounts: ids })).max(MAX_ASKED),
})

/**
 * Asks the studio's endpoint. Keeps answers with their age; when the endpoint is slow or down, the last known answer counts, and without one a character has no
 * relations: it enters, and is placed by party, guild and language.
 */
export class HttpSource implements SocialSource {
  readonly #options: HttpSourceOptions
  readonly #known = new LRUCache<CharacterId, { at: Instant; relations: Relations }>({ max: MAX_KNOWN })
  /** What was returned for each character last. */
  readonly #returned = new LRUCache<CharacterId, Relations>({ max: MAX_KNOWN })
  readonly #listeners = new Set<(characters: readonly CharacterId[]) => void>()
  /** Requests on their way, by character: readers of one character share a request. */
  readonly #asking = new Map<CharacterId, Promise<void>>()
  #failures = 0
  #restUntil: Instant = 0
  readonly #metrics: SourceMetrics

  constructor(options: HttpSourceOptions) {
    this.#options = options
    this.#metrics = sourceMetrics(options.registry)
  }

  onChange(listener: (characters: readonly CharacterId[]) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async relationsOf(people: readonly Person[], { ageMs = this.#options.ageMs }: { ageMs?: DurationMs } = {}): Promise<ReadonlyMap<CharacterId, Relations>> {
    const { clock, waitMs } = this.#options
    const began = clock.now()
    const fresh = (character: CharacterId): boolean => began - (this.#known.peek(character)?.at ?? Number.NEGATIVE_INFINITY) <= ageMs
    const wanted = people.filter(({ character }) => !fresh(character))
    if (wanted.length > 0 && began >= this.#restUntil) {
      const waiting = new AbortController()
      await Promise.race([this.#ask(wanted), pause(waitMs, undefined, { signal: waiting.signal }).catch(() => undefined)])
      waiting.abort()
    }
    const cached = new Set(people.filter((person) => !wanted.includes(person)).map(({ character }) => character))
    return new Map(
      people.map(({ character }) => {
        const known = this.#known.get(character)
        const from = known === undefined ? 'none' : cached.has(character) ? 'cache' : known.at >= began ? 'endpoint' : 'last_known'
        this.#metrics.answers.inc({ from })
        const relations = known?.relations ?? noRelations
        this.#returned.set(character, relations)
        return [character, relations]
      }),
    )
  }

  /** Never rejects. */
  async #ask(people: readonly Person[]): Promise<void> {
    const others = people.filter(({ character }) => !this.#asking.has(character))
    for (let from = 0; from < others.length; from += MAX_ASKED) {
      const some = others.slice(from, from + MAX_ASKED)
      const request = this.#request(some).finally(() => {
        for (const { character } of some) this.#asking.delete(character)
      })
      for (const { character } of some) this.#asking.set(character, request)
    }
    await Promise.all(people.map(({ character }) => this.#asking.get(character)))
  }

  async #request(people: readonly Person[]): Promise<void> {
    const { url, token, clock, log } = this.#options
    const stop = this.#metrics.seconds.startTimer()
    let result: 'ok' | 'failed' | 'invalid' = 'failed'
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
        body: JSON.stringify({ people }),
        // A redirect would send the token to another address.
        redirect: 'error',
        signal: AbortSignal.timeout(REQUEST_MS),
      })
      if (!response.ok) throw new Error(`status ${response.status}`)
      const text = await bounded(response)
      result = 'invalid'
      const found = new Map(answer.parse(JSON.parse(text)).people.map(({ character, ...relations }) => [character, relations]))
      const at = clock.now()
      for (const { character } of people) this.#known.set(character, { at, relations: found.get(character) ?? noRelations })
      result = 'ok'
      this.#failures = 0
      this.#reportChanges(people)
    } catch (error) {
      this.#restUntil = clock.now() + backoffMs(REST, ++this.#failures)
      log.warn({ err: error, url, failures: this.#failures }, 'the social graph of the studio did not answer; the last known friends and blocks count')
    } finally {
      stop()
      this.#metrics.requests.inc({ result })
    }
  }

  #reportChanges(people: readonly Person[]): void {
    const changed = people.flatMap(({ character }) => {
      const [before, now] = [this.#returned.peek(character), this.#known.peek(character)?.relations]
      return before === undefined || now === undefined || sameRelations(before, now) ? [] : [character]
    })
    if (changed.length > 0) for (const listener of this.#listeners) listener(changed)
  }
}

/** The order of a list says nothing. */
function sameRelations(one: Relations, other: Relations): boolean {
  const canonical = ({ friends, friendAccounts, blocked, blockedAccounts }: Relations): string =>
    JSON.stringify([friends, friendAccounts, blocked, blockedAccounts].map((ids) => ids.toSorted()))
  return canonical(one) === canonical(other)
}

/** The body, when it is not too long. */
async function bounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response.body ?? []) {
    length += chunk.length
    if (length > MAX_ANSWER_BYTES) throw new Error(`the answer is longer than ${MAX_ANSWER_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
