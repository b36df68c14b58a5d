/** Control characters of Unicode; U+0000 cannot be stored at all. */
const CONTROL = /\p{Cc}/u

/** Whether a text can be stored and shown as it is: no control characters, and no half of a surrogate pair. */
export function isStorable(text: string): boolean {
  return text.isWellFormed() && !CONTROL.test(text)
}

/** The text with a space in place of each control character, and U+FFFD for each half of a surrogate pair. */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll(/\p{Cc}/gu, ' ')
}
