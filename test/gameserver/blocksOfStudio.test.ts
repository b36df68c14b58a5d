import { Registry } from 'prom-client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { CensusReplica } from '../../directory/censusReplica.ts'
import { composeParts } from '../../matchmaker/composeParts.ts'
import { ProfileSync } from '../../matchmaker/profiles/profileSync.ts'
import type { Copy } from '../../model/copy.ts'
import type { SeatHolder } from '../../model/seat.ts'
import type { ChatEvent } from '../../model/wire/chat.ts'
import { control } from '../../model/wire/room.ts'
import { createLogger } from '../../service/log.ts'
import { policyNamed } from '../matchmaker/realm.ts'
import type { Player } from './harness/player.ts'
import { Servers } from './harness/servers.ts'

let servers: Servers
let forest: Copy & { state: 'open' }
const matchmaker = new AsyncDisposableStack()
beforeAll(async () => {
  servers = await Servers.start()
  forest = await servers.open('forest', 'forest-1', await servers.server())
  const clock = { now: Date.now }
  const replica = matchmaker.use(await CensusReplica.follow(servers.directory, clock))
  const parts = matchmaker.use(
    composeParts({
      directory: servers.directory,
      store: servers.store,
      replica,
      registry: new Registry(),
      policies: () => new Map([['forest', policyNamed('forest')]]),
      clock,
      newId: () => 'not used',
      keys: { ticket: servers.key, ticketPublic: [] },
      record: () => undefined,
      log: createLogger('test', 'silent'),
    }),
  )
  matchmaker.use(new ProfileSync(parts, servers.store.social))
}, 60_000)
afterAll(async () => {
  await matchmaker.disposeAsync()
  await servers[Symbol.asyncDispose]()
})

const heard = ({ messages }: Player): string[] => messages.filter(({ type }) => type === control.chat).map(({ data }) => (data as ChatEvent).text)
let count = 0
const say = (player: Player, text: string): void => player.room.send(control.say, { id: `test:${++count}`, channel: 'map', text })

/** Enters two players and a witness who hears both. */
async function two(prefix: string): Promise<{ holders: [SeatHolder, SeatHolder]; players: [Player, Player]; witness: Player }> {
  const holders: [SeatHolder, SeatHolder] = [await servers.holder(`${prefix} Ann`), await servers.holder(`${prefix} Ben`)]
  const players: [Player, Player] = [await servers.enter(holders[0], forest), await servers.enter(holders[1], forest)]
  const witness = await servers.enter(await servers.holder(`${prefix} Wit`), forest)
  for (const [n, player] of players.entries()) {
    say(player, `${prefix} before ${n}`)
    for (const other of [...players, witness]) await other.until('hears it', () => heard(other).includes(`${prefix} before ${n}`))
  }
  return { holders, players, witness }
}

const ways: Record<string, (character: string, other: string, remove: boolean) => Promise<unknown>> = {
  player: (character, other, remove) => (remove ? servers.store.social.unblock(character, other) : servers.store.social.block(character, other)),
  studio: (character, blocked, remove) => servers.store.studio.apply([{ kind: 'block', character, blocked, remove }]),
}
for (const [whose, change] of Object.entries(ways)) {
  it(`T2, S6: a block of a ${whose} hides the chat of a group that is in the world within a second, and its end shows it again`, async () => {
    const { holders, players, witness } = await two(whose)
    const [ann, ben] = holders.map(({ character }) => character) as [string, string]
    for (const remove of [false, true]) {
      await change(ann, ben, remove)
      await new Promise((resolve) => setTimeout(resolve, 1_000)) // the time that it may take
      for (const [n, player] of players.entries()) {
        const text = `${whose} ${remove ? 'after' : 'during'} ${n}`
        say(player, text)
        await witness.until('hears it', () => heard(witness).includes(text))
        const other = players[1 - n] as Player
        // A message of the witness arrives after it.
        say(witness, `${text} of the witness`)
        await other.until('hears the witness', () => heard(other).includes(`${text} of the witness`))
        expect(heard(other).includes(text)).toBe(remove)
      }
    }
    await Promise.all([...players, witness].map(({ room }) => room.leave()))
  })
}
