import { setTimeout as pause } from 'node:timers/promises'
import { SignJWT } from 'jose'
import { expect, it } from 'vitest'
import type { RoomListeners } from '../../../client/room/roomLink.ts'
import { StrataClient } from '../../../client/strataClient.ts'
import { promoteHead } from '../../../matchmaker/queue/promotions.ts'
import type { LineAnswer } from '../../../model/wire/matchmaker.ts'
import { control, type LiveMessage } from '../../../model/wire/room.ts'
import { storeOfFile } from '../../storeOfFile.ts'
import { policyNamed, Realm } from '../realm.ts'
import { served } from '../served.ts'

const database = await storeOfFile()

/** Life of a session in these tests, in seconds of the virtual clock. */
const SESSION_S = 60

/** A matchmaker on loopback, whose sessions live for 60 s of virtual time, and players who use the SDK. The rooms are stood in for. */
async function world(prefix: string, hard: number) {
  const stack = new AsyncDisposableStack()
  const capacity = { soft: hard, hard, company: 0 }
  const realm = stack.use(await Realm.create(database.store, policyNamed('forest', { capacity }), policyNamed('hills')))
  await realm.open('forest-1')
  await realm.open('hills-1', 'hills')
  const { app, sessions } = stack.use(await served(realm, { longPollMs: 200 }))
  const matchmaker = await app.listen({ host: '127.0.0.1', port: 0 })
  const { key, kid } = sessions.mayIssue()
  const player = async (name: string) => {
    const profile = await realm.person(`${prefix} ${name}`)
    const issued: string[] = []
    const faults: Error[] = []
    const links: RoomListeners[] = []
    const session = async (): Promise<string> => {
      const fault = faults.pop()
      if (fault !== undefined) throw fault
      const now = Math.floor(realm.clock.now() / 1000)
      const token = new SignJWT().setProtectedHeader({ alg: 'EdDSA', kid }).setSubject(profile.account).setAudience('strata:session')
      issued.push(
        await token
          .setIssuedAt(now)
          .setExpirationTime(now + SESSION_S)
          .sign(key),
      )
      return issued.at(-1) ?? ''
    }
    const client = new StrataClient({
      matchmaker,
      session,
      connect: async ({ copy }) => {
        await realm.take('forest', copy, profile.character)
        const live: LiveMessage = { map: 'forest', copy, server: 's1', entity: profile.entity, epoch: 1, lastInput: 0, tickRate: 20, self: {} }
        return {
          send: () => undefined,
          leave: async () => undefined,
          listen: (listeners) => {
            links.push(listeners)
            listeners.message(control.live, live)
          },
        }
      },
    })
    return { profile, client, issued, faults, links }
  }
  /** Lets 70 s pass, in steps that a place in line survives. */
  const pass70s = async () => {
    for (let second = 0; second < 70; second += 5) {
      realm.clock.advance(5_000)
      await pause(60)
    }
  }
  return { realm, player, pass70s, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

it('Q2: a place in line outlives the session, also while the game cannot renew it at once', { timeout: 60_000 }, async () => {
  await using w = await world('Line', 1)
  const [first, waiting] = [await w.player('First'), await w.player('Waiting')]
  const inside = await first.client.enter({ map: 'forest' })
  const lines: LineAnswer[] = []
  const entering = waiting.client.enter({ map: 'forest' }, { onLine: (line) => lines.push(line) })
  entering.catch(() => undefined)
  await expect.poll(() => lines.length).toBeGreaterThan(0)
  const [before] = await w.realm.directory.lineHead('forest', 1, w.realm.clock.now())
  waiting.faults.push(new Error('the identity provider does not answer'))
  await w.pass70s()
  await expect.poll(() => waiting.issued.length, { timeout: 10_000 }).toBe(2)
  const [after] = await w.realm.directory.lineHead('forest', 1, w.realm.clock.now())
  expect(after).toMatchObject({ id: before?.id, arrived: before?.arrived })
  await w.realm.directory.freeSeat('forest', 'forest-1', first.profile.character)
  const poll = setInterval(() => w.realm.clock.advance(200), 100)
  await promoteHead(w.realm.matchmaker(), 'forest')
  const entered = await entering.finally(() => clearInterval(poll))
  expect(entered.copy).toBe('forest-1')
  await Promise.all([inside.leave(), entered.leave()])
})

it('a player whose server dies after the session has expired comes back to the kept seat', { timeout: 60_000 }, async () => {
  await using w = await world('Server', 2)
  const player = await w.player('Player')
  const inside = await player.client.enter({ map: 'forest' })
  const reconnected = Promise.withResolvers<unknown>()
  inside.on('reconnected', reconnected.resolve)
  inside.on('closed', ({ error }) => reconnected.reject(error))
  await w.pass70s()
  player.faults.push(new Error('the identity provider does not answer'))
  player.links[0]?.closed(1006)
  await reconnected.promise
  expect(inside.copy).toBe('forest-1')
  expect(player.issued).toHaveLength(2)
  expect(w.realm.seats()['forest-1']).toEqual([player.profile.name])
  await inside.leave()
})

it('a player travels after the session has expired, and many calls at once renew it once', { timeout: 60_000 }, async () => {
  await using w = await world('Travel', 2)
  const player = await w.player('Player')
  const inside = await player.client.enter({ map: 'forest' })
  await w.pass70s()
  await Promise.all(Array.from({ length: 5 }, () => player.client.friends.list()))
  expect(player.issued).toHaveLength(2)
  await w.pass70s()
  const travel = inside.travel({ map: 'hills' })
  travel.catch(() => undefined)
  await expect.poll(async () => (await w.realm.directory.movesFor('s1')).length, { timeout: 20_000 }).toBe(1)
  expect(player.issued).toHaveLength(3)
  await inside.leave()
})
