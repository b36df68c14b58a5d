import { setTimeout as pause } from 'node:timers/promises'
import { RedisDirectory } from '../../directory/redis/redisDirectory.ts'
import { StrataError } from '../../model/errors.ts'
import type { CharacterId } from '../../model/ids.ts'
import { type Random, seededRandom } from '../../model/random.ts'
import { retry } from '../../model/retry/retry.ts'
import type { LineAnswer, SeatAnswer } from '../../model/wire/matchmaker.ts'
import { inFlight, quantile } from '../report.ts'
import { makeCharacters, makeParties } from '../world/characters.ts'
import { keepServer, openCopies } from '../world/maps.ts'
import type { Connections } from '../world/matchmaker.ts'
import { Audit } from './audit.ts'
import { Matchmakers } from './matchmakers.ts'
import type { Answer } from './messages.ts'

export interface StormOptions {
  players: number
  /** Share of the players who log in as parties of 2 to 5, 0 to 1. */
  partyShare: number
  copies: number
  seatsPerCopy: number
  matchmakers: number
  /** Average stay of a seated player; exponentially distributed, so that seats become free at random. */
  stayMs: number
  /** Longest time until a request of a waiting player is answered. */
  pollMs: number
  seed: number
}

/** Waits of places in line, in seconds from the login to the seat. */
export interface Waits {
  places: number
  p50: number
  p99: number
}

/** Counts of places are counts of logins: that of a party, whose leader asks for all, counts once. */
export interface StormResult {
  /** Single players and parties. */
  logins: number
  singles: Waits
  parties: Waits
  enqueueSeconds: number
  seatedAtOnce: number
  queued: number
  promoted: number
  gaveUp: number
  /** Players who gave up after their promotion, before the answer reached them. */
  gaveUpPromoted: number
  totalSeconds: number
  orderViolations: number
  /** Players whose turn came and whose held seat was missing before its deadline. */
  promotedWithoutSeat: number
  /** Players who at the end were neither seated nor had given up, or whose place was unknown to the matchmaker. */
  lost: number
  /** Error codes that lost players received, with counts. */
  errors: string
  /** Players who took their held seat after its deadline: the machine was too slow. */
  tooLate: number
  overCap: number
  fullestCopy: number
  killed: { while: string; waitingForItsAnswer: number }[]
  estimates: number
  estimatesUnknown: number
  /** Share of the waits that were between the estimated p50 and p90. 0.4 is ideal. */
  etaCoverage: number
  /** Share of the waits that were shorter than the estimated p50. 0.5 is ideal. */
  etaSooner: number
}

const MAP = 'storm'
/** Requests in flight while all players arrive. */
const ARRIVING = 192
/** Share of the waiting players who give up, at a random moment. */
const GIVE_UP = 0.03
/** Sizes of the parties; each is as frequent as the others. */
const PARTY_SIZES = { min: 2, max: 5 }

/**
 * Far more players than seats log in at once. When all have arrived, seated players start to leave, one by one, and the line moves up.
 * One matchmaker is killed during the arrival, another while the line moves.
 */
export async function runStorm(options: StormOptions, connections: Connections): Promise<StormResult> {
  await using stack = new AsyncDisposableStack()
  const { players, copies, seatsPerCopy } = options
  const spec = {
    capacity: { soft: seatsPerCopy, hard: seatsPerCopy, company: 0 },
    queue: { max: players, grace: '10m' },
    parties: { max: PARTY_SIZES.max },
    seat: { hold: '60s' },
  }
  const directory = stack.use(await RedisDirectory.connect(connections.redisUrl, { prefix: connections.prefix ?? 'strata:' }))
  await keepServer(stack, directory)
  await openCopies(directory, MAP, copies)
  const matchmakers = stack.use(await Matchmakers.start({ ...connections, map: MAP, spec }, options.matchmakers))
  const characters = await makeCharacters(connections.databaseUrl, `Storm ${options.seed}`, players)
  const groups = groupsOf(characters, options.partyShare, seededRandom(options.seed + 1))
  await makeParties(
    connections.databaseUrl,
    groups.filter((group) => group.length > 1),
  )
  const storm = new Storm(options, groups.length, directory, matchmakers)
  await storm.listen(stack)

  const began = performance.now()
  const arrival = await inFlight(groups.length, ARRIVING, async (n) => {
    if (n === Math.floor(groups.length / 2)) storm.kill('people arrive')
    await storm.arrive(groups[n] ?? [])
  })
  storm.letLeave()
  await storm.allSettled()
  return storm.result(arrival.seconds, (performance.now() - began) / 1000)
}

/** Splits the characters into parties and singles, in a random order. About `share` of the characters are in parties. */
function groupsOf(characters: readonly CharacterId[], share: number, random: Random): CharacterId[][] {
  const groups: CharacterId[][] = []
  const { min, max } = PARTY_SIZES
  // A group of mean size m is a party with this probability, so that `share` of the characters, not of the groups, are in parties.
  const chance = share === 0 ? 0 : share / (share + (1 - share) * ((min + max) / 2))
  for (let next = 0; next < characters.length; ) {
    const size = random() < chance ? min + Math.floor(random() * (max - min + 1)) : 1
    groups.push(characters.slice(next, next + size))
    next += size
  }
  return groups
}

function waitsOf(seconds: readonly number[]): Waits {
  const sorted = seconds.toSorted((a, b) => a - b)
  return { places: sorted.length, p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99) }
}

/** Repeats a call while it fails with a retryable error, as game servers do when Redis is slow. */
function again<T>(call: () => Promise<T>): Promise<T> {
  return retry(call, {
    times: { firstMs: 200, maxMs: 200 },
    mayRetry: (error) => error instanceof StrataError && error.row.retryable,
    pause,
  })
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
  readonly #logins: number
  readonly #waitsOfSingles: number[] = []
  readonly #waitsOfParties: number[] = []
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

  constructor(options: StormOptions, logins: number, directory: RedisDirectory, matchmakers: Matchmakers) {
    this.#options = options
    this.#logins = logins
    this.#directory = directory
    this.#matchmakers = matchmakers
    this.#audit = new Audit(options.seatsPerCopy)
    this.#random = seededRandom(options.seed)
  }

  async listen(stack: AsyncDisposableStack): Promise<void> {
    const events = await this.#directory.watch(this.#stop.signal)
    const listening = (async () => {
      for await (const event of events) this.#audit.record(event, Date.now())
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

  /** The first of the group asks for all of it. */
  async arrive(group: readonly CharacterId[]): Promise<void> {
    const [character = ''] = group
    const began = Date.now()
    const answer = await this.#matchmakers.ask({ call: 'enter', character, wholeParty: group.length > 1 })
    if ('seat' in answer) {
      this.#seatedAtOnce++
      await this.#sitDown(group, answer.seat)
    } else if ('line' in answer) {
      this.#audit.joined(character, group.length, answer.line.ticket, Date.now())
      this.#waiting.push(this.#wait(group, began, answer.line))
    } else {
      this.#lose(answer)
    }
  }

  /** Called after the arrival: otherwise the length of the line would depend on the speed of the machine. */
  letLeave(): void {
    this.#leaving = true
    for (const { character, seat } of this.#inside.splice(0)) this.#stay(character, seat)
  }

  async allSettled(): Promise<void> {
    await Promise.all(this.#waiting)
    await Promise.all(this.#killing)
  }

  async #wait(group: readonly CharacterId[], began: number, { ticket: first }: LineAnswer): Promise<void> {
    const [character = ''] = group
    const { pollMs, stayMs, players, copies, seatsPerCopy } = this.#options
    const estimates: { at: number; p50: number; p90: number }[] = []
    const patience = this.#random() < GIVE_UP ? (this.#random() * stayMs * players) / (copies * seatsPerCopy) : Number.POSITIVE_INFINITY
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
        else estimates.push({ at: Date.now(), ...answer.line.waitMs })
      } else if ('seat' in answer) {
        const now = Date.now()
        this.#estimates += estimates.length
        this.#sooner += estimates.filter(({ at, p50 }) => now - at < p50).length
        this.#later += estimates.filter(({ at, p90 }) => now - at > p90).length
        const waits = group.length > 1 ? this.#waitsOfParties : this.#waitsOfSingles
        waits.push((now - began) / 1000)
        await this.#sitDown(group, answer.seat)
        return
      } else {
        this.#lose(answer)
        return
      }
    }
  }

  #lose(answer: Answer): void {
    this.#lost++
    const code = 'error' in answer ? answer.error : 'unexpected answer'
    this.#errors.set(code, (this.#errors.get(code) ?? 0) + 1)
  }

  /** Takes the seats, as a game server does when clients present their tickets: the whole party has seats in one copy (rule P1). */
  async #sitDown(group: readonly CharacterId[], seat: SeatAnswer): Promise<void> {
    this.#ended++
    const now = Date.now()
    const taken = await Promise.all(group.map((character) => again(() => this.#directory.takeSeat(seat.map, seat.copy, character, now))))
    for (const [n, character] of group.entries()) if (taken[n] === true) this.#stay(character, seat)
    if (taken.every(Boolean)) return
    if (now < seat.expires) this.#promotedWithoutSeat++
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
      logins: this.#logins,
      singles: waitsOf(this.#waitsOfSingles),
      parties: waitsOf(this.#waitsOfParties),
      enqueueSeconds,
      seatedAtOnce: this.#seatedAtOnce,
      queued: this.#waiting.length,
      promoted: this.#audit.promotions,
      gaveUp: this.#gaveUp,
      gaveUpPromoted: this.#gaveUpPromoted,
      totalSeconds,
      orderViolations: this.#audit.orderViolations(),
      promotedWithoutSeat: this.#promotedWithoutSeat,
      lost: this.#lost + (this.#logins - this.#ended - this.#gaveUp - this.#lost),
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
