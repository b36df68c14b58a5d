import { styleText } from 'node:util'

export type Style = 'green' | 'yellow' | 'cyan' | 'red' | 'dim' | 'bold'
/** Colours a text, or returns it unchanged when colours are off. */
export type Paint = (style: Style, text: string) => string

export function painter(color: boolean): Paint {
  return (style, text) => (color ? styleText(style, text, { validateStream: false }) : text)
}
