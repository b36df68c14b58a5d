import { randomUUID } from 'node:crypto'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { CensusReplica } from '../../directory/censusReplica.ts'
import { composeParts } from '../../matchmaker/composeParts.ts'
import { ban } from '../../matchmaker/moderation/sanctions.ts'
import type { Parts } from '../../matchmaker/parts.ts'
import type { Copy } from '../../model/copy.ts'
import { catalogue } from '../../model/errors.ts'
import type { SeatHolder } from '../../model/seat.ts'
import { createLogger } from '../../service/log.ts'
import { enterAs, policyNamed } from '../matchmaker/realm.ts'
import { Player } from './harness/player.ts'
import { Servers, until } from './harness/servers.ts'

const stack = new AsyncDisposableStack()
let servers: Servers
let forest: Copy & { state: 'open' }
let parts: Parts

beforeAll(async () => {
  servers = stack.use(await Servers.start())
  forest = await servers.open('forest', 'forest-1', await servers.server())
  const { directory, store, key: ticket } = servers
  const clock = { now: Date.now }
  const replica = stack.use(await CensusReplica.follow(directory, clock))
  const policies = new Map([['forest', policyNamed('forest', { capacity: { soft: 40, hard: 50, company: 8 } })]])
  const composed = composeParts({
    directory,
    store,
    replica,
    registry: new Registry(),
    policies: () => policies,
    clock,
    newId: randomUUID,
    keys: { ticket, ticketPublic: [] },
    record: () => undefined,
    log: createLogger('test', 'silent'),
  })
  parts = stack.use(composed)
})
afterAll(() => stack.disposeAsync())

async function playing(name: string): Promise<{ holder: SeatHolder; player: Player; ticket: string }> {
  const holder = await servers.holder(name)
  await until('the copy is listed', async () => (await servers.directory.snapshot('forest')).copies.length > 0)
  const player = await servers.enter(holder, forest)
  await until('presence', async () => (await servers.directory.presence([holder.character])).has(holder.character))
  // The server reads the profile once after the login; the ban has to come later.
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  return { holder, player, ticket: await servers.ticket(holder, forest) }
}
const act = (player: string) => ban({ parts, accounts: servers.store.accounts }, { actor: 'moderator', player, reason: 'cheating' })

/** Nobody of the account is live, and neither a ticket of before nor a new request leads back. */
async function isOut({ holder, player, ticket }: Awaited<ReturnType<typeof playing>>, withinMs: number, since: number): Promise<void> {
  await player.until('is closed', () => player.closed !== undefined)
  expect(performance.now() - since).toBeLessThan(withinMs)
  expect(player.closed).toBe(catalogue.ACCOUNT_BANNED.close)
  await expect(enterAs(parts, holder)).rejects.toMatchObject({ code: 'ACCOUNT_BANNED' })
  await Player.join(forest.address, forest.id, ticket).then(
    (again) => again.until('is closed again', () => again.closed === catalogue.ACCOUNT_BANNED.close),
    (error: Error) => expect(error.message).toMatch(/^SEAT_EXPIRED/),
  )
  await until('no presence', async () => (await servers.directory.presence([holder.character])).size === 0)
}

it('S6, D1: a ban survives the directory being emptied right after it: the session ends within a second, and the account cannot enter', async () => {
  const rude = await playing('Rude Rita')
  const bystander = await playing('Quiet Quin')
  const began = performance.now()
  await act('Rude Rita')
  await servers.emptyDirectory()
  await isOut(rude, 1_000, began)
  expect(bystander.player.closed).toBeUndefined()
  await bystander.player.room.leave()
})

it('S6, D1: a ban while the directory is empty ends the session as soon as its server has restored the copy', async () => {
  const rude = await playing('Rude Rolf')
  await servers.emptyDirectory()
  const began = performance.now()
  expect(await act('Rude Rolf')).toMatchObject({ ended: 0 })
  // The server notices the loss in its next round, at most a second later.
  await isOut(rude, 2_000, began)
})
