import { readFile } from 'node:fs/promises'
import type { BotEvent } from '../../gameserver/demo/bots/eventLog.ts'
import { auditDatabase } from '../../store/economy/ledger/audit.ts'
import { doublePresences } from './doublePresence.ts'

export interface Verdict {
  lostItems: number
  duplicatedItems: number
  moneyDifference: number
  doublePresence: number
  lockedOut: number
  recoveries: number
  recoveryP99Seconds: number
  findings: string[]
}

/** A bot without a log line for this long, in ms, is not in the world. */
const SILENT_MS = 5_000

/**
 * Audits a run: the database's transaction log must account for every coin and item, and the clients' own logs must show nobody in two copies. By `recoveredBy`
 * every player must be back.
 */
export async function judge(databaseUrl: string, diaryFile: string, recoveredBy: number): Promise<Verdict> {
  const lines = (await readFile(diaryFile, 'utf8')).trim().split('\n').map(parseLine)
  const ledger = await auditDatabase(databaseUrl)
  const doubled = doublePresences(lines)
  const recoveriesMs = lines.flatMap(({ event, downMs }) => (event === 'back' && downMs !== undefined ? [downMs] : [])).sort((a, b) => a - b)
  const missing = lockedOut(lines, recoveredBy)
  return {
    lostItems: ledger.lostItems,
    duplicatedItems: ledger.duplicatedItems + ledger.misplacedItems,
    moneyDifference: ledger.moneyDifference + ledger.unbalancedTransactions + ledger.wrongEscrows,
    doublePresence: doubled.length,
    lockedOut: missing.length,
    recoveries: recoveriesMs.length,
    recoveryP99Seconds: (recoveriesMs[Math.max(0, Math.ceil(0.99 * recoveriesMs.length) - 1)] ?? 0) / 1000,
    findings: [
      ...ledger.findings,
      ...doubled.map(({ entity, seenIn, liveIn }) => `entity ${entity} was seen in ${seenIn} while it was live in ${liveIn}`),
      ...missing.map((bot) => `${bot} was not back in the world in time after the last fault`),
    ].slice(0, 50),
  }
}

/** Bots that were in the world at some time and were not by `recoveredBy`. */
function lockedOut(lines: readonly BotEvent[], recoveredBy: number): string[] {
  const last = new Map<string, number>()
  const known = new Set<string>()
  for (const { at, bot, event } of lines) {
    known.add(bot)
    if (at <= recoveredBy && (event === 'sees' || event === 'live' || event === 'back')) last.set(bot, at)
  }
  return [...known].filter((bot) => (last.get(bot) ?? 0) < recoveredBy - SILENT_MS)
}

const parseLine = (line: string): BotEvent => JSON.parse(line) as BotEvent // gameserver/demo/bots/eventLog.ts writes it
