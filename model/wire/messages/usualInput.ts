import type { z } from 'zod'
import type { inputMessage } from './clientMessages.ts'

type InputMessage = z.infer<typeof inputMessage>

const SEEN_MAX = 0xffff_ffff

/**
 * The message when it is an input as clients send it; undefined for any other, on which the schema `inputMessage` has to decide. A room gets 20 inputs a second
 * from each client, and this check costs a small part of what the schema does.
 */
export function usualInput(message: unknown): InputMessage | undefined {
  if (typeof message !== 'object' || message === null) return undefined
  for (const name in message) if (name !== 'seq' && name !== 'data' && name !== 'seen') return undefined
  const { seq, data, seen } = message as { [Name in keyof InputMessage]?: unknown } // it has no other members
  if (!isInteger(seq, 1, Number.MAX_SAFE_INTEGER) || data === undefined) return undefined
  if (seen !== undefined && !isInteger(seen, 0, SEEN_MAX)) return undefined
  if (seen === undefined && 'seen' in message) return undefined
  return message as InputMessage // checked above
}

function isInteger(value: unknown, least: number, most: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most // a safe integer is a number
}
