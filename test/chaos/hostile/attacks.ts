import { setTimeout as pause } from 'node:timers/promises'
import type { Random } from '../../../model/random.ts'
import type { SeatAnswer } from '../../../model/wire/matchmaker.ts'
import { control } from '../../../model/wire/room.ts'
import { Player } from '../../gameserver/harness/player.ts'
import { maskedFrame, RawClient } from '../../gameserver/harness/rawClient.ts'
import type { HostileAccount } from './account.ts'
import type { Reply } from './caller.ts'

export interface Battlefield {
  account: HostileAccount
  orchestrator: string
  /** Names of maps. */
  maps: readonly string[]
  random: Random
  signal: AbortSignal
}

/** The result of one attack: a label that is counted. A label that begins with `!` is a hole. */
type Outcome = string

export interface Attack {
  /** Row of the table of holes that it uses. */
  row: number
  run(field: Battlefield): Promise<Outcome>
}

/** Time after which a server must have cut off a client that does not confirm, does not read, or sends nothing, in ms: its limits with a margin for a paused process. */
const CUT_OFF_MS = 20_000
/** Longest an attack plays, in ms. */
const PLAY_MS = 5_000
const FRAMES_PER_SECOND = 60

/** The attacks by name. Those of the table that need a process of the cluster (wrong clocks, stolen rights, a failover) are no client's, and have tests of their own. */
export const attacks: Record<string, Attack> = {
  'never confirms its join': {
    row: 1,
    run: async (field) => {
      const client = await rawJoin(field)
      return client === undefined ? 'no seat' : cutOff(client, field)
    },
  },
  'confirms and never reads': {
    row: 1,
    run: async (field) => {
      const client = await rawJoin(field)
      if (client === undefined) return 'no seat'
      await Promise.race([client.confirm(), pause(PLAY_MS)])
      client.socket.pause()
      await stopped(field, PLAY_MS)
      client.socket.destroy()
      return 'left'
    },
  },
  'reads its guild as fast as it can': { row: 2, run: (field) => many(field, () => field.account.ask('GET', '/v1/guild')) },
  'sends requests without a session, with invented addresses': {
    row: 5,
    run: (field) =>
      many(field, () => {
        const address = `10.${byte(field)}.${byte(field)}.${byte(field)}`
        return field.account.caller.ask(
          'POST',
          `${field.account.matchmaker}/v1/enter`,
          { 'x-forwarded-for': address, authorization: 'Bearer x.y.z' },
          { map: 'x' },
        )
      }),
  },
  'enters elsewhere again and again while it is live': {
    row: 6,
    run: async (field) => {
      const players: Player[] = []
      let entered = 0
      for (let turn = 0; turn < 6 && !field.signal.aborted; turn++) {
        const seat = await field.account.seat(mapOf(field))
        const player = seat && (await joined(seat))
        if (player === undefined) continue
        players.push(player)
        entered++
        player.room.send(control.input, { seq: turn + 1, data: { dx: 1, dy: 0 } })
        await pause(200)
      }
      // Only the last session may be live.
      await pause(PLAY_MS)
      const live = players.filter(({ closed }) => closed === undefined).length
      for (const player of players) player.room.connection.close()
      return live > 1 ? `!live in ${live} sessions` : entered === 0 ? 'no seat' : 'one session stays'
    },
  },
  'floods, and ignores its disconnection': {
    row: 7,
    run: async (field) => {
      const client = await rawJoin(field)
      if (client === undefined) return 'no seat'
      await Promise.race([client.confirm(), pause(PLAY_MS)])
      const flood = Buffer.concat(Array.from({ length: 2_000 }, () => maskedFrame(new Uint8Array([17, 0xa1, 0x78, 1]))))
      const until = performance.now() + CUT_OFF_MS
      while (client.closedAt === undefined && performance.now() < until && !field.signal.aborted) {
        client.socket.write(flood)
        await pause(20)
      }
      return ended(client, field)
    },
  },
  'shows one ticket fifty times': {
    row: 8,
    run: async (field) => {
      const seat = await field.account.seat(mapOf(field))
      if (seat === undefined) return 'no seat'
      const url = `${seat.address.replace('ws', 'http')}/matchmake/joinById/${seat.copy}`
      const answers = await Promise.all(Array.from({ length: 50 }, () => field.account.caller.ask('POST', url, {}, { ticket: seat.ticket })))
      const admitted = answers.filter(({ status }) => status === 200).length
      return admitted > 1 ? `!one ticket made ${admitted} reservations` : 'at most one reservation'
    },
  },
  'opens a hundred sockets that send nothing or little': {
    row: 8,
    run: async (field) => {
      const seat = await field.account.seat(mapOf(field))
      if (seat === undefined) return 'no seat'
      const clients = Array.from({ length: 100 }, () => RawClient.open(seat.address, field.account.caller.localAddress))
      for (const { socket } of clients.slice(0, 50)) socket.write('GET / HTTP/1.1\r\n')
      const until = performance.now() + CUT_OFF_MS
      while (clients.some(({ closedAt }) => closedAt === undefined) && performance.now() < until && !field.signal.aborted) {
        for (const { socket } of clients.slice(0, 25)) if (socket.writable) socket.write('x: y\r\n')
        await pause(500)
      }
      const open = clients.filter(({ closedAt }) => closedAt === undefined).length
      for (const { socket } of clients) socket.destroy()
      return open > 0 && !field.signal.aborted ? `!${open} idle sockets stay open` : 'all sockets were closed'
    },
  },
  'never says that it has arrived': {
    row: 9,
    run: async (field) => {
      const player = await live(field)
      if (player === undefined) return 'no seat'
      const { map: here } = await player.live()
      const { status } = await field.account.ask('POST', '/v1/travel', { map: field.maps.find((map) => map !== here) ?? here })
      await stopped(field, PLAY_MS)
      player.room.connection.close()
      return `travel ${status}`
    },
  },
  'fills tables: entries, letters, guilds, requests': {
    row: 10,
    run: (field) => {
      let key = 0
      const keyed = (): Record<string, string> => ({ 'idempotency-key': `${field.account.name.replaceAll(' ', '-')}-${Date.now()}-${key++}` })
      const acts = [
        () => field.account.ask('POST', '/v1/enter', { map: mapOf(field) }),
        () => field.account.ask('POST', '/v1/mail', { to: field.account.character, subject: 'x', body: 'x'.repeat(1_000) }, keyed()),
        () => field.account.ask('POST', '/v1/guild', { name: `G ${letters(field)}` }, keyed()),
        () => field.account.ask('DELETE', '/v1/guild', undefined, keyed()),
        () => field.account.ask('POST', '/v1/party'),
        () => field.account.ask('POST', '/v1/friends/requests', { character: 'Ada 1' }),
      ]
      return many(field, () => acts[Math.floor(field.random() * acts.length)]?.() ?? Promise.resolve({ status: 0, body: '' }))
    },
  },
  'sends sixty messages a second of all types': {
    row: 11,
    run: async (field) => {
      const player = await live(field)
      if (player === undefined) return 'no seat'
      const until = performance.now() + PLAY_MS
      for (let count = 1; performance.now() < until && player.closed === undefined && !field.signal.aborted; count++) {
        if (count % 3 === 0) player.room.send('chat', { text: 'x'.repeat(100) })
        else if (count % 3 === 1) player.room.send(control.say, { id: `h:${count}`, channel: 'map', text: 'x'.repeat(200) })
        else player.room.send('gather', { node: 1 })
        await pause(1_000 / FRAMES_PER_SECOND)
      }
      const { closed } = player
      player.room.connection.close()
      return closed === undefined ? 'stayed within the limits' : `cut off with ${closed}`
    },
  },
  'asks for what only operators may, and sends what no table can store': {
    row: 12,
    run: async (field) => {
      const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
      const unsigned = `${encoded({ alg: 'none' })}.${encoded({ sub: 'admin', aud: 'strata:service', scope: 'operator moderation' })}.`
      const { account, orchestrator } = field
      const asked: [string, string, Record<string, string>, unknown?][] = []
      for (const token of ['', account.session, unsigned]) {
        const headers = { authorization: `Bearer ${token}` }
        asked.push(
          ['GET', `${orchestrator}/v1/decisions?map=forest`, headers],
          ['POST', `${orchestrator}/v1/drain`, headers, { server: 'any' }],
          ['POST', `${account.matchmaker}/v1/moderation/ban`, headers, { account: 'Ada 1', reason: 'x' }],
          ['GET', `${account.matchmaker}/v1/audit`, headers],
          ['POST', `${account.matchmaker}/v1/studio/import`, headers, {}],
        )
      }
      const broken = await account.ask('POST', '/v1/guild/invite', { character: '\0' }, { 'idempotency-key': 'x' })
      if (/duplicate key|syntax error|invalid byte|relation "/.test(broken.body)) return '!a message of the database'
      for (const [method, url, headers, body] of asked) {
        const { status } = await account.caller.ask(method, url, headers, body)
        if (status >= 200 && status < 300) return `!${method} ${new URL(url).pathname} was admitted`
      }
      return 'refused'
    },
  },
}

const byte = ({ random }: Battlefield): number => Math.floor(random() * 256)
const letters = ({ random }: Battlefield): string => Array.from({ length: 8 }, () => 'abcdefghijklmnop'[Math.floor(random() * 16)]).join('')
const mapOf = ({ maps, random }: Battlefield): string => maps[Math.floor(random() * maps.length)] ?? ''
const stopped = ({ signal }: Battlefield, ms: number): Promise<void> => pause(ms, undefined, { signal }).catch(() => undefined)

async function rawJoin(field: Battlefield): Promise<RawClient | undefined> {
  const { account } = field
  const seat = await account.seat(mapOf(field))
  if (seat === undefined) return undefined
  const url = `${seat.address.replace('ws', 'http')}/matchmake/joinById/${seat.copy}`
  const { status, body } = await account.caller.ask('POST', url, {}, { ticket: seat.ticket })
  if (status !== 200) return undefined
  const { sessionId, processId } = JSON.parse(body) as { sessionId: string; processId: string } // the reservation of Colyseus
  const client = RawClient.open(seat.address, account.caller.localAddress)
  client.upgrade(`/${processId}/${seat.copy}?sessionId=${sessionId}`)
  return client
}

/** Undefined when the server refuses, or does not answer in time. */
function joined({ address, copy, ticket }: SeatAnswer): Promise<Player | undefined> {
  const player = Player.join(address, copy, ticket).catch(() => undefined)
  return Promise.race([player, pause(PLAY_MS, undefined)])
}

async function live(field: Battlefield): Promise<Player | undefined> {
  const seat = await field.account.seat(mapOf(field))
  if (seat === undefined) return undefined
  const player = await joined(seat)
  return player?.live().then(
    () => player,
    () => undefined,
  )
}

/** Waits until the server has closed the socket. */
async function cutOff(client: RawClient, field: Battlefield): Promise<Outcome> {
  const until = performance.now() + CUT_OFF_MS
  while (client.closedAt === undefined && performance.now() < until && !field.signal.aborted) await pause(100)
  return ended(client, field)
}

function ended(client: RawClient, { signal }: Battlefield): Outcome {
  const open = client.closedAt === undefined
  client.socket.destroy()
  return open && !signal.aborted ? '!not cut off' : 'cut off'
}

/** Requests as fast as eight at a time allow. The outcome names the statuses; an unexpected error is a hole. */
async function many(field: Battlefield, ask: () => Promise<Reply>): Promise<Outcome> {
  const until = performance.now() + PLAY_MS
  const statuses = new Set<number>()
  let internal = ''
  const worker = async (): Promise<void> => {
    while (performance.now() < until && !field.signal.aborted) {
      const { status, body } = await ask()
      statuses.add(status)
      if (status === 500 && body.includes('"INTERNAL"')) internal = body
      // A dead process refuses connections at once.
      if (status === 0) await pause(100)
    }
  }
  await Promise.all(Array.from({ length: 8 }, worker))
  return internal === '' ? `statuses ${[...statuses].sort((a, b) => a - b).join(' ')}` : `!${internal.slice(0, 200)}`
}
