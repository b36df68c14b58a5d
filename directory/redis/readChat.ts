import type { ChatMessage } from '../../model/chat/chat.ts'

type Fields = Readonly<Record<string, unknown>>
const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null
const isText = (value: unknown): value is string => typeof value === 'string'
const isTexts = (value: unknown): boolean => value === undefined || (Array.isArray(value) && value.every(isText))
const isSender = (value: unknown): boolean =>
  value === undefined || (isObject(value) && isText(value['character']) && isText(value['name']) && isTexts(value['blocked']))

/** Parses a message of a chat channel. Returns undefined for a message that no directory could have written (rule X1). */
export function readChat(text: string): ChatMessage | undefined {
  let message: unknown
  try {
    message = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!isObject(message) || !isText(message['id']) || !isText(message['text'])) return undefined
  if (!Number.isFinite(message['at']) || !isSender(message['from'])) return undefined
  return message as unknown as ChatMessage // every field was checked
}
