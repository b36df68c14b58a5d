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
  try {
    // Refuses keys that would change the prototype of an object.
    value = secureJson.parse(utf8.decode(bytes))
  } catch (error) {
    throw new StrataError('BAD_REQUEST', { problem: `not a line of JSON: ${error instanceof Error ? error.message : 'unreadable'}` }, { cause: error })
  }
  return checkLine(value, names)
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
