import { type Client, ClientState, SchemaSerializer } from '@colyseus/core'
import { StateView, schema, t } from '@colyseus/schema'
import { type Owner, RoomSerializer } from '../gameserver/zone/roomState/roomSerializer.ts'
import { type RoomStateSchema, Roster, type RosterState, roomSchemas } from '../gameserver/zone/roomState/schemas.ts'
import { quantile, type Report, rounded } from './report.ts'

/** The slow state of one room (Schema) without sockets: what one patch costs when the own state of some characters changed, and what a joining client costs. */
export const summary = 'slow state of a room (Schema): one patch with changes of some or all characters; no sockets'
export const peer = 'Colyseus’ own serializer with a StateView for each client, same state, same changes'

const SIZES = [100, 300, 1_000]
const PATCHES = 200
/** Patches before the first measurement: code is compiled then. */
const WARM_UP = 50

const Bag = schema({ coins: t.uint32() }, 'Bag')

interface Room {
  patch(changed: number): void
  join(): number
}

export async function run(): Promise<Report> {
  const report: Report = {}
  for (const size of SIZES) {
    const [strata, peerRoom] = [strataRoom(size), colyseusRoom(size)]
    for (const changed of [...new Set([0, Math.min(50, size), size])]) {
      const [ours, theirs] = [patchTimes(strata, changed), patchTimes(peerRoom, changed)]
      report[`of${size}changed${changed}`] = {
        patchP50Ms: ours.p50,
        patchP99Ms: ours.p99,
        stateView: theirs,
        ratioToStateView: rounded(ours.p50 / theirs.p50),
      }
    }
    report[`join${size}`] = { joinMs: joinMs(strata), fullStateBytes: strata.join() }
  }
  return report
}

/** Each patch also changes something that everybody receives. */
function patchTimes(room: Room, changed: number): { p50: number; p99: number } {
  for (let n = 0; n < WARM_UP; n++) room.patch(changed)
  const times = Array.from({ length: PATCHES }, () => {
    const began = performance.now()
    room.patch(changed)
    return performance.now() - began
  }).sort((a, b) => a - b)
  return { p50: rounded(quantile(times, 0.5), 3), p99: rounded(quantile(times, 0.99), 3) }
}

/** Time to encode the state for one joining client, after a change. */
function joinMs(room: Room): number {
  const times = Array.from({ length: PATCHES }, () => {
    room.patch(0)
    const began = performance.now()
    room.join()
    return performance.now() - began
  }).sort((a, b) => a - b)
  return rounded(quantile(times, 0.5), 3)
}

interface Filled {
  state: RoomStateSchema
  clients: Client[]
  /** Adds a coin to the bag of one character. */
  earn(index: number): void
}

/** The state of a room in which these many characters live, each with a client. */
function filled(size: number): Filled {
  const schemas = roomSchemas(undefined, Bag)
  const state = schemas.newState({ map: 'forest', copy: 'forest-1', label: 'Forest 1', population: size, tickRate: 20, protocol: 1 }, undefined)
  const bags: InstanceType<typeof Bag>[] = []
  const clients = Array.from({ length: size }, (_, index) => {
    const own = schemas.newOwn()
    const [name, guild] = [`Player ${index}`, 'Oaks']
    Object.assign(own, { character: `character ${index}`, name, guild })
    const bag = own.game as InstanceType<typeof Bag> // newOwn made it of this class
    bag.coins = 0
    bags.push(bag)
    state.own.set(String(index), own)
    state.roster.set(String(index), Object.assign(new Roster(), { name, guild }) as RosterState)
    return { state: ClientState.JOINED, raw: () => undefined } as unknown as Client
  })
  // Views exist when the serializer knows the state: `addViews`.
  return { state, clients, earn: (index) => void (bags[index] !== undefined && bags[index].coins++) }
}

function addViews({ state, clients }: Filled): void {
  clients.forEach((client, index) => {
    client.view = new StateView()
    const own = state.own.get(String(index))
    if (own !== undefined) client.view.add(own)
  })
}

function strataRoom(size: number): Room {
  const room = filled(size)
  let changed = 0
  const owners = (): Owner[] =>
    room.clients.map((client, index) => ({
      client,
      refresh: () => {
        if (index < changed) room.earn(index)
      },
    }))
  const serializer = new RoomSerializer(() => undefined, owners)
  serializer.reset(room.state)
  addViews(room)
  return {
    patch(next) {
      changed = next
      room.state.info.population ^= 1
      serializer.applyPatches(room.clients)
    },
    join: () => serializer.getFullState(room.clients[0]).byteLength,
  }
}

function colyseusRoom(size: number): Room {
  const room = filled(size)
  const serializer = new SchemaSerializer<RoomStateSchema>()
  serializer.reset(room.state)
  addViews(room)
  return {
    patch(changed) {
      room.state.info.population ^= 1
      for (let index = 0; index < changed; index++) room.earn(index)
      serializer.applyPatches(room.clients)
    },
    join: () => serializer.getFullState(room.clients[0]).byteLength,
  }
}
