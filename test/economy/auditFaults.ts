import type { AuditReport } from '../../model/economy.ts'

/** The faults in an audit report without findings. */
export const noFaults = { lostItems: 0, duplicatedItems: 0, misplacedItems: 0, moneyDifference: 0, unbalancedTransactions: 0, wrongEscrows: 0, findings: [] }

export function faultsOf({ lostItems, duplicatedItems, misplacedItems, moneyDifference, unbalancedTransactions, wrongEscrows, findings }: AuditReport) {
  return { lostItems, duplicatedItems, misplacedItems, moneyDifference, unbalancedTransactions, wrongEscrows, findings }
}
