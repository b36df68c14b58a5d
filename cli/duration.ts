const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const

/** Formats a duration with its two largest units: `45 s`, `3 m 20 s`, `2 h 5 m`. */
export function duration(ms: number): string {
  let rest = Math.max(0, Math.floor(ms / 1_000) * 1_000)
  const parts: string[] = []
  for (const [unit, size] of units) {
    const count = Math.floor(rest / size)
    rest -= count * size
    if (count > 0) parts.push(`${count} ${unit}`)
    else if (parts.length > 0) break
  }
  return parts.slice(0, 2).join(' ') || '0 s'
}

/** Formats a time: `07:39:47 UTC`, with the date when it is not the date of `now`. */
export function timeOfDay(at: number, now: number): string {
  const [date, time] = new Date(at).toISOString().split('T')
  const clock = `${time?.slice(0, 8)} UTC`
  return new Date(now).toISOString().startsWith(`${date}T`) ? clock : `${date} ${clock}`
}

/** A duration without spaces, for cells of tables that other programs split at spaces: `45s`, `3m20s`. */
export function age(ms: number): string {
  return duration(ms).replaceAll(' ', '')
}
