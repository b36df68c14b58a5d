import { mkdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import { PROTOCOL_VERSION } from '../model/server.ts'
import { numberAfter, textAfter } from './arguments.ts'
import { type Report, rounded } from './report.ts'
import { measureLatency } from './room/latency.ts'
import { type Cpu, type Load, measureRoom, type Room } from './room/measureRoom.ts'
import { startPeer } from './room/peers.ts'
import { type StrataRoom, startRoomWorld } from './room/roomWorld.ts'
import { soak } from './room/soak.ts'
import { halfSideFor } from './room/walkers.ts'

/**
 * One room with real WebSocket clients, each of which sends 20 inputs a second: a wide square with about 20 people in sight, and a crowd in one spot. The
 * peers are rooms of Colyseus with the same people: with a StateView for each client, and plain. Each room has a process of its own. The clients are raw
 * players (`strata bots --raw`) in processes of their own; where they have too little CPU time, `processLatenessMs` is high and durations include it. Each Strata
 * client gets a snapshot with every second step, and one with the step that applies a changed input; each client of a peer gets a patch with every second step.
 * `ratioToStateView` is null when a room got less CPU time than it had work for.
 */
export const summary =
  'one room, 1,000 clients with inputs; 300 in one spot; latency of moves, combat, chat, economy; --people N, --crowd N, --seconds S, --loads N, --only strata|peers, --soak MINUTES, --profile FOLDER'
export const peer = 'Colyseus with a StateView for each client, and plain Schema, same people'

const defaults = { people: 1_000, crowd: 300, seconds: 20, loads: 2 }
/** Others in sight on the wide square. */
const IN_SIGHT = 20
/** Half the side of the spot of the crowd, in metres: everybody is in everybody's sight. */
const SPOT_HALF_M = 20
const INPUT_RATE = 20
/** Players with the SDK that measure latency in the crowd. */
const PROBES = 2

export async function run(stack: AsyncDisposableStack, args: readonly string[]): Promise<Report> {
  const of = (name: keyof typeof defaults): number => numberAfter(args, `--${name}`) ?? defaults[name]
  const [people, crowd, seconds] = [of('people'), of('crowd'), of('seconds')]
  const folder = textAfter(args, '--profile')
  const profile = folder === undefined ? undefined : resolve(folder)
  if (profile !== undefined) await mkdir(profile, { recursive: true })
  const load: Load = { processes: of('loads'), seconds, inputRate: INPUT_RATE, decodeShare: 0.1, profile }
  const minutes = args.includes('--soak') ? numberAfter(args, '--soak') : undefined
  const only = textAfter(args, '--only')
  const half = halfSideFor(people, IN_SIGHT)
  if (minutes !== undefined) return soaked(stack, { crowd, minutes, load })

  const report: Report = {}
  const cpu: Record<string, Cpu> = {}
  const keep = async (name: string, room: Room): Promise<void> => {
    const measured = await measureRoom(room, load)
    report[name] = measured.report
    cpu[name] = measured.cpu
  }
  if (only !== 'peers') {
    const open = await startRoomWorld(stack, 2, profile)
    await keep('room', roomOf('Strata', await open(people, half)))
    const spot = await open(crowd + PROBES, SPOT_HALF_M)
    let latency: Report = {}
    const seats = spot.seats.slice(0, crowd)
    const measured = await measureRoom({ ...roomOf('Strata, one spot', spot), seats: seatsOf(seats) }, { ...load, decodeShare: 0.2 }, async () => {
      latency = await measureLatency(spot.seats.slice(crowd), seconds)
    })
    report['crowd'] = measured.report
    cpu['crowd'] = measured.cpu
    report['latency'] = latency
  }
  if (only !== 'strata') {
    await keep('stateView', await startPeer(stack, 'view', { people, half, profile }))
    await keep('plain', await startPeer(stack, 'plain', { people, half, profile }))
    await keep('crowdStateView', await startPeer(stack, 'view', { people: crowd, half: SPOT_HALF_M, profile }))
  }
  const ratio = (one: string, other: string, of: 'cores' | 'perSnapshot' = 'cores'): number | null => {
    const [mine, theirs] = [cpu[one], cpu[other]]
    if (mine === undefined || theirs === undefined || (of === 'cores' && !(mine.comparable && theirs.comparable))) return null
    return rounded(mine[of] / theirs[of])
  }
  return {
    people,
    crowdPeople: crowd,
    seconds,
    inputsPerSecond: INPUT_RATE,
    squareHalfSideM: half,
    spotHalfSideM: SPOT_HALF_M,
    ...pickedFrom(report['room']),
    ratioToStateView: ratio('room', 'stateView'),
    ratioToPlain: ratio('room', 'plain'),
    crowdRatioToStateView: ratio('crowd', 'crowdStateView'),
    ratioToStateViewPerSnapshot: ratio('room', 'stateView', 'perSnapshot'),
    crowdRatioToStateViewPerSnapshot: ratio('crowd', 'crowdStateView', 'perSnapshot'),
    ...report,
  }
}

/** The figures of the wide square that have targets. */
function pickedFrom(room: Report[string] | undefined): Report {
  if (typeof room !== 'object' || room === null) return {}
  const { cpuShareOfCore = null, bytesPerClientPerSecond = null, tickP99Ms = null } = room
  return { cpuShareOfCore, bytesPerClientPerSecond, tickP99Ms }
}

async function soaked(stack: AsyncDisposableStack, { crowd, minutes, load }: { crowd: number; minutes: number; load: Load }): Promise<Report> {
  const open = await startRoomWorld(stack, 1, load.profile)
  const room = await open(crowd, halfSideFor(crowd, IN_SIGHT))
  let result: Report = {}
  const { report } = await measureRoom(roomOf('Strata', room), load, async (pool, observer) => {
    result = await soak(pool, observer, { pid: room.pid, minutes })
  })
  return { people: crowd, room: report, soak: result }
}

function seatsOf(seats: StrataRoom['seats']): Room['seats'] {
  return seats.map(({ address, copy, ticket }) => ({ address, room: copy, options: { ticket, protocol: PROTOCOL_VERSION } }))
}

function roomOf(name: string, { pid, seats }: StrataRoom): Room {
  return { name, pid, seats: seatsOf(seats), strata: true }
}
