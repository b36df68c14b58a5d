/** The number after a flag, or undefined. Throws for a value that is not above 0. */
export function numberAfter(args: readonly string[], flag: string): number | undefined {
  const text = textAfter(args, flag)
  if (text === undefined) return undefined
  if (!(Number(text) > 0)) throw new Error(`${flag} needs a number above 0`)
  return Number(text)
}

/** The text after a flag, or undefined. Throws when nothing follows the flag. */
export function textAfter(args: readonly string[], flag: string): string | undefined {
  const at = args.indexOf(flag)
  if (at < 0) return undefined
  const text = args[at + 1]
  if (text === undefined || text.startsWith('--')) throw new Error(`${flag} needs a value`)
  return text
}
