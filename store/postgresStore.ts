import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import type { Clock } from '../model/clock.ts'
import * as claims from './claims.ts'
import { connected, orAborted } from './database/connected.ts'
import { openDatabase, type StoreLog } from './database/database.ts'
import { tryLead } from './database/leadership.ts'
import { migrate } from './database/migrate.ts'
import * as decisions from './decisions/decisions.ts'
import type { Economy } from './economy/economy.ts'
import { createEconomy } from './economy/postgresEconomy.ts'
import * as parties from './people/parties.ts'
import * as people from './people/people.ts'
import { dayShapes, recordDayShapes } from './records/dayShapes.ts'
import { forgetRecords } from './records/forgetRecords.ts'
import * as hops from './records/hops.ts'
import { countInstance } from './records/instances.ts'
import * as locks from './records/locks.ts'
import * as meetings from './records/meetings.ts'
import type { Store } from './store.ts'
import type { Tables } from './tables.ts'

export interface StoreOptions {
  url: string
  /** Connections at most; more callers wait for one. */
  poolSize?: number
  /** All connections are opened now and stay open: for a process that serves players, who would wait for one to be made. */
  warm?: boolean
  log?: StoreLog
  /** Of the economy. Default: the time of day. */
  clock?: Clock
}

/** Its parts share one pool. */
export type PostgresStore = Store & { economy: Economy }

/** The store on PostgreSQL, its tables brought up to date first. Throws DEPENDENCY_DOWN. */
export async function createStore(options: StoreOptions): Promise<PostgresStore> {
  await migrate(options.url)
  const database = openDatabase<Tables>(options)
  const { db } = database
  if (options.warm === true) {
    try {
      await connected(() => database.warmUp())
    } catch (error) {
      await database[Symbol.asyncDispose]()
      throw error
    }
  }
  return {
    economy: createEconomy({ db, clock: options.clock ?? { now: Date.now }, newId: randomUUID }),

    ensureCharacter: (person) => connected(() => people.ensureCharacter(db, person)),
    profile: (character) => connected(async () => (await people.profiles(db, [character]))[0]),
    profiles: (characters) => connected(() => people.profiles(db, characters)),
    findCharacter: (idOrName) => connected(() => people.findCharacter(db, idOrName)),
    guildName: (guild) => connected(() => people.guildName(db, guild)),

    createParty: (party, leader) => connected(() => parties.createParty(db, party, leader)),
    joinParty: (party, character) => connected(() => parties.joinParty(db, party, character)),
    leaveParty: (character) => connected(() => parties.leaveParty(db, character)),

    claim: (character, at) => connected(() => claims.claim(db, character, at)),
    claimReleased: (character, move, epoch, at) => connected(() => claims.claimReleased(db, character, move, epoch, at)),
    save: (character, epoch, state, stateVersion) => connected(() => claims.save(db, { character, epoch, state, stateVersion })),
    saveMany: (saves) => connected(() => claims.saveMany(db, saves)),
    release: (move, saves) => connected(() => claims.release(db, move, saves)),
    leave: (character, epoch, state, stateVersion) => connected(() => claims.leave(db, { character, epoch, state, stateVersion })),

    recordDecisions: (batch) => connected(() => decisions.recordDecisions(db, batch)),
    decisionsFor: (character, limit) => connected(() => decisions.decisionsFor(db, character, limit)),
    decisionsOn: (map, limit) => connected(() => decisions.decisionsOn(db, map, limit)),
    forgetDecisions: (before, map) => connected(() => decisions.forgetDecisions(db, before, map)),

    describe: (character, epoch, attributes) => connected(() => meetings.describe(db, character, epoch, attributes)),
    recordMeetings: (minutes, now) => connected(() => meetings.recordMeetings(db, minutes, now)),
    hopHistory: (character, map) => connected(() => hops.hopHistory(db, character, map)),
    recordHop: (character, map, before, after) => connected(() => hops.recordHop(db, character, map, before, after)),
    takeLocks: (lock, holders, now) => connected(() => locks.takeLocks(db, lock, holders, now)),
    releaseLock: (key, character, deed) => connected(() => locks.releaseLock(db, key, character, deed)),
    lockedOut: (key, characters, now) => connected(() => locks.lockedOut(db, key, characters, now)),
    locksOf: (character, now) => connected(() => locks.locksOf(db, character, now)),
    countInstance: (request) => connected(() => countInstance(db, request)),
    dayShapes: () => connected(() => dayShapes(db)),
    recordDayShapes: (shapes, now) => connected(() => recordDayShapes(db, shapes, now)),
    forgetRecords: (now) => connected(() => forgetRecords(db, now)),

    tryLead: (name) => tryLead(options.url, name),
    ping: (signal) =>
      orAborted(
        connected(async () => void (await sql`SELECT 1`.execute(db))),
        signal,
      ),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  }
}
