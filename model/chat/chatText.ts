import { foldName } from '../people/names.ts'

/** Most combining marks in a row that a letter keeps. No language writes more; more of them cover the lines above and below. */
const MARKS_IN_A_ROW = 4

/** Line breaks and tabs. A message is one line. */
const breaks = /[\t\n\v\f\r\u0085\u2028\u2029]+/u
/**
 * Characters that are removed: control characters, overrides and embeddings of the writing direction (they reorder what others read), invisible
 * spaces, private and lone code points. Joiners (U+200C, U+200D) and direction marks (U+200E, U+200F) stay, because scripts and emoji need them.
 */
const removed = /[\p{Cc}\p{Co}\p{Cs}\u00ad\u180e\u200b\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu
const manyMarks = new RegExp(`(\\p{M}{${MARKS_IN_A_ROW}})\\p{M}+`, 'gu')
const readable = /[\p{L}\p{N}\p{P}\p{S}]/u

/** The text as others read it, or what is wrong with it. `most`: characters (code points) that are allowed. */
export function cleanText(raw: string, most: number): { text: string } | { problem: string } {
  const lines = raw
    .normalize('NFC')
    .split(breaks)
    .map((line) => line.trim())
  const text = lines
    .filter((line) => line !== '')
    .join(' ')
    .replaceAll(removed, '')
    .replaceAll(manyMarks, '$1')
    .trim()
  if (!readable.test(text)) return { problem: 'it has nothing to read' }
  const length = [...text].length
  if (length > most) return { problem: `it has ${length} characters, and ${most} are allowed` }
  return { text }
}

/** Letters, digits, `-` and `_`; begins with a letter or a digit. */
const channelName = /^[\p{L}\p{N}][\p{L}\p{N}\p{M}_-]{0,31}$/u

/** The name of a custom channel without regard to case and Unicode form. Undefined: no channel can have this name. */
export function foldChannel(name: string): string | undefined {
  const folded = foldName(name)
  return channelName.test(folded) ? folded : undefined
}
