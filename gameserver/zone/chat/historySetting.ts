import type { z } from 'zod'
import type { ChatHistory, ChatKind } from '../../../model/chat/chat.ts'

const part = /^(map|party|guild|whisper|custom|announcement)=(\d{1,4})\/(\d{1,7})$/

/** Reads the setting CHAT_HISTORY: `KIND=COUNT/SECONDS`, separated by commas. */
export function readHistory(text: string, context: z.RefinementCtx): Partial<Record<ChatKind, ChatHistory>> {
  const history: Partial<Record<ChatKind, ChatHistory>> = {}
  for (const one of text.split(',').filter((piece) => piece.trim() !== '')) {
    const [, kind, count, seconds] = part.exec(one.trim()) ?? []
    if (kind === undefined) context.addIssue({ code: 'custom', message: `"${one.trim()}" is not KIND=COUNT/SECONDS, such as guild=50/3600` })
    else history[kind as ChatKind] = { count: Number(count), ageMs: Number(seconds) * 1000 } // the expression lists the kinds
  }
  return history
}
