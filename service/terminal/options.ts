import { InvalidArgumentError } from 'commander'
import { durationText } from '../../model/policy/units.ts'

/** Parses a duration in the format of policies. */
export function durationOption(text: string): string {
  if (!durationText.safeParse(text).success) throw new InvalidArgumentError('write a duration such as "30s" or "15m"')
  return text
}

/** Parses 0, 1, 2, … */
export function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('write a whole number')
  return Number(text)
}

/** Parses a number greater than 0. */
export function aboveZero(text: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new InvalidArgumentError('write a number above 0')
  return value
}
