import { randomUUID } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import type { Clock } from '../model/clock.ts'
import { defined } from '../model/defined.ts'
import type { Accounts } from './accounts/accounts.ts'
import { type ConsoleAccounts, createConsoleAccounts } from './accounts/consoleAccounts.ts'
import { createAccounts } from './accounts/postgresAccounts.ts'
import * as claims from './claims.ts'
import { mapConnectionErrors, orAborted } from './database/connectionErrors.ts'
import { DEFAULT_POOL_SIZE, openDatabase, type Pooler, type StoreLog } from './database/database.ts'
import { tryLead } from './database/leadership.ts'
import { requireSchema } from './database/migrate.ts'
import * as decisions from './decisions/decisions.ts'
import type { Economy } from './economy/economy.ts'
import { createEconomy } from './economy/postgresEconomy.ts'
import * as gameServers from './gameServers.ts'
import * as people from './people/people.ts'
import { dayShapes, recordDayShapes } from './records/dayShapes.ts'
import { eventCrowds, recordEventCrowds } from './records/eventCrowds.ts'
import { forgetRecords } from './records/forgetRecords.ts'
import * as hops from './records/hops.ts'
import { countInstance } from './records/instances.ts'
import * as locks from './records/locks.ts'
import * as meetings from './records/meetings.ts'
import { createOperatorHolds, type OperatorHolds } from './records/operatorHolds.ts'
import { createRecordings, type Recordings } from './records/recordings.ts'
import { recordViolations, violations } from './records/violations.ts'
import { createSocial } from './social/postgresSocial.ts'
import type { Social } from './social/social.ts'
import type { SocialSource } from './source/socialSource.ts'
import { withRelations } from './source/withRelations.ts'
import type { SocialProfile, Store } from './store.ts'
import { createStudio } from './studio/postgresStudio.ts'
import type { Studio } from './studio/studio.ts'
import type { Tables } from './tables.ts'
import { createWebhooks } from './webhooks/postgresWebhooks.ts'
import type { Webhooks } from './webhooks/webhooks.ts'

export interface StoreOptions {
  url: string
  /** Most connections of all parts but the economy, which has half as many besides; further callers wait for a free one. */
  poolSize?: number
  /** Deadline of a statement on the server, in ms. Default: 5 s. */
  statementTimeoutMs?: number
  /** Opens all connections now and keeps them open, so that no player waits for a new connection. */
  warm?: boolean
  log?: StoreLog
  /** Secret of the game server that this process is (`registerServer`). */
  serverSecret?: string
  /** `transaction`: `url` leads to a pooler in transaction mode. */
  pooler?: Pooler
  /** Address of the database without the pooler, for what needs a session: leadership. Default: `url`. */
  directUrl?: string
  /** The studio's social graph: friends of profiles in place of those in the tables, and blocks besides those in the tables. */
  source?: SocialSource
  /** Clock of the economy. Default: the system clock. */
  clock?: Clock
}

/** Share of the connections that the economy has for itself, besides the others: a flood of trades or look-ups of guilds must not delay a placement or a save. */
const ECONOMY_SHARE = 0.5
/** Least connections of the economy: one that waits for a lock does not stop it. */
const LEAST_ECONOMY_CONNECTIONS = 2

/** The economy has a connection pool of its own; the other parts share one. */
export type PostgresStore = Store & {
  accounts: Accounts
  social: Social
  studio: Studio
  economy: Economy
  consoleAccounts: ConsoleAccounts
  operatorHolds: OperatorHolds
  recordings: Recordings
  webhooks: Webhooks
}

/** Opens the store on a PostgreSQL that `migrate` has prepared. Throws DEPENDENCY_DOWN, and SCHEMA_TOO_OLD while a migration is missing. */
export async function createStore(options: StoreOptions): Promise<PostgresStore> {
  await using stack = new AsyncDisposableStack()
  const database = stack.use(openDatabase<Tables>(options))
  const economyPoolSize = Math.max(LEAST_ECONOMY_CONNECTIONS, Math.floor((options.poolSize ?? DEFAULT_POOL_SIZE) * ECONOMY_SHARE))
  const forEconomy = stack.use(openDatabase<Tables>({ ...options, poolSize: economyPoolSize, warm: false }))
  const { db } = database
  await requireSchema(db as Kysely<unknown>) // it reads the table of the migrations only
  if (options.warm === true) await mapConnectionErrors(() => database.warmUp())
  const opened = stack.move()
  const { source } = options
  const related = async (profiles: SocialProfile[]): Promise<SocialProfile[]> => (source === undefined ? profiles : withRelations(db, source, profiles))
  return {
    accounts: createAccounts(db),
    consoleAccounts: createConsoleAccounts(db),
    operatorHolds: createOperatorHolds(db),
    recordings: createRecordings(db),
    social: createSocial(db, source),
    studio: createStudio(db, source),
    webhooks: createWebhooks(db),
    economy: createEconomy(defined({ db: forEconomy.db, clock: options.clock ?? { now: Date.now }, newId: randomUUID, source })),

    profile: (character) => mapConnectionErrors(async () => (await related(await people.profiles(db, [character])))[0]),
    profiles: (characters) => mapConnectionErrors(async () => related(await people.profiles(db, characters))),
    findCharacter: (idOrName) =>
      mapConnectionErrors(async () => {
        const found = await people.findCharacter(db, idOrName)
        return found === undefined ? undefined : (await related([found]))[0]
      }),
    setPlaying: (account, character) => mapConnectionErrors(() => people.setPlaying(db, account, character)),
    guildName: (guild) => mapConnectionErrors(() => people.guildName(db, guild)),

    claim: (character, at, permit) => mapConnectionErrors(() => claims.claim(db, character, at, permit)),
    claimReleased: (character, move, epoch, at) => mapConnectionErrors(() => claims.claimReleased(db, { character, move, epoch }, at)),
    save: (character, epoch, state, stateVersion) => mapConnectionErrors(() => claims.save(db, { character, epoch, state, stateVersion })),
    saveMany: (saves) => mapConnectionErrors(() => claims.saveMany(db, saves)),
    notHeld: (holds) => mapConnectionErrors(() => claims.notHeld(db, holds)),
    release: (move, saves, to) => mapConnectionErrors(() => claims.release(db, move, saves, to)),
    leave: (character, epoch, state, stateVersion) => mapConnectionErrors(() => claims.leave(db, { character, epoch, state, stateVersion })),
    registerServer: (server, publicKey) => mapConnectionErrors(() => gameServers.registerServer(db, server, publicKey)),
    unregisterServer: (server) => mapConnectionErrors(() => gameServers.unregisterServer(db, server)),
    permitKey: () => mapConnectionErrors(() => gameServers.permitKey(db)),
    holderKeys: (characters) => mapConnectionErrors(() => gameServers.holderKeys(db, characters)),

    recordDecisions: (batch) => mapConnectionErrors(() => decisions.recordDecisions(db, batch)),
    decisionsFor: (character, limit) => mapConnectionErrors(() => decisions.decisionsFor(db, character, limit)),
    decisionsOn: (map, limit) => mapConnectionErrors(() => decisions.decisionsOn(db, map, limit)),
    forgetDecisions: (before, map) => mapConnectionErrors(() => decisions.forgetDecisions(db, before, map)),

    describe: (character, epoch, attributes) => mapConnectionErrors(() => meetings.describe(db, character, epoch, attributes)),
    recordMeetings: (minutes, now) => mapConnectionErrors(() => meetings.recordMeetings(db, minutes, now)),
    hopHistory: (character, map) => mapConnectionErrors(() => hops.hopHistory(db, character, map)),
    recordHop: (character, map, before, after) => mapConnectionErrors(() => hops.recordHop(db, { character, map }, before, after)),
    takeLocks: (lock, holders, now) => mapConnectionErrors(() => locks.takeLocks(db, lock, holders, now)),
    releaseLock: (key, character, deed) => mapConnectionErrors(() => locks.releaseLock(db, key, character, deed)),
    lockedOut: (key, characters, now) => mapConnectionErrors(() => locks.lockedOut(db, key, characters, now)),
    locksOf: (character, now) => mapConnectionErrors(() => locks.locksOf(db, character, now)),
    countInstance: (request) => mapConnectionErrors(() => countInstance(db, request)),
    dayShapes: () => mapConnectionErrors(() => dayShapes(db)),
    eventCrowds: () => mapConnectionErrors(() => eventCrowds(db)),
    recordEventCrowds: (crowds, now) => mapConnectionErrors(() => recordEventCrowds(db, crowds, now)),
    recordDayShapes: (shapes, now) => mapConnectionErrors(() => recordDayShapes(db, shapes, now)),
    recordViolations: (rows) => mapConnectionErrors(() => recordViolations(db, rows)),
    violations: (query) => mapConnectionErrors(() => violations(db, query)),
    forgetRecords: (now) => mapConnectionErrors(() => forgetRecords(db, now)),

    tryLead: (name) => tryLead(options.directUrl ?? options.url, name),
    ping: (signal) =>
      orAborted(
        mapConnectionErrors(async () => void (await sql`SELECT FROM write_probe FOR KEY SHARE`.execute(db))),
        signal,
      ),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}
