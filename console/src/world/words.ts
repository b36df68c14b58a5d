import type { LiveCopy } from '../../../model/wire/live.ts'

/** Colour of each state, in the picture and beside it. */
export const stateColour: Record<LiveCopy['state'], string> = { open: 'teal', opening: 'blue', closing: 'orange', lost: 'red' }

/** One sentence about a copy, for the pointer and for screen readers. */
export function copySentence({ id, map, state, players, held, server, reason }: LiveCopy): string {
  const coming = held === 0 ? '' : `, ${held} coming`
  const why = reason === undefined ? '' : ` (${reason})`
  return `${id} of ${map}: ${state}${why}, ${count(players, 'player')}${coming}, on ${server}`
}

export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`
}

/** `3 min`, `2 h 5 min`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.round(hours / 24)} d`
}

const clockTime = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' })
const dateTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })

export function timeOfDay(at: number): string {
  return clockTime.format(at)
}

/** Time of day, with the date when it is not of today. */
export function moment(at: number): string {
  return new Date(at).toDateString() === new Date().toDateString() ? clockTime.format(at) : dateTime.format(at)
}
