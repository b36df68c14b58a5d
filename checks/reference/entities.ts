import { demoEntities } from '../../gameserver/demo/entities.ts'
import type { Entities } from '../../model/wire/entities/defineEntities.ts'

/** The page of the fields of the sample game's entities. A studio can make its own from its declaration in the same way. */
export function entitiesReference(): string {
  const { position, dimensions } = demoEntities
  return [
    '# Fields of the sample game’s entities',
    '',
    '<!-- made by npm run generate from gameserver/demo/entities.ts; do not edit -->',
    '',
    `Positions have ${dimensions} axes of ±${position.extent.toLocaleString('en')} m in steps of 1/${1 / position.step} m. How the fields are written: [protocol.md](protocol.md).`,
    '',
    ...tableOf(demoEntities),
    '',
  ].join('\n')
}

function tableOf({ fields }: Entities): string[] {
  const rows = fields.map(({ name, wire, seenBy, urgency, doc }) => {
    const size = wire.bytes === 0 ? '1 + length' : String(wire.bytes)
    return `| \`${name}\` | ${wire.type} | ${size} | ${seenBy} | ${urgency} | ${wire.interpolate === true ? 'yes' : 'no'} | ${doc} |`
  })
  return ['| field | type | bytes | seen by | urgency | interpolated | meaning |', '| --- | --- | --- | --- | --- | --- | --- |', ...rows]
}
