import type { DirectoryEvent } from '../directory.ts'

type Fields = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null
const isText = (value: unknown): value is string => typeof value === 'string'
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText)
const isNumbered = ({ map, seq }: Fields): boolean => isText(map) && Number.isSafeInteger(seq)
const isCopy = (value: unknown): boolean => isObject(value) && isText(value['id']) && isText(value['map']) && isText(value['state'])
const isSeat = (value: unknown): boolean => isObject(value) && isText(value['character']) && isText(value['language']) && isText(value['state'])
const isFlag = (value: unknown): boolean => value === undefined || value === true
const isOptionalObject = (value: unknown): boolean => value === undefined || isObject(value)

/** By hand and not by a schema: each process checks each event of the world, some ten thousand a second in a storm. */
const shapes: Record<Exclude<DirectoryEvent['type'], 'gap'>, (event: Fields) => boolean> = {
  copy: (event) => isNumbered(event) && isCopy(event['copy']),
  copyRemoved: (event) => isNumbered(event) && isText(event['copy']),
  seats: (event) => isNumbered(event) && isText(event['copy']) && Array.isArray(event['set']) && event['set'].every(isSeat) && isTexts(event['freed']),
  line: (event) => isNumbered(event) && Number.isSafeInteger(event['waiting']) && isFlag(event['turn']),
  server: (event) => isText(event['server']) && isOptionalObject(event['report']),
  presence: (event) => isText(event['server']) && isText(event['character']) && isObject(event['presence']),
  moveOrdered: (event) => isText(event['server']) && isText(event['move']),
  moveSettled: (event) => isText(event['server']) && isObject(event['outcome']),
}

/**
 * An event as it came from the channel, where anybody who reaches Redis may publish anything: undefined for what no
 * directory has written (rule X1). A true event that was garbled on the way leaves a hole in its map's numbers.
 */
export function readEvent(text: string): DirectoryEvent | undefined {
  let event: unknown
  try {
    event = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!isObject(event) || !isText(event['type']) || !Object.hasOwn(shapes, event['type'])) return undefined
  const fits = shapes[event['type'] as keyof typeof shapes] // it is one of them, as the line above made sure
  return fits(event) ? (event as DirectoryEvent) : undefined
}
