import { setTimeout as pause } from 'node:timers/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import type { MapName } from '../../model/ids.ts'
import { judge } from '../chaos/auditor.ts'
import { Crowd } from '../cluster/world/crowd.ts'
import { until } from '../cluster/world/until.ts'
import { NotReady } from './deployment.ts'
import { unpackRelease } from './packedRelease.ts'
import { giveGifts, Players } from './players.ts'
import { startUpgradeWorld, thisRelease, type UpgradeWorld } from './upgradeWorld.ts'

/** Players with the client of the previous release, and with the client of this one. */
const OLD_PLAYERS = 50
const NEW_PLAYERS = 10
/** Time for which they play in each state of the world, in ms. */
const PLAY_MS = 8_000
/** Longest time for all of them to enter, in ms. */
const ENTERED_MS = 90_000
/** The map that all newcomers enter. */
const MAP = 'forest' as MapName

const play = (): Promise<void> => pause(PLAY_MS)

describe('an upgrade from the previous release, and back, under players', () => {
  let before = ''
  beforeAll(async () => {
    before = await unpackRelease()
  })

  /** Runs `steps` in a world of the previous release with players inside, who then have lost nothing and were never disconnected. */
  async function underPlayers(steps: (world: UpgradeWorld, players: Players, step: (what: string) => void) => Promise<void>): Promise<void> {
    const began = performance.now()
    const step = (what: string): boolean => process.stderr.write(`${Math.round((performance.now() - began) / 1_000)} s: ${what}\n`)
    await using world = await startUpgradeWorld(before)
    const matchmaker = world.matchmakers.url
    await using players = new Players({ release: before, matchmaker, folder: world.folder, count: OLD_PLAYERS })
    await using crowd = await Crowd.entered(matchmaker, 'Newcomer', NEW_PLAYERS, MAP)
    await until('the players are in the world', async () => (await players.names()).size === OLD_PLAYERS || (await players.names()).size, ENTERED_MS)
    await play()
    await steps(world, players, step)
    step('the end')
    const end = Date.now()
    const online = crowd.online
    const report = await players.report()
    const { findings, recoveries, recoveryP99Seconds, ...verdict } = await judge(world.databaseUrl, players.diary, end)
    step(JSON.stringify({ ...report, recoveries, recoveryP99Seconds, errorsLogged: await world.loggedErrors() }, undefined, 2))
    expect(verdict, findings.join('\n')).toEqual({ lostItems: 0, duplicatedItems: 0, moneyDifference: 0, doublePresence: 0, lockedOut: 0 })
    expect(crowd.stats.kicked).toBe(0)
    expect(report).toMatchObject({ kicked: 0, reconnected: 0, chatLost: 0, chatOutOfOrder: 0 })
    expect(online).toBe(NEW_PLAYERS)
    // Else nothing was at stake.
    expect(report['moved']).toBeGreaterThanOrEqual(OLD_PLAYERS)
    expect(report['taken']).toBeGreaterThan(0)
  }

  it('in the documented order, and back in the opposite one', async () => {
    await underPlayers(async (world, players, step) => {
      step('the database')
      await world.migrate(thisRelease)
      await giveGifts(world.databaseUrl, await players.names())
      await play()
      step('matchmakers')
      await world.matchmakers.roll(thisRelease, play)
      step('orchestrators')
      await world.orchestrators.roll(thisRelease, play)
      await play()
      step('game servers')
      await world.renewServers(thisRelease)
      await play()
      step('game servers back')
      await world.renewServers(before)
      await play()
      step('orchestrators back')
      await world.orchestrators.roll(before, play)
      step('matchmakers back')
      await world.matchmakers.roll(before, play)
      await play()
    })
  })

  it('in the wrong order nothing of the new release starts before the database, and all orders of the processes work', async () => {
    await underPlayers(async (world, players, step) => {
      step('game servers, orchestrators and matchmakers before the database')
      await expect(world.renewServers(thisRelease)).rejects.toThrow(/SCHEMA_TOO_OLD/)
      await expect(world.orchestrators.roll(thisRelease)).rejects.toThrow(NotReady)
      await expect(world.matchmakers.roll(thisRelease)).rejects.toThrow(NotReady)
      step('the database')
      await world.migrate(thisRelease)
      await giveGifts(world.databaseUrl, await players.names())
      step('game servers')
      await world.renewServers(thisRelease)
      await play()
      step('orchestrators')
      await world.orchestrators.roll(thisRelease, play)
      step('matchmakers')
      await world.matchmakers.roll(thisRelease, play)
      await play()
      step('matchmakers back')
      await world.matchmakers.roll(before, play)
      step('orchestrators back')
      await world.orchestrators.roll(before, play)
      step('game servers back')
      await world.renewServers(before)
      await play()
    })
  })
})
