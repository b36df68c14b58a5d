import type { AuditReport } from '../../model/economy.ts'
import type { Paint } from '../../service/terminal/paint.ts'
import { timeOfDay } from '../duration.ts'
import { table } from './table.ts'

/** Descriptions of the faults; every count is 0 in a sound economy (rule M1). */
const faults = {
  lostItems: 'items are in the log and have no owner',
  duplicatedItems: 'items exist twice, or were never created in the log',
  misplacedItems: 'items have another owner than in the log',
  moneyDifference: 'coins of difference between balances and the log',
  unbalancedTransactions: 'transactions create or lose money',
  wrongEscrows: 'trades, letters or auctions hold the wrong goods',
} satisfies Partial<Record<keyof AuditReport, string>>

const faultNames = Object.keys(faults) as (keyof typeof faults)[] // the object has exactly these keys

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
      ? [`${paint('green', '✓')} sound: every balance and every item matches the log`]
      : found.map((name) => `${paint('red', '✗')} ${figure(report[name])} ${faults[name]}`)),
    ...(report.findings.length === 0 ? [] : ['', ...report.findings.map((finding) => `  ${finding}`)]),
  ]
}
