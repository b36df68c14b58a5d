import { styleText } from 'node:util'

export type Style = 'green' | 'yellow' | 'cyan' | 'red' | 'dim' | 'bold'
/** Colours a text, or leaves it as it is where there is no terminal. */
export type Paint = (style: Style, text: string) => string

export function painter(color: boolean): Paint {
  return (style, text) => (color ? styleText(style, text, { validateStream: false }) : text)
}
