import { StrataError } from '../../model/errors.ts'
import type { ServerId } from '../../model/ids.ts'

/** The values that a template may name in braces. */
export interface AddressParts {
  /** Name of the node, from the Kubernetes downward API, because the Agones SDK does not report it. */
  node: string
  /** Address and port from Agones; players connect to them when there is no template. */
  host: string
  port: number
  /** Name of the GameServer; a gateway can route by it. */
  server: ServerId
}

const placeholder = /\{(\w*)\}/g
const names = ['node', 'host', 'port', 'server'] as const

/** Returns why the template is not a valid address, or undefined when it is valid. */
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
 * Returns the URL to which players connect: the address and port from Agones, or the filled-in template. A template is needed when a certificate
 * requires host names or a gateway stands in front. Throws SERVICE_NOT_STARTED when the template names an unknown value.
 */
export function publicAddress(scheme: 'ws' | 'wss', template: string | undefined, parts: AddressParts): string {
  const text = template ?? '{host}:{port}'
  for (const name of names) {
    if (text.includes(`{${name}}`) && (parts[name] === '' || parts[name] === 0))
      throw new StrataError('SERVICE_NOT_STARTED', { what: 'The public address', problem: `{${name}} of "${text}" is not known (is NODE_NAME set?)` })
  }
  // A URL has an IPv6 address in brackets.
  const host = parts.host.includes(':') ? `[${parts.host}]` : parts.host
  return `${scheme}://${fill(text, { ...parts, host })}`
}

function fill(template: string, parts: AddressParts): string {
  return template.replaceAll(placeholder, (_, name: keyof AddressParts) => String(parts[name]))
}
