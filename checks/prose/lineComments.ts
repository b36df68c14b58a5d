import type { Block } from './block.ts'

/** Comments to the end of the line, as Lua, SQL and YAML have them. Comments on neighbouring lines are one block. */
export function lineComments(mark: RegExp): (text: string) => Block[] {
  return (text) => {
    const blocks: [number, number][][] = []
    let offset = 0
    let open = false
    for (const line of text.split('\n')) {
      const found = mark.exec(line)
      const alone = found !== null && line.slice(0, found.index).trim() === ''
      if (found !== null) {
        if (!open || !alone) blocks.push([])
        blocks.at(-1)?.push([offset + found.index + found[0].length, offset + line.length])
      }
      open = alone
      offset += line.length + 1
    }
    return blocks
  }
}
