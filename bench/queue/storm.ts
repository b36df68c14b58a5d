import { setTimeout as pause } from 'node:timers/promises'
import { RedisDirectory } from '../../directory/redis/redisDirectory.ts'
import { StrataError } from '../../model/errors.ts'
import type { CharacterId } from '../../model/ids.ts'
import { type Random, seededRandom } from '../../model/random.ts'
import type { LineAnswer, SeatAnswer } from '../../model/wire/matchmaker.ts'
import { inFlight } from '../report.ts'
import { makeCharacters } from '../world/characters.ts'
import { keepServer, openCopies } from '../world/maps.ts'
import type { Surroundings } from '../world/matchmaker.ts'
import { Audit } from './audit.ts'
import { Matchmakers } from './matchmakers.ts'
import type { Answer } from './messages.ts'

export interface StormOptions {
  players: number
  copies: number
  seatsPerCopy: number
  matchmakers: number
  /** How long somebody stays who got in, on average; exponential, so that seats come free at random. */
  stayMs: number
  /** A request of somebody in line is answered at the latest after so long. */
  pollMs: number
  seed: number
}

export interface StormResult {
  enqueueSeconds: number
  seatedAtOnce: number
  queued: number
  promoted: number
  gaveUp: number
  /** Of those who gave up, how many had just been promoted and did not know it yet. */
  gaveUpPromoted: number
  totalSeconds: number
  orderViolations: number
  /** Told that it is their turn, in time, and no seat was there to be taken. */
  promotedWithoutSeat: number
  /** Neither seated nor gone by their own will at the end, or told that their place is unknown. */
  lost: number
  /** What they were told who were lost. */
  errors: string
  /** Came too late for the seat that was held for them: the machine was too slow. */
  tooLate: number
  overCap: number
  fullestCopy: number
  killed: { while: string; waitingForItsAnswer: number }[]
  estimates: number
  estimatesUnknown: number
  /** Of the true waits, how many lay between the p50 and the p90 that were told; 0.4 would be right. */
  etaCoverage: number
  /** How many were shorter than p50; 0.5 would be right. */
  etaSooner: number
}

const MAP = 'storm'
/** Requests under way at once while everybody arrives. */
const ARRIVING = 192
/** Of those who wait so many lose patience, at a random moment. */
const GIVE_UP = 0.03

/**
 * Everybody logs in at once, far more than there are seats, and waits; once all are there those inside begin to leave, one by
 * one, and the line moves up. One matchmaker is killed while people arrive, another while the line moves.
 */
export async function runStorm(options: StormOptions, surroundings: Surroundings): Promise<StormResult> {
  await using stack = new AsyncDisposableStack()
  const { players, copies, seatsPerCopy } = options
  const spec = {
    capacity: { soft: seatsPerCopy, hard: seatsPerCopy, company: 0 },
    queue: { max: players, grace: '10m' },
    seat: { hold: '60s' },
  }
  const directory = stack.use(await RedisDirectory.connect(surroundings.redisUrl, { prefix: surroundings.prefix ?? 'strata:' }))
  await keepServer(stack, directory)
  await openCopies(directory, MAP, copies)
  const matchmakers = stack.use(await Matchmakers.start({ ...surroundings, map: MAP, spec }, options.matchmakers))
  const characters = await makeCharacters(surroundings.databaseUrl, `Storm ${options.seed}`, players)
  const storm = new Storm(options, directory, matchmakers)
  await storm.listen(stack)

  const began = performance.now()
  const arrival = await inFlight(players, ARRIVING, async (n) => {
    if (n === Math.floor(players / 2)) storm.kill('people arrive')
    await storm.arrive(characters[n] ?? '')
  })
  storm.letLeave()
  await storm.everybodyIn()
  return storm.result(arrival.seconds, (performance.now() - began) / 1000)
}

/** As game servers do: what Redis does not answer in time is asked again. */
async function again<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call()
    } catch (error) {
      if (!(error instanceof StrataError && error.row.retryable)) throw error
      await pause(200)
    }
  }
}

class Storm {
  readonly #options: StormOptions
  readonly #directory: RedisDirectory
  readonly #matchmakers: Matchmakers
  readonly #audit: Audit
  readonly #random: Random
  readonly #waiting: Promise<void>[] = []
  readonly #killed: StormResult['killed'] = []
  readonly #killing: Promise<void>[] = []
  readonly #stop = new AbortController()
  readonly #errors = new Map<string, number>()
  readonly #inside: { character: CharacterId; seat: SeatAnswer }[] = []
  #leaving = false
  #seatedAtOnce = 0
  #ended = 0
  #gaveUp = 0
  #gaveUpPromoted = 0
  #lost = 0
  #tooLate = 0
  #promotedWithoutSeat = 0
  #estimates = 0
  #unknown = 0
  #sooner = 0
  #later = 0

  constructor(options: StormOptions, directory: RedisDirectory, matchmakers: Matchmakers) {
    this.#options = options
    this.#directory = directory
    this.#matchmakers = matchmakers
    this.#audit = new Audit(options.seatsPerCopy)
    this.#random = seededRandom(options.seed)
  }

  async listen(stack: AsyncDisposableStack): Promise<void> {
    const events = await this.#directory.watch(this.#stop.signal)
    const listening = (async () => {
      for await (const event of events) this.#audit.hear(event, Date.now())
    })()
    stack.defer(async () => {
      this.#stop.abort()
      await listening
    })
  }

  kill(during: string): void {
    const killing = this.#matchmakers.killOne()
    this.#killing.push(killing.then((waitingForItsAnswer) => void this.#killed.push({ while: during, waitingForItsAnswer })))
  }

  async arrive(character: CharacterId): Promise<void> {
    const answer = await this.#matchmakers.ask({ call: 'enter', character })
    if ('seat' in answer) {
      this.#seatedAtOnce++
      await this.#sitDown(character, answer.seat)
    } else if ('line' in answer) {
      this.#audit.joined(character, answer.line.ticket, Date.now())
      this.#waiting.push(this.#wait(character, answer.line))
    } else {
      this.#lose(answer)
    }
  }

  /** Not before all are there: how long a storm's line gets must not depend on how fast the machine is. */
  letLeave(): void {
    this.#leaving = true
    for (const { character, seat } of this.#inside.splice(0)) this.#stay(character, seat)
  }

  async everybodyIn(): Promise<void> {
    await Promise.all(this.#waiting)
    await Promise.all(this.#killing)
  }

  async #wait(character: CharacterId, { ticket: first }: LineAnswer): Promise<void> {
    const { pollMs, stayMs, players, copies, seatsPerCopy } = this.#options
    const told: { at: number; p50: number; p90: number }[] = []
    const patience = this.#random() < GIVE_UP ? (this.#random() * stayMs * players) / (copies * seatsPerCopy) : Number.POSITIVE_INFINITY
    const began = Date.now()
    for (let ticket = first; ; ) {
      if (Date.now() - began > patience) {
        this.#gaveUp++
        if (!this.#audit.left(character, Date.now())) this.#gaveUpPromoted++
        await this.#matchmakers.ask({ call: 'leave', character, ticket })
        return
      }
      const answer = await this.#matchmakers.ask({ call: 'poll', character, ticket, waitMs: pollMs })
      if ('line' in answer) {
        ticket = answer.line.ticket
        if (answer.line.waitMs === 'unknown') this.#unknown++
        else told.push({ at: Date.now(), ...answer.line.waitMs })
      } else if ('seat' in answer) {
        const now = Date.now()
        this.#estimates += told.length
        this.#sooner += told.filter(({ at, p50 }) => now - at < p50).length
        this.#later += told.filter(({ at, p90 }) => now - at > p90).length
        await this.#sitDown(character, answer.seat)
        return
      } else {
        this.#lose(answer)
        return
      }
    }
  }

  #lose(answer: Answer): void {
    this.#lost++
    const code = 'error' in answer ? answer.error : 'an answer to another question'
    this.#errors.set(code, (this.#errors.get(code) ?? 0) + 1)
  }

  /** What the game server does when the ticket is shown. */
  async #sitDown(character: CharacterId, seat: SeatAnswer): Promise<void> {
    this.#ended++
    const now = Date.now()
    if (await again(() => this.#directory.takeSeat(seat.map, seat.copy, character, now))) this.#stay(character, seat)
    else if (now < seat.expires) this.#promotedWithoutSeat++
    else this.#tooLate++
  }

  #stay(character: CharacterId, seat: SeatAnswer): void {
    if (!this.#leaving) return void this.#inside.push({ character, seat })
    const { map, copy } = seat
    const stay = -Math.log(1 - this.#random()) * this.#options.stayMs
    const leaving = pause(stay, undefined, { signal: this.#stop.signal }).then(() => again(() => this.#directory.freeSeat(map, copy, character)))
    leaving.catch((error: unknown) => {
      if (!this.#stop.signal.aborted) throw error
    })
    if (this.#audit.promotions >= this.#waiting.length / 2 && this.#killing.length === 1) this.kill('the line moves up')
  }

  result(enqueueSeconds: number, totalSeconds: number): StormResult {
    return {
      enqueueSeconds,
      seatedAtOnce: this.#seatedAtOnce,
      queued: this.#waiting.length,
      promoted: this.#audit.promotions,
      gaveUp: this.#gaveUp,
      gaveUpPromoted: this.#gaveUpPromoted,
      totalSeconds,
      orderViolations: this.#audit.orderViolations(),
      promotedWithoutSeat: this.#promotedWithoutSeat,
      lost: this.#lost + (this.#options.players - this.#ended - this.#gaveUp - this.#lost),
      errors: [...this.#errors].map(([code, count]) => `${code} ${count}`).join(', '),
      tooLate: this.#tooLate,
      overCap: this.#audit.overCap,
      fullestCopy: this.#audit.fullest,
      killed: this.#killed,
      estimates: this.#estimates,
      estimatesUnknown: this.#unknown,
      etaCoverage: 1 - (this.#sooner + this.#later) / this.#estimates,
      etaSooner: this.#sooner / this.#estimates,
    }
  }
}
