import { type Client, ClientState } from '@colyseus/core'
import { type Decoder, Reflection, schema, t } from '@colyseus/schema'
import { beforeEach, expect, it } from 'vitest'
import { PROTOCOL_VERSION } from '../../../model/server.ts'
import type { RoomState } from '../../../model/wire/roomState.ts'
import type { Connection } from '../connection/connection.ts'
import type { ZoneCore } from '../core.ts'
import type { Resident } from '../residents/resident.ts'
import { RoomSerializer } from './roomSerializer.ts'
import { RoomStateSync } from './roomStateSync.ts'

const Weather = schema({ rain: t.boolean() }, 'Weather')
const Bag = schema({ wood: t.uint16(), tools: t.map('uint16') }, 'Bag')
type Seen = RoomState<InstanceType<typeof Weather>, InstanceType<typeof Bag>>

/** One client with Colyseus' decoder. */
class Viewer {
  readonly client: { state: ClientState; view?: object } = { state: ClientState.JOINED }
  readonly connection: Connection
  readonly frames: Uint8Array[] = []
  decoder: Decoder | undefined

  constructor(character: string) {
    this.connection = { client: this.client as unknown as Client, character, joined: true } as unknown as Connection
  }
  receive(frame: Uint8Array): void {
    this.frames.push(frame)
    this.decoder?.decode(frame, { offset: 1 })
  }
  get sees(): Seen {
    return this.decoder?.state.toJSON() as Seen
  }
}

type Person = Resident<number, unknown>
const open: Person['audience'] = { presence: 'everyone', friends: [], partyMembers: [], blocked: [] }
let people: Map<string, Person>
let viewers: Viewer[]
let weather: InstanceType<typeof Weather>
let sync: RoomStateSync<number, unknown>
let serializer: RoomSerializer

beforeEach(() => {
  people = new Map()
  viewers = []
  weather = new Weather()
  weather.rain = false
  const hooks = {
    gameState: weather,
    OwnState: Bag,
    label: () => 'Forest 1',
    describeOwn: ({ state }: { state: number }, bag: InstanceType<typeof Bag>) => {
      bag.wood = state
      bag.tools.set('axe', state)
    },
  }
  const core = {
    hooks,
    map: 'forest',
    copy: 'forest-1',
    tickRate: 20,
    guard: (_: string, run: () => void) => run(),
    watched: <T>(_: string, code: () => T) => code(),
  }
  const residents = { [Symbol.iterator]: () => people.values(), get size() { return people.size }, get: (one: string) => people.get(one) } // biome-ignore format: one line
  sync = new RoomStateSync(core as unknown as ZoneCore<number, unknown>, { residents, connections: () => viewers.map(({ connection }) => connection) })
  serializer = new RoomSerializer(
    (client, frame) => viewers.find((viewer) => viewer.client === (client as unknown))?.receive(frame),
    () => sync.owners(),
  )
  serializer.reset(sync.state)
})

/** A client joins: it gets the handshake and the whole state. */
function join(character: string): Viewer {
  const viewer = new Viewer(character)
  sync.arrives(character)
  viewers.push(viewer)
  viewer.decoder = Reflection.decode(serializer.handshake())
  viewer.receive(serializer.getFullState(viewer.client as unknown as Client))
  return viewer
}

function live(character: string, viewer: Viewer | undefined, audience: Partial<Person['audience']> = {}): Person {
  const id = 100 + people.size
  const body = { id, holder: { character, name: `Name of ${character}`, guild: 'Oaks', party: `party of ${character}` }, state: 1 }
  const person = { character, body, phase: 'live', connection: viewer?.connection, audience: { ...open, ...audience } } as unknown as Person
  people.set(character, person)
  return person
}

/** The only character of which this client receives what is owned. */
function ownOf(viewer: Viewer): unknown {
  const [own, ...others] = Object.values(viewer.sees.own ?? {})
  expect(others).toEqual([])
  return own
}

function patch(): void {
  sync.refresh()
  serializer.applyPatches(viewers.map(({ client }) => client as unknown as Client))
}

it('a client receives the room, the roster, the game’s part, and of what is owned only its own character', () => {
  const [ann, bob] = [join('ann'), join('bob')]
  live('ann', ann)
  live('bob', bob)
  patch()
  const roster = { '100': { name: 'Name of ann', guild: 'Oaks' }, '101': { name: 'Name of bob', guild: 'Oaks' } }
  const info = { map: 'forest', copy: 'forest-1', label: 'Forest 1', population: 2, tickRate: 20, protocol: PROTOCOL_VERSION }
  const own = (character: string) => ({
    ...{ character, name: `Name of ${character}`, guild: 'Oaks', party: `party of ${character}`, roster: {}, game: { wood: 1, tools: { axe: 1 } } },
  })
  expect(ann.sees).toEqual({ info, roster, own: { '100': own('ann') }, game: { rain: false } })
  expect(bob.sees).toEqual({ info, roster, own: { '101': own('bob') }, game: { rain: false } })
})

it('changes reach everybody or the owner alone, and what did not change is not sent', () => {
  const [ann, bob] = [join('ann'), join('bob')]
  const first = live('ann', ann)
  live('bob', bob)
  patch()
  for (const { frames } of viewers) frames.length = 0
  patch()
  expect([ann.frames.length, bob.frames.length]).toEqual([0, 0])
  first.body.state = 7
  patch()
  expect([ann.frames.length, bob.frames.length]).toEqual([1, 0])
  expect(ownOf(ann)).toMatchObject({ game: { wood: 7, tools: { axe: 7 } } })
  weather.rain = true
  patch()
  expect([ann.sees.game, bob.sees.game]).toEqual([{ rain: true }, { rain: true }])
  people.delete('bob')
  viewers.pop()
  patch()
  expect(Object.keys(ann.sees.roster)).toEqual(['100'])
  expect(ann.sees.info.population).toBe(1)
})

it('a client on standby sees the room, is not in the roster, and gets its own character when it goes live', () => {
  const ann = join('ann')
  live('ann', ann)
  patch()
  const bob = join('bob')
  patch()
  expect(Object.keys(bob.sees.roster)).toEqual(['100'])
  expect(bob.sees.own).toBeUndefined()
  live('bob', bob)
  patch()
  expect(Object.keys(ann.sees.roster)).toEqual(['100', '101'])
  expect(ownOf(bob)).toMatchObject({ character: 'bob', game: { wood: 1 } })
})

it('a client that takes over a body gets all of its own character, and the first client nothing more', () => {
  const first = join('ann')
  const person = live('ann', first)
  patch()
  const second = join('ann')
  person.connection = second.connection
  first.frames.length = 0
  person.body.state = 3
  patch()
  expect(ownOf(second)).toMatchObject({ character: 'ann', name: 'Name of ann', game: { wood: 3, tools: { axe: 3 } } })
  expect(first.frames).toEqual([])
})

it('V1, V2: friends and party members in the copy who show themselves to the player are in the own roster, and nobody else receives it', () => {
  const [ann, bob] = [join('ann'), join('bob')]
  live('ann', ann, { presence: 'nobody', friends: ['bob', 'cid', 'dan', 'eve'], partyMembers: ['ann', 'fay'] })
  live('bob', bob, { presence: 'friends', friends: ['ann'] })
  live('cid', undefined, { presence: 'nobody', friends: ['ann'] })
  live('dan', undefined, { presence: 'friends', friends: ['ann'], blocked: ['ann'] })
  live('fay', undefined, { presence: 'nobody', partyMembers: ['ann', 'fay'], blocked: ['ann'] })
  patch()
  expect(ann.sees.roster).toEqual({})
  expect(ownOf(ann)).toMatchObject({ roster: { '101': { name: 'Name of bob' }, '104': { name: 'Name of fay' } } })
  expect(Object.keys((ownOf(ann) as { roster: object }).roster)).toEqual(['101', '104'])
  expect(ownOf(bob)).toMatchObject({ roster: {} })
  people.delete('bob')
  viewers.pop()
  patch()
  expect(Object.keys((ownOf(ann) as { roster: object }).roster)).toEqual(['104'])
})

it('a character is not in the roster before its profile was read, nor when it shows its presence to friends only or to nobody', () => {
  const ann = join('ann')
  live('ann', ann, { presence: 'friends' })
  const unread = live('bob', undefined)
  delete unread.audience
  live('cid', undefined)
  patch()
  expect(Object.keys(ann.sees.roster)).toEqual(['102'])
  expect(ownOf(ann)).toMatchObject({ character: 'ann' })
})

it('two characters with a block are in the roster only while the other’s client is not in the copy, not even at its arrival', () => {
  const ann = join('ann')
  live('ann', ann, { blocked: ['bob'] })
  patch()
  expect(Object.keys(ann.sees.roster)).toEqual(['100'])
  const bob = join('bob')
  expect(bob.sees.roster).toEqual({})
  live('bob', bob, { blocked: ['ann'] })
  patch()
  expect([bob.sees.roster, ann.sees.roster]).toEqual([{}, {}])
  viewers.pop()
  people.delete('bob')
  patch()
  expect(Object.keys(ann.sees.roster)).toEqual(['100'])
})

it('a frame keeps its bytes while later patches are encoded: a slow client may still have it in a queue', () => {
  const ann = join('ann')
  live('ann', ann)
  patch()
  const kept = ann.frames.map((frame) => [frame, frame.slice()])
  weather.rain = true
  live('bob', undefined)
  patch()
  serializer.getFullState()
  for (const [frame, bytes] of kept) expect(frame).toEqual(bytes)
})

it('a change of the game’s part for everybody that a hook makes while it describes one character is not lost', () => {
  const ann = join('ann')
  const person = live('ann', ann)
  patch()
  Object.defineProperty(person.body, 'state', {
    get() {
      weather.rain = true
      return 9
    },
  })
  patch()
  expect(ann.sees.game).toEqual({ rain: true })
})
