import type { Encoded } from './encode/encoded.ts'
import { packedWorld } from './encode/packed.ts'
import { schemaWorld } from './encode/schemaWorld.ts'
import { Walkers } from './encode/walkers.ts'
import { quantile, type Report, rounded } from './report.ts'

/** The snapshots of all clients of one room, without sockets: sight and encoding. Every client has a body that walks; about 20 others are in its sight. */
export const summary = 'snapshots of all clients of one room (sight and encoding), 100 to 1,000 walkers with about 20 in sight each; no sockets'
export const peer = 'Colyseus Schema with a StateView for each client, and plain Schema, same walkers, same ticks'

const SIZES = [100, 500, 1_000]
/** Ticks before a measurement. A room runs for hours: what is measured is compiled code. With 60 ticks, compiling was more than half of the time at 100 clients (2026-11-30, 2 cores). */
const WARM_UP = 400
/** The worlds take turns, so that what else runs on the machine disturbs all of them alike. CPU time is that of the lower quartile of the rounds: disturbances only add to it. */
const ROUNDS = 20
const TICKS_PER_ROUND = 20

/** With `--short`, fewer rounds: to see that it runs. */
export async function run(_stack: AsyncDisposableStack, args: readonly string[]): Promise<Report> {
  const rounds = args.includes('--short') ? 1 : ROUNDS
  const report: Report = {}
  for (const size of SIZES) {
    const worlds = {
      packed: new Measured(size, packedWorld),
      stateView: new Measured(size, (walkers) => schemaWorld(walkers, { views: true })),
      plain: new Measured(size, (walkers) => schemaWorld(walkers, { views: false })),
    }
    for (const world of Object.values(worlds)) world.warmUp()
    for (let n = 0; n < rounds; n++) for (const world of Object.values(worlds)) world.round()
    const { packed, stateView, plain } = worlds
    report[`of${size}`] = {
      nsPerVisibleEntity: packed.report().nsPerVisibleEntity,
      ratioToStateView: rounded(stateView.msPerTick / packed.msPerTick, 1),
      ratioToPlain: rounded(plain.msPerTick / packed.msPerTick, 1),
      ...{ packed: packed.report(), stateView: stateView.report(), plain: plain.report() },
    }
  }
  return report
}

/** One world and its figures. */
class Measured {
  readonly #walkers: Walkers
  readonly #world: Encoded
  readonly #size: number
  #tick = 0
  /** CPU time in ms of each round, which other processes of the machine disturb less than the time on the wall, and the latter of each tick. */
  readonly #cpuMs: number[] = []
  readonly #times: number[] = []
  #sent = { pictures: 0, bytes: 0, visible: 0 }

  constructor(size: number, make: (walkers: Walkers) => Encoded) {
    this.#size = size
    this.#walkers = new Walkers(size)
    this.#world = make(this.#walkers)
  }

  warmUp(): void {
    for (let n = 0; n < WARM_UP; n++) this.#step()
    this.#times.length = 0
    this.#sent = { pictures: 0, bytes: 0, visible: 0 }
  }

  round(): void {
    let cpuMs = 0
    for (let n = 0; n < TICKS_PER_ROUND; n++) cpuMs += this.#step()
    this.#cpuMs.push(cpuMs)
  }

  get msPerTick(): number {
    return lowerQuartile(this.#cpuMs) / TICKS_PER_ROUND
  }

  report() {
    const ticks = this.#times.length
    const { pictures, bytes, visible } = this.#sent
    return {
      msPerTick: rounded(this.msPerTick, 3),
      p99Ms: rounded(
        quantile(
          this.#times.toSorted((a, b) => a - b),
          0.99,
        ),
        3,
      ),
      nsPerVisibleEntity: rounded((this.msPerTick * 1e6) / (visible / ticks), 1),
      visiblePerClient: rounded(visible / ticks / this.#size, 1),
      // 20 ticks a second.
      picturesPerClientPerSecond: rounded((pictures / ticks / this.#size) * 20, 1),
      bytesPerClientPerSecond: Math.round((bytes / ticks / this.#size) * 20),
    }
  }

  /** Returns the CPU time of the encoding, in ms. */
  #step(): number {
    this.#walkers.step()
    const [began, cpu] = [performance.now(), process.cpuUsage()]
    const sent = this.#world.encode(++this.#tick)
    const { user, system } = process.cpuUsage(cpu)
    this.#times.push(performance.now() - began)
    for (const name of ['pictures', 'bytes', 'visible'] as const) this.#sent[name] += sent[name]
    return (user + system) / 1_000
  }
}

function lowerQuartile(values: readonly number[]): number {
  return quantile(
    values.toSorted((a, b) => a - b),
    0.25,
  )
}
