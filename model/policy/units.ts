import { z } from 'zod'
import type { DurationMs } from '../clock.ts'

const unitMs: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** A duration as text: `"500ms"`, `"30s"`, `"10m"`, `"6h"` or `"1d"`. `parseDuration` converts it to milliseconds. */
export const durationText = z
  .string({ error: 'write a duration such as "30s", "10m" or "6h"' })
  .regex(/^\d+(\.\d+)?(ms|s|m|h|d)$/, 'write a duration such as "30s", "10m" or "6h"')
  .meta({ examples: ['30s', '10m', '6h'] })

export function parseDuration(text: string): DurationMs {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? []
  if (amount === undefined || unit === undefined) throw new RangeError(`not a duration: ${text}`)
  return Number(amount) * (unitMs[unit] ?? Number.NaN)
}

/** A share as text, such as `"75%"`. `parsePercent` converts it to 0..1. */
export const percentText = z
  .string({ error: 'write a share such as "75%"' })
  .regex(/^\d+(\.\d+)?%$/, 'write a share such as "75%"')
  .meta({ examples: ['75%'] })

export function parsePercent(text: string): number {
  return Number(text.slice(0, -1)) / 100
}
