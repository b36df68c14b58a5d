/** Cuts lines to the terminal, because lines that do not fit would scroll instead of being redrawn. The totals at the end stay. */
export function fitRows(lines: readonly string[], rows: number | undefined, omitted: string): string[] {
  if (rows === undefined || lines.length < rows) return [...lines]
  const [kept, ending] = [Math.max(1, rows - 4), 2]
  return [...lines.slice(0, kept), `… and ${lines.length - kept - ending} more ${omitted}`, ...lines.slice(-ending)]
}
