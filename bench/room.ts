import { mkdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import { defined } from '../model/defined.ts'
import { PROTOCOL_VERSION } from '../model/server.ts'
import { numberAfter, textAfter } from './arguments.ts'
import type { Report } from './report.ts'
import { measureLatency } from './room/latency.ts'
import { type Load, measureRoom, type Room } from './room/measureRoom.ts'
import { startBare, startPeer } from './room/peers.ts'
import { RoomComparison } from './room/roomComparison.ts'
import { type StrataRoom, startRoomWorld } from './room/roomWorld.ts'
import { soak } from './room/soak.ts'
import { halfSideFor } from './room/walkers.ts'

/**
 * One room with real WebSocket clients, each of which sends 20 inputs a second: a wide square with about 20 people in sight, and a crowd in one spot. The
 * peers are rooms of Colyseus with the same people: with a StateView for each client, and plain. Each room has a process of its own. The clients are raw
 * players (`strata bots --raw`) in processes of their own; where they have too little CPU time, `processLatenessMs` is high and durations include it. Each Strata
 * client gets a snapshot with every second step, and one with the step that applies a changed input; each client of a peer gets a patch with every second step.
 * `ratioToStateView` is null when a room got less CPU time than it had work for. `transportOnly` is what the same clients and frames cost a process that only reads and writes them with the
 * sockets of Strata, `transportOfPeer` with those of the peer.
 */
export const summary =
  'one room, 1,000 clients with inputs; 300 in one spot; latency of moves, combat, chat, economy; --people N, --crowd N, --seconds S, --loads N, --only strata|peers|wide, --soak MINUTES, --profile FOLDER'
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
  let latency: Report | undefined
  if (minutes !== undefined) return soaked(stack, { crowd, minutes, load })

  const rooms = new RoomComparison(load)
  if (only !== 'peers') {
    const open = await startRoomWorld(stack, 2, profile)
    const { bytesPerFrame: bytes } = await rooms.measure('room', roomOf('Strata', await open(people, half)))
    await rooms.measure('transportOnly', await startBare(stack, 'strata', { people, bytes, profile }))
    if (only !== 'wide') latency = await measureCrowd(rooms, await open(crowd + PROBES, SPOT_HALF_M), seconds)
  }
  if (only !== 'strata') {
    const { bytesPerFrame: bytes } = await rooms.measure('stateView', await startPeer(stack, 'view', { people, half, profile }))
    await rooms.measure('transportOfPeer', await startBare(stack, 'ws', { people, bytes, profile }))
    if (only !== 'wide') {
      await rooms.measure('plain', await startPeer(stack, 'plain', { people, half, profile }))
      await rooms.measure('crowdStateView', await startPeer(stack, 'view', { people: crowd, half: SPOT_HALF_M, profile }))
    }
  }
  return {
    people,
    crowdPeople: crowd,
    seconds,
    inputsPerSecond: INPUT_RATE,
    squareHalfSideM: half,
    spotHalfSideM: SPOT_HALF_M,
    ...pickedFrom(rooms.report['room']),
    ratioToStateView: rooms.ratio('room', 'stateView'),
    ratioToPlain: rooms.ratio('room', 'plain'),
    crowdRatioToStateView: rooms.ratio('crowd', 'crowdStateView'),
    ratioToStateViewPerSnapshot: rooms.ratioPerSnapshot('room', 'stateView'),
    crowdRatioToStateViewPerSnapshot: rooms.ratioPerSnapshot('crowd', 'crowdStateView'),
    transportShareOfRoom: rooms.ratio('transportOnly', 'room'),
    transportShareOfStateView: rooms.ratio('transportOfPeer', 'stateView'),
    transportOnlyRatioToStateView: rooms.ratio('transportOnly', 'stateView'),
    ratioToStateViewWithoutTransport: rooms.ratioWithout(['room', 'transportOnly'], ['stateView', 'transportOfPeer']),
    ...rooms.report,
    ...defined({ latency }),
  }
}

/** The crowd in one spot; latency is measured while it is there. */
async function measureCrowd(rooms: RoomComparison, spot: StrataRoom, seconds: number): Promise<Report> {
  const crowd = spot.seats.slice(0, -PROBES)
  let latency: Report = {}
  await rooms.measure('crowd', { ...roomOf('Strata, one spot', spot), seats: seatsOf(crowd) }, { decodeShare: 0.2 }, async () => {
    latency = await measureLatency(spot.seats.slice(-PROBES), seconds)
  })
  return latency
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
