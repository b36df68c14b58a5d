import may from '../houses.json' with { type: 'json' }
import { replaceSection } from './section.ts'

/** docs/explanation/design.md with its diagram of houses redrawn; the rest of the page is written by hand. */
export function designPage(present: string): string {
  return replaceSection(present, { name: 'houses', source: 'checks/houses.json' }, `\`\`\`mermaid\n${housesDiagram(may)}\n\`\`\``)
}

/** Arrows point from the importing house. An arrow that follows from two others is left out, so the table has to be transitive. */
export function housesDiagram(table: Readonly<Record<string, readonly string[]>>): string {
  const arrows = Object.entries(table).flatMap(([house, allowed]) => {
    const indirect = new Set(allowed.flatMap((other) => table[other] ?? []))
    const missing = [...indirect].filter((other) => !allowed.includes(other))
    if (missing.length > 0) throw new Error(`${house} may import houses that import ${missing.join(', ')}, which it may not import itself`)
    const direct = allowed.filter((other) => !indirect.has(other))
    return direct.length === 0 ? [`  ${house}`] : direct.map((other) => `  ${house} --> ${other}`)
  })
  return ['flowchart BT', ...arrows].join('\n')
}
