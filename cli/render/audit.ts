import type { AuditReport } from '../../model/economy.ts'
import { timeOfDay } from './duration.ts'
import type { Paint } from './paint.ts'
import { table } from './table.ts'

/** What each kind of fault is called; all of them are 0 in a sound economy (rule M1). */
const faults = {
  lostItems: 'items are in the log and in no hands',
  duplicatedItems: 'items are there twice, or were made of nothing',
  misplacedItems: 'items are in other hands than the log says',
  moneyDifference: 'coins of difference between balances and the log',
  unbalancedTransactions: 'transactions make or lose money',
  wrongEscrows: 'trades, letters or auctions hold what they should not',
} satisfies Partial<Record<keyof AuditReport, string>>

const faultNames = Object.keys(faults) as (keyof typeof faults)[] // the object above has no others

export function isSound(report: AuditReport): boolean {
  return faultNames.every((name) => report[name] === 0)
}

export function renderAudit(report: AuditReport, paint: Paint): string[] {
  const figure = (value: number): string => value.toLocaleString('en')
  const sizes = (['accounts', 'items', 'transactions', 'money'] as const).map((name) => [name, figure(report[name])])
  const found = faultNames.filter((name) => report[name] !== 0)
  return [
    `The economy as of ${timeOfDay(report.at, report.at)}`,
    '',
    ...table([{}, { align: 'right' }], sizes).map((line) => `  ${line}`),
    '',
    ...(found.length === 0
      ? [`${paint('green', '✓')} sound: rebuilt from the log, every balance and every item is where it should be`]
      : found.map((name) => `${paint('red', '✗')} ${figure(report[name])} ${faults[name]}`)),
    ...(report.findings.length === 0 ? [] : ['', ...report.findings.map((finding) => `  ${finding}`)]),
  ]
}
