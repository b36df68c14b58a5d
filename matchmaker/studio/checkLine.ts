import secureJson from 'secure-json-parse'
import { StrataError } from '../../model/errors.ts'
import { checkName, type NameRules } from '../../model/people/names.ts'
import { studioLine } from '../../model/wire/studio.ts'
import type { StudioLine } from '../../store/studio/studio.ts'

/** Most problems that one refusal names. The author fixes these, and the next attempt names the others. */
const MAX_PROBLEMS = 3
const utf8 = new TextDecoder('utf-8', { fatal: true })

/** The record of one line of JSON. Throws BAD_REQUEST, NAME_REFUSED. */
export function parseLine(bytes: Uint8Array, names: NameRules): StudioLine {
  let value: unknown
  let text: string
  try {
    text = utf8.decode(bytes)
    // Refuses keys that would change the prototype of an object.
    value = secureJson.parse(text)
  } catch (error) {
    throw new StrataError('BAD_REQUEST', { problem: `not a line of JSON: ${error instanceof Error ? error.message : 'unreadable'}` }, { cause: error })
  }
  if (keysInText(text) !== keysInValue(value)) throw new StrataError('BAD_REQUEST', { problem: 'a key stands twice in one object: write each key once' })
  return checkLine(value, names)
}

/** Strings of JSON, each with the colon that makes it a key. */
const STRINGS = /"(?:[^"\\]|\\.)*"(\s*:)?/g

/** Number of keys in a JSON text. `JSON.parse` keeps the last of two equal keys, so that the value has fewer. */
function keysInText(json: string): number {
  let keys = 0
  for (const [, colon] of json.matchAll(STRINGS)) if (colon !== undefined) keys++
  return keys
}

function keysInValue(value: unknown): number {
  let keys = 0
  // A list of what is left to look at: a line may be nested deeper than the stack.
  const left = [value]
  for (let one = left.pop(); one !== undefined || left.length > 0; one = left.pop()) {
    if (typeof one !== 'object' || one === null) continue
    if (!Array.isArray(one)) keys += Object.keys(one).length
    for (const inside of Object.values(one)) if (typeof inside === 'object') left.push(inside)
  }
  return keys
}

/** A record with its name in the form in which it is stored. Throws BAD_REQUEST, NAME_REFUSED. */
export function checkLine(value: unknown, names: NameRules): StudioLine {
  const { success, data, error } = studioLine.safeParse(value)
  if (!success) {
    const problems = error.issues.slice(0, MAX_PROBLEMS).map(({ path, message }) => `${path.join('.') || 'line'}: ${message}`)
    throw new StrataError('BAD_REQUEST', { problem: problems.join('; ') }, { cause: error })
  }
  return data.kind === 'character' ? { ...data, name: checkName(data.name, names) } : data
}
