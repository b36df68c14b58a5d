import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, expect, it } from 'vitest'
import { DAY_MS, VirtualClock } from '../../model/clock.ts'
import { limits } from '../../model/economy.ts'
import { StrataError } from '../../model/errors.ts'
import type { CharacterId } from '../../model/ids.ts'
import { DecisionWriter } from '../../store/decisions/decisionWriter.ts'
import { faultsOf, noFaults } from '../economy/auditFaults.ts'
import { makeCharacter } from '../people.ts'
import { storeOfFile } from '../storeOfFile.ts'

/*
 * A month of hostile use, scaled down: 3 characters do about 50 acts each on each of 30 days, 4,500 in all, in virtual time. Then 100 quiet days pass. The tables of
 * the log (`transactions`, `postings`, `item_moves`) keep every accepted act on purpose; what a player may add to them is bounded by the quotas and the limits per session.
 */
const ATTACKERS = 3
const DAYS = 30
const QUIET_DAYS = 100
/** `decisions.keep` of the policy, in days. */
const KEEP_DAYS = 7
const A_DAY = {
  letters: 4,
  paidLetters: 3,
  refusals: 10,
  auctions: 2,
  trades: 1,
  guilds: 2,
  invitations: 2,
  enterings: 20,
  bursts: 2,
  instances: 2,
  locks: 2,
  parties: 2,
}

const clock = new VirtualClock(Date.UTC(2030, 0, 1))
const { store, url } = await storeOfFile({ clock })
const client = new pg.Client({ connectionString: url })
await client.connect()
afterAll(() => client.end())

const swept = [
  'requests',
  'mails',
  'auctions',
  'trades',
  'guilds',
  'guild_invitations',
  'party_invitations',
  'decisions',
  'locks',
  'instance_openings',
] as const
const watched = [...swept, 'accounts'] as const
type Rows = Record<(typeof watched)[number], number>

async function rowsOf(): Promise<Rows> {
  const counts = watched.map((table) => `(SELECT count(*)::int FROM ${table}) AS ${table}`)
  const { rows } = await client.query<Rows>(`SELECT ${counts.join(', ')}`)
  if (rows[0] === undefined) throw new Error('no counts')
  return rows[0]
}

/** Answers of this attacker's requests: the accepted ones, by what they were. */
let accepted = 0
const request = (actor: string) => ({ actor, key: randomUUID() })
async function attempt<T>(act: () => Promise<T>): Promise<T | undefined> {
  try {
    const answer = await act()
    accepted += 1
    return answer
  } catch (error) {
    if (error instanceof StrataError && error.row.status < 500) return undefined
    throw error
  }
}

/** The sweeps of production, as often as a day passes here: `EconomySweeper` runs every 2 s, `Maintenance` every 10 min. */
async function sweepAll(): Promise<void> {
  await store.economy.sweep()
  await store.forgetRecords(clock.now())
  await store.forgetDecisions(clock.now() - KEEP_DAYS * DAY_MS)
}

async function hostileDay(me: CharacterId, others: readonly CharacterId[], day: number): Promise<void> {
  const { economy, social } = store
  const { epoch } = await store.claim(me, { copy: 'copy-1', server: 'server-1' })
  const to = others[day % others.length] ?? ''
  for (let n = 0; n < A_DAY.letters; n++) {
    const sent = await attempt(() => economy.sendMail(request(me), me, { to, subject: 'x', body: 'x'.repeat(500) }))
    if (sent !== undefined && n % 2 === 0) await attempt(() => economy.deleteMail(request(to), to, sent.mail))
  }
  for (let n = 0; n < A_DAY.paidLetters; n++) {
    const sent = await attempt(() => economy.sendMail(request(me), me, { to, subject: 'x', money: 1 }))
    if (sent !== undefined && n > 0) await attempt(() => economy.takeMail(request(to), to, sent.mail))
    if (sent !== undefined && n > 1) await attempt(() => economy.deleteMail(request(to), to, sent.mail))
  }
  for (let n = 0; n < A_DAY.refusals; n++) await attempt(() => economy.use(request(me), { character: me, items: [`no item ${n}`], reason: 'x' }))
  for (let n = 0; n < A_DAY.auctions; n++) {
    const [item] = (await economy.holdings(me)).items
    if (item === undefined) break
    const listed = await attempt(() => economy.listAuction(request(me), me, { items: [item.id], startPrice: 1, durationMs: 3_600_000 }))
    if (listed === undefined) continue
    const cancelled = await attempt(() => economy.cancelAuction(request(me), me, listed.auction))
    if (cancelled !== undefined) await attempt(() => economy.takeMail(request(me), me, cancelled.mail))
  }
  for (let n = 0; n < A_DAY.trades; n++) {
    const partner = await makeCharacter(store, { name: `Partner of ${me}` })
    const other = await store.claim(partner.character, { copy: 'copy-1', server: 'server-1' })
    const sides = [
      { character: me, epoch },
      { character: partner.character, epoch: other.epoch },
    ] as const
    const opened = await attempt(() => economy.openTrade(request('server:1'), 'copy-1', sides))
    if (opened !== undefined) await attempt(() => economy.cancelTrade(request('server:1'), opened.trade, 'x'))
  }
  for (let n = 0; n < A_DAY.guilds; n++) await attempt(() => economy.foundGuild(me, `Guild ${me} ${day} ${n}`))
  for (let n = 0; n < A_DAY.invitations; n++) await attempt(() => economy.inviteToGuild(me, others[n % others.length] ?? ''))
  if (day % 2 === 0) await attempt(() => economy.leaveGuild(me))
  for (let n = 0; n < A_DAY.parties; n++) {
    await social.createParty(randomUUID(), me)
    await attempt(() => social.invite(me, to, { size: 5, now: clock.now(), expiresAt: clock.now() + 60_000 }))
  }
  for (let n = 0; n < A_DAY.locks; n++)
    await store.takeLocks({ key: `chest:${day}:${n}`, until: clock.now() + DAY_MS / 2, deed: randomUUID() }, [{ character: me, epoch }], clock.now())
  for (let n = 0; n < A_DAY.instances; n++)
    await store.countInstance({ map: 'cave', party: randomUUID(), members: [me], perHour: 5, pendingMs: 1, now: clock.now() + n * 10 })
}

/** Each attacker asks to enter again and again, in some bursts of seconds. */
async function hostileEnterings(attackers: readonly CharacterId[]): Promise<void> {
  await using writer = new DecisionWriter({ store })
  for (let burst = 0; burst < A_DAY.bursts; burst++)
    for (let n = 0; n < A_DAY.enterings / A_DAY.bursts; n++)
      for (const me of attackers) {
        const at = clock.now() + burst * 3_600_000 + n * 200
        const why = { reason: `asked to enter; occupancy 0.${n}`, policyVersion: 'v1', candidates: [], inputs: { protocol: 1 } }
        writer.add({ id: randomUUID(), at, kind: 'place', map: 'forest', copy: 'forest-1', characters: [me], ...why })
      }
}

it('X1: a month of hostile use stays bounded, and 100 days later nothing of it is left but the log', { timeout: 240_000 }, async () => {
  const attackers: CharacterId[] = []
  for (let n = 0; n < ATTACKERS; n++) {
    const { character } = await makeCharacter(store, { name: `Attacker ${n}` })
    attackers.push(character)
    await store.economy.grant(request('test'), { character, money: 10_000, items: ['stone', 'stone'], reason: 'test' })
  }
  const { character: founder } = await makeCharacter(store, { name: 'Founder' })
  await store.economy.foundGuild(founder, 'A guild that stays')
  for (const me of attackers) await store.economy.inviteToGuild(founder, me)
  const before = await rowsOf()
  for (let day = 0; day < DAYS; day++) {
    await Promise.all(
      attackers.map((me) =>
        hostileDay(
          me,
          attackers.filter((other) => other !== me),
          day,
        ),
      ),
    )
    await hostileEnterings(attackers)
    clock.advance(DAY_MS)
    await sweepAll()
  }
  const after = await rowsOf()
  const { letters, paidLetters, refusals, auctions, invitations, bursts } = A_DAY
  const days = ATTACKERS * DAYS
  const bounds: Rows = {
    // The accepted ones, and the refusals of one day: those of earlier days are gone.
    requests: accepted + ATTACKERS * 2 * refusals,
    // Deleted letters without attachments are gone at once; a mailbox holds `limits.mailbox`; others stay until they can no longer be undone.
    mails: days * (letters / 2 + paidLetters + auctions),
    auctions: days * auctions,
    trades: days * A_DAY.trades,
    // At most three in seven days by each founder, of which one has a member; an empty one is gone after 14 days.
    guilds: 1 + ATTACKERS * (3 * limits.guildsFounded + 1),
    guild_invitations: ATTACKERS * 7 * invitations,
    party_invitations: ATTACKERS * A_DAY.parties,
    decisions: ATTACKERS * bursts * (KEEP_DAYS + 1),
    locks: ATTACKERS * A_DAY.locks,
    instance_openings: ATTACKERS * 2 * A_DAY.instances,
    // An escrow for each letter with attachments and each auction that is left; a bank for each guild that had one.
    accounts: before.accounts + days * (paidLetters + 2 * auctions + 2 * A_DAY.trades),
  }
  const above = watched.filter((table) => after[table] > bounds[table]).map((table) => `${table}: ${after[table]} rows, at most ${bounds[table]} expected`)
  expect(above).toEqual([])
  expect(accepted).toBeGreaterThan(days * 15)

  for (const me of attackers) await store.economy.leaveGuild(me).catch(() => undefined)
  for (let day = 0; day < QUIET_DAYS; day += 5) {
    clock.advance(5 * DAY_MS)
    await sweepAll()
  }
  const left = await rowsOf()
  // A letter with a coin that nobody took came back to its writer, and waits there.
  const { rows } = await client.query<{ waiting: number; strange: number }>(
    `SELECT count(*)::int AS waiting, count(*) FILTER (WHERE NOT (state = 'full' AND returned))::int AS strange FROM mails`,
  )
  expect(rows[0]?.strange).toBe(0)
  expect(rows[0]?.waiting).toBeLessThanOrEqual(ATTACKERS * limits.untakenLetters)
  // Each partner of a trade has a bag now.
  const empty = Object.fromEntries(swept.map((table) => [table, 0]))
  expect(left).toEqual({
    ...empty,
    guilds: 1,
    mails: rows[0]?.waiting,
    requests: expect.any(Number),
    accounts: before.accounts + ATTACKERS + (rows[0]?.waiting ?? 0),
  })
  // The keys of the keeper: one for each letter that it returned, until they are old enough.
  expect(left.requests).toBeLessThanOrEqual(ATTACKERS * limits.untakenLetters)
  expect(faultsOf(await store.economy.audit())).toEqual(noFaults)
})
