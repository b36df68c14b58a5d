import type { Encoded } from './encode/encoded.ts'
import { packedWorld } from './encode/packed.ts'
import { schemaWorld } from './encode/schemaWorld.ts'
import { Walkers } from './encode/walkers.ts'
import { quantile, type Report, rounded } from './report.ts'

/** The snapshots of all clients of one room, without sockets: sight and encoding. Every client has a body that walks; about 20 others are in its sight. */
export const summary = 'snapshots of all clients of one room (sight and encoding), 100 to 1,000 walkers with about 20 in sight each; no sockets'
export const peer = 'Colyseus Schema with a StateView for each client, and plain Schema, same walkers, same ticks'

const SIZES = [100, 500, 1_000]
/** Ticks of one measurement. */
const TICKS = 200
/** Ticks before a measurement. A room runs for hours: what is measured is compiled code. With 60 ticks, compiling was more than half of the time at 100 clients (2026-11-30, 2 cores). */
const WARM_UP = 400

/** With `--short`, fewer ticks: to see that it runs. */
export async function run(_stack: AsyncDisposableStack, args: readonly string[]): Promise<Report> {
  const ticks = args.includes('--short') ? TICKS / 10 : TICKS
  const report: Report = {}
  for (const size of SIZES) {
    const packed = measure(size, ticks, packedWorld)
    const stateView = measure(size, ticks, (walkers) => schemaWorld(walkers, { views: true }))
    const plain = measure(size, ticks, (walkers) => schemaWorld(walkers, { views: false }))
    report[`of${size}`] = {
      nsPerVisibleEntity: packed.nsPerVisibleEntity,
      ratioToStateView: rounded(stateView.msPerTick / packed.msPerTick, 1),
      ratioToPlain: rounded(plain.msPerTick / packed.msPerTick, 1),
      ...{ packed, stateView, plain },
    }
  }
  return report
}

function measure(size: number, ticks: number, make: (walkers: Walkers) => Encoded) {
  const walkers = new Walkers(size)
  const world = make(walkers)
  const times: number[] = []
  let [cpuMs, pictures, bytes, visible] = [0, 0, 0, 0]
  for (let tick = 1; tick <= WARM_UP + ticks; tick++) {
    walkers.step()
    const [began, cpu] = [performance.now(), process.cpuUsage()]
    const sent = world.encode(tick)
    const { user, system } = process.cpuUsage(cpu)
    if (tick <= WARM_UP) continue
    times.push(performance.now() - began)
    cpuMs += (user + system) / 1_000
    pictures += sent.pictures
    bytes += sent.bytes
    visible += sent.visible
  }
  return {
    // CPU time, which other processes of the machine disturb less than the time on the wall.
    msPerTick: rounded(cpuMs / ticks, 3),
    p99Ms: rounded(
      quantile(
        times.sort((a, b) => a - b),
        0.99,
      ),
      3,
    ),
    nsPerVisibleEntity: rounded((cpuMs * 1e6) / visible, 1),
    visiblePerClient: rounded(visible / ticks / size, 1),
    // 20 ticks a second.
    picturesPerClientPerSecond: rounded((pictures / ticks / size) * 20, 1),
    bytesPerClientPerSecond: Math.round((bytes / ticks / size) * 20),
  }
}
