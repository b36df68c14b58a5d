import { readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import type { RawPool } from '../../gameserver/demo/bots/raw/rawPool.ts'
import { type Report, rounded } from '../report.ts'
import { say } from '../world/localWorld.ts'
import type { Observer } from './observer.ts'

/** Half of them read for a moment every few seconds and answer pings late. The others stop reading; of these, three send pongs that nobody asked for. */
export const SLOW_READERS = 10

/** Slow readers among the players: what the others receive before and afterwards, and the server's memory over some minutes. */
export async function soak(pool: RawPool, observer: Observer, { pid, minutes }: { pid: number; minutes: number }): Promise<Report> {
  await pool.begin()
  await pause(30_000)
  const before = await pool.collect()
  const liveBefore = await observer.ask('memory')
  await pool.readSlowly(SLOW_READERS)
  say(`${SLOW_READERS} players read too slowly; ${minutes} minutes`)
  const memory: Report = {}
  let lost = 0
  for (let minute = 1; minute <= minutes; minute++) {
    await pool.begin()
    await pause(60_000)
    memory[`minute${minute}`] = await residentMegabytes(pid)
    const now = await pool.collect()
    lost = now.lost
    say(`minute ${minute}: ${memory[`minute${minute}`]} MB, ${now.online} online, gap p99 ${now.snapshotGapMs.p99} ms`)
  }
  const after = await pool.collect()
  const liveAfter = await observer.ask('memory')
  return {
    slowReaders: SLOW_READERS,
    minutes,
    disconnected: lost,
    gapP99BeforeMs: before.snapshotGapMs.p99,
    gapP99AfterMs: after.snapshotGapMs.p99,
    bytesPerClientPerSecondBefore: before.bytesPerClientPerSecond,
    bytesPerClientPerSecondAfter: after.bytesPerClientPerSecond,
    liveMegabytesBefore: liveBefore,
    liveMegabytesAfter: liveAfter,
    residentMegabytes: memory,
  }
}

async function residentMegabytes(pid: number): Promise<number> {
  const [, kilobytes = 'NaN'] = /VmRSS:\s+(\d+) kB/.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? []
  return rounded(Number(kilobytes) / 1_024, 1)
}
