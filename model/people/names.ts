import unhomoglyph from 'unhomoglyph'
import { StrataError } from '../errors.ts'

/** Rules for the names of characters; a studio sets its own through the matchmaker's settings. */
export interface NameRules {
  /** Letters of the name, in Unicode code points. */
  readonly minLength: number
  readonly maxLength: number
  /** Names that nobody may take, and names that look like one of them. */
  readonly reserved: readonly string[]
}

export const defaultNameRules: NameRules = {
  minLength: 2,
  maxLength: 32,
  reserved: ['admin', 'administrator', 'moderator', 'gamemaster', 'gm', 'support', 'staff', 'system', 'server', 'strata', 'everyone', 'nobody', 'deleted'],
}

/** Letters of any script with their marks, digits, and single separators between them. */
const ALLOWED = /^[\p{L}\p{M}\p{N}]+(?:[ _'-][\p{L}\p{M}\p{N}]+)*$/u

/** The name without surrounding spaces, in Unicode form NFC. */
export function cleanName(name: string): string {
  return name.trim().normalize('NFC')
}

/** Two names with the same key differ only in case or in Unicode form. Computed here and not in SQL: databases differ in what `lower` folds. */
export function foldName(name: string): string {
  return name.trim().normalize('NFKC').toLowerCase()
}

/**
 * Two names with the same key look alike on a screen: Latin "Ada" and Cyrillic "Ада", "rnary" and "mary". The key is the skeleton of Unicode Technical
 * Standard 39 (https://www.unicode.org/reports/tr39/#Confusable_Detection), in lower case. It is for comparison only.
 */
export function lookAlikeKey(name: string): string {
  return unhomoglyph(unhomoglyph(name.trim().normalize('NFKC')).toLowerCase())
}

/** Keys of a list of reserved names, computed once: an import checks thousands of names a second. */
const keysOfLists = new WeakMap<readonly string[], ReadonlyMap<string, string>>()

function wordsByKey(words: readonly string[]): ReadonlyMap<string, string> {
  const known = keysOfLists.get(words) ?? new Map(words.map((word) => [lookAlikeKey(word), word]))
  keysOfLists.set(words, known)
  return known
}

/** The name as it will be stored. Throws NAME_REFUSED with the rule that the name breaks. */
export function checkName(name: string, { minLength, maxLength, reserved }: NameRules): string {
  const clean = cleanName(name)
  const length = [...clean].length
  if (length < minLength || length > maxLength) throw new StrataError('NAME_REFUSED', { problem: `write ${minLength} to ${maxLength} letters` })
  if (!ALLOWED.test(clean))
    throw new StrataError('NAME_REFUSED', { problem: 'use letters and digits, with single spaces, dashes, underscores or apostrophes between them' })
  const taken = wordsByKey(reserved).get(lookAlikeKey(clean))
  if (taken !== undefined) throw new StrataError('NAME_REFUSED', { problem: `"${taken}" is reserved` })
  return clean
}
