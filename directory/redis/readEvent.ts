import type { DirectoryEvent } from '../directory.ts'

type Fields = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null
const isText = (value: unknown): value is string => typeof value === 'string'
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText)
const isNumbered = ({ map, seq }: Fields): boolean => isText(map) && Number.isSafeInteger(seq)
const isCopy = (value: unknown): boolean => isObject(value) && isText(value['id']) && isText(value['map']) && isText(value['state'])
const isSeat = (value: unknown): boolean =>
  isObject(value) &&
  isText(value['character']) &&
  isText(value['language']) &&
  isText(value['state']) &&
  (value['languages'] === undefined || isTexts(value['languages']))
const isNotice = (value: unknown): boolean => isObject(value) && (value['about'] === 'follow' || (value['about'] === 'changed' && isTexts(value['topics'])))
const isHolder = (value: unknown): boolean => isObject(value) && isText(value['character']) && isText(value['language'])
const isHolders = (value: unknown): boolean => value === undefined || (Array.isArray(value) && value.every(isHolder))
const isFlag = (value: unknown): boolean => value === undefined || value === true
const isOptionalObject = (value: unknown): boolean => value === undefined || isObject(value)

/** Written by hand instead of a schema for speed: every process checks every event of the world, about 10,000 per second at peak load. */
const shapes: Record<Exclude<DirectoryEvent['type'], 'gap'>, (event: Fields) => boolean> = {
  copy: (event) => isNumbered(event) && isCopy(event['copy']),
  copyRemoved: (event) => isNumbered(event) && isText(event['copy']),
  seats: (event) => isNumbered(event) && isText(event['copy']) && Array.isArray(event['set']) && event['set'].every(isSeat) && isTexts(event['freed']),
  line: (event) => isNumbered(event) && Number.isSafeInteger(event['waiting']) && isFlag(event['turn']),
  server: (event) => isText(event['server']) && isOptionalObject(event['report']),
  presence: (event) => isText(event['server']) && isText(event['character']) && isObject(event['presence']),
  moveOrdered: (event) => isText(event['server']) && isText(event['move']),
  profilesChanged: (event) => isText(event['server']) && isTexts(event['characters']) && isHolders(event['holders']),
  tellPlayer: (event) => isText(event['server']) && isText(event['character']) && isNotice(event['notice']),
  dismiss: (event) => isText(event['server']) && isText(event['character']) && isText(event['code']) && isText(event['reason']),
  letGo: (event) =>
    isText(event['server']) && isText(event['copy']) && isText(event['character']) && Number.isSafeInteger(event['epoch']) && isText(event['ask']),
  moveSettled: (event) => isText(event['server']) && isObject(event['outcome']),
}

/**
 * Parses a message of the event channel. Anybody with access to Redis can publish there, so a message that no directory could have written returns
 * undefined (rule X1). If a real event was corrupted, the gap in the event numbers of its map shows that it is missing.
 */
export function readEvent(text: string): DirectoryEvent | undefined {
  let event: unknown
  try {
    event = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!isObject(event) || !isText(event['type']) || !Object.hasOwn(shapes, event['type'])) return undefined
  const fits = shapes[event['type'] as keyof typeof shapes] // `hasOwn` was checked above
  return fits(event) ? (event as DirectoryEvent) : undefined
}
