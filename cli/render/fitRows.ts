/** Lines that do not fit would scroll away instead of being redrawn: the totals at the end matter more than the last copies. */
export function fitRows(lines: readonly string[], rows: number | undefined): string[] {
  if (rows === undefined || lines.length < rows) return [...lines]
  const [kept, ending] = [Math.max(1, rows - 4), 2]
  return [...lines.slice(0, kept), `… and ${lines.length - kept - ending} more lines: enlarge the window, or leave out --watch`, ...lines.slice(-ending)]
}
