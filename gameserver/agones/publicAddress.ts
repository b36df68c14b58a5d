import { StrataError } from '../../model/errors.ts'

/** What a template may name in braces. */
export interface AddressParts {
  /** The node's name, from the downward API: Agones' SDK does not tell it. */
  node: string
  /** Address and port that Agones gave out: what players reach without a template. */
  host: string
  port: number
  /** The GameServer's name: what a gateway routes by. */
  server: string
}

const placeholder = /\{(\w*)\}/g
const names = ['node', 'host', 'port', 'server'] as const

/** Why the template cannot be an address; undefined when it can. */
export function addressTemplateProblem(template: string): string | undefined {
  const unknown = [...template.matchAll(placeholder)].find(([, name]) => !names.includes(name as (typeof names)[number]))
  if (unknown !== undefined) return `${unknown[0]} is unknown: use {${names.join('}, {')}}`
  if (/:\/\//.test(template)) return 'write it without a scheme: PUBLIC_SCHEME says ws or wss'
  const sample = fill(template, { node: 'node-1', host: '192.0.2.1', port: 7000, server: 'server-1' })
  return URL.canParse(`wss://${sample}`) && !/[{}?#@\s]/.test(sample)
    ? undefined
    : 'write HOST, HOST:PORT or HOST/PATH, such as "{node}.play.example.com:{port}"'
}

/**
 * Where players connect: Agones' own address and port, or `PUBLIC_ADDRESS` filled in, for names that a certificate can be
 * for, or a gateway in front. Throws SERVICE_NOT_STARTED when a part that the template names is not known.
 */
export function publicAddress(scheme: 'ws' | 'wss', template: string | undefined, parts: AddressParts): string {
  const text = template ?? '{host}:{port}'
  for (const name of names) {
    if (text.includes(`{${name}}`) && (parts[name] === '' || parts[name] === 0))
      throw new StrataError('SERVICE_NOT_STARTED', { what: 'The public address', problem: `{${name}} of "${text}" is not known (is NODE_NAME set?)` })
  }
  // An address of IPv6 stands in brackets in a URL.
  const host = parts.host.includes(':') ? `[${parts.host}]` : parts.host
  return `${scheme}://${fill(text, { ...parts, host })}`
}

function fill(template: string, parts: AddressParts): string {
  return template.replaceAll(placeholder, (_, name: keyof AddressParts) => String(parts[name]))
}
