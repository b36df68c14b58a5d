import { z } from 'zod'
import { loginRequest, loginResponse } from '../../model/wire/characters.ts'
import { enterRequest, errorResponse, lineAnswer, moveAnswer, seatAnswer, travelRequest } from '../../model/wire/matchmaker.ts'
import { clientMessages, type DescribedMessage, joinOptions } from '../../model/wire/messages/clientMessages.ts'
import { serverMessages } from '../../model/wire/messages/serverMessages.ts'
import { control } from '../../model/wire/room.ts'
import { replaceSection } from './section.ts'

/** The part of a JSON Schema that a table shows. */
interface Shape {
  type?: string | string[]
  description?: string
  properties?: Record<string, Shape>
  required?: string[]
  items?: Shape
  anyOf?: Shape[]
  enum?: unknown[]
  const?: unknown
  default?: unknown
  minimum?: number
  maximum?: number
  minLength?: number
  maxLength?: number
  pattern?: string
  additionalProperties?: Shape | boolean
}

/** docs/reference/protocol.md with its tables of messages made again from the schemas; the rest of the page is written by hand. */
export function protocolPage(present: string): string {
  const page = replaceSection(present, { name: 'HTTP bodies', source: 'model/wire' }, httpTables())
  return replaceSection(page, { name: 'messages', source: 'model/wire/messages' }, messageTables())
}

function httpTables(): string {
  const bodies: [string, z.ZodType][] = [
    ['Body of `POST /v1/login`', loginRequest],
    ['Its answer', loginResponse],
    ['Body of `POST /v1/enter`', enterRequest],
    ['Body of `POST /v1/travel`', travelRequest],
    ['`seat` in an answer', seatAnswer],
    ['`line` in an answer', lineAnswer],
    ['`move` in an answer', moveAnswer],
    ['An error', errorResponse],
    ['Body of `POST {address}/matchmake/joinById/{copy}`', joinOptions],
  ]
  return bodies.map(([title, schema]) => `${title}:\n\n${membersOf(schema)}`).join('\n\n')
}

function messageTables(): string {
  const all = (messages: Partial<Record<keyof typeof control, DescribedMessage>>): string =>
    Object.entries(control)
      .flatMap(([name, type]) => {
        const described = messages[name as keyof typeof control] // a member of control
        return described === undefined ? [] : [`#### \`${type}\`\n\n${described.meaning}\n\n${membersOf(described.schema)}`]
      })
      .join('\n\n')
  return `### From clients\n\n${all(clientMessages)}\n\n### From servers\n\n${all(serverMessages)}`
}

function membersOf(schema: z.ZodType): string {
  const shape = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Shape // JSON Schema has these members
  const variants = shape.anyOf ?? [shape]
  return variants.map(tableOf).join('\n\nor\n\n')
}

function tableOf(shape: Shape): string {
  const rows = rowsOf('', shape)
  return ['| member | type | required | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n')
}

/** One row for each member; those of an object inside follow it. */
function rowsOf(prefix: string, { properties = {}, required = [] }: Shape): string[] {
  return Object.entries(properties).flatMap(([name, member]) => {
    const needed = required.includes(name) ? 'yes' : member.default === undefined ? 'no' : `no (${JSON.stringify(member.default)})`
    const row = `| \`${prefix}${name}\` | ${typeOf(member)} | ${needed} | ${cell(member.description ?? '')} |`
    if (member.items?.properties !== undefined) return [row, ...rowsOf(`${prefix}${name}[].`, member.items)]
    return [row, ...[member, ...(member.anyOf ?? [])].flatMap((one) => rowsOf(`${prefix}${name}.`, one))]
  })
}

function typeOf(shape: Shape): string {
  if (shape.const !== undefined) return `\`${JSON.stringify(shape.const)}\``
  if (shape.enum !== undefined) return shape.enum.map((one) => `\`${one}\``).join(', ')
  if (shape.anyOf !== undefined) return shape.anyOf.map(typeOf).join(' or ')
  if (shape.type === undefined) return 'any'
  if (shape.type === 'array') return `list of ${typeOf(shape.items ?? {})}`
  if (shape.pattern !== undefined) return `text like ${cell(`\`${shape.pattern}\``)}`
  if (shape.type === 'string') return shape.maxLength === undefined ? 'text' : `text, at most ${shape.maxLength} characters`
  if (shape.type === 'object') {
    if (typeof shape.additionalProperties === 'object' && shape.properties === undefined) return `object: text → ${typeOf(shape.additionalProperties)}`
    return shape.properties === undefined ? 'object' : 'object of the members below'
  }
  if (Array.isArray(shape.type)) return shape.type.map((type: string) => typeOf({ type })).join(' or ')
  return `${shape.type === 'integer' ? 'whole number' : shape.type}${boundsOf(shape)}`
}

/** Bounds that zod sets for every safe integer say nothing. */
function boundsOf({ minimum, maximum }: Shape): string {
  const low = minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER ? `≥ ${minimum}` : ''
  const high = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? `≤ ${maximum}` : ''
  const bounds = [low, high].filter((bound) => bound !== '').join(', ')
  return bounds === '' ? '' : `, ${bounds}`
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}
