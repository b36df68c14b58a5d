import { readFile } from 'node:fs/promises'
import type { DiaryLine } from '../../gameserver/demo/bots/diary.ts'
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

/** A bot whose diary's last word is older than this is not in the world. */
const SILENT_MS = 5_000

/**
 * Judges by the database, whose log of transactions must account for every coin and thing, and by what the clients wrote themselves.
 * `calmAt`: when everybody must have been back.
 */
export async function judge(databaseUrl: string, diaryFile: string, calmAt: number): Promise<Verdict> {
  const lines = (await readFile(diaryFile, 'utf8')).trim().split('\n').map(parseLine)
  const books = await auditDatabase(databaseUrl)
  const doubled = doublePresences(lines)
  const downs = lines.flatMap(({ event, downMs }) => (event === 'back' && downMs !== undefined ? [downMs] : [])).sort((a, b) => a - b)
  const out = lockedOut(lines, calmAt)
  return {
    lostItems: books.lostItems,
    duplicatedItems: books.duplicatedItems + books.misplacedItems,
    moneyDifference: books.moneyDifference + books.unbalancedTransactions + books.wrongEscrows,
    doublePresence: doubled.length,
    lockedOut: out.length,
    recoveries: downs.length,
    recoveryP99Seconds: (downs[Math.max(0, Math.ceil(0.99 * downs.length) - 1)] ?? 0) / 1000,
    findings: [
      ...books.findings,
      ...doubled.map(({ entity, seenIn, liveIn }) => `entity ${entity} was seen in ${seenIn} while it was live in ${liveIn}`),
      ...out.map((bot) => `${bot} was not in the world when all was calm again`),
    ].slice(0, 50),
  }
}

/** Bots that were in the world once, and were not when all was calm. */
function lockedOut(lines: readonly DiaryLine[], calmAt: number): string[] {
  const last = new Map<string, number>()
  const known = new Set<string>()
  for (const { at, bot, event } of lines) {
    known.add(bot)
    if (at <= calmAt && (event === 'sees' || event === 'live' || event === 'back')) last.set(bot, at)
  }
  return [...known].filter((bot) => (last.get(bot) ?? 0) < calmAt - SILENT_MS)
}

const parseLine = (line: string): DiaryLine => JSON.parse(line) as DiaryLine // gameserver/demo/bots/diary.ts writes it
