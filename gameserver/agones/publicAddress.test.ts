import { describe, expect, it } from 'vitest'
import { addressTemplateProblem, publicAddress } from './publicAddress.ts'

const parts = { node: 'gke-a-1', host: '203.0.113.7', port: 7123, server: 'overworld-x7-abc' }

describe('public address', () => {
  it('is the address from Agones when there is no template', () => {
    expect(publicAddress('ws', undefined, parts)).toBe('ws://203.0.113.7:7123')
    expect(publicAddress('ws', undefined, { ...parts, host: '2001:db8::7' })).toBe('ws://[2001:db8::7]:7123')
  })

  it('fills in a template: a host name per node for certificates, a path per server for a gateway', () => {
    expect(publicAddress('wss', '{node}.play.example.com:{port}', parts)).toBe('wss://gke-a-1.play.example.com:7123')
    expect(publicAddress('wss', 'play.example.com/{server}', parts)).toBe('wss://play.example.com/overworld-x7-abc')
    expect(publicAddress('wss', '{server}.play.example.com', parts)).toBe('wss://overworld-x7-abc.play.example.com')
  })

  it('X1: a template with an unknown value stops the server before it publishes a wrong address', () => {
    expect(() => publicAddress('wss', '{node}.play.example.com:{port}', { ...parts, node: '' })).toThrow(/\{node\}.*NODE_NAME/)
    expect(() => publicAddress('wss', 'x:{port}', { ...parts, port: 0 })).toThrow(/\{port\}/)
  })

  it('X1: refuses a template that is not an address and says what to write instead', () => {
    expect(addressTemplateProblem('{node}.play.example.com:{port}')).toBeUndefined()
    expect(addressTemplateProblem('play.example.com/{server}')).toBeUndefined()
    expect(addressTemplateProblem('{nod}.play.example.com')).toBe('{nod} is unknown: use {node}, {host}, {port}, {server}')
    expect(addressTemplateProblem('wss://{node}.x')).toMatch('without a scheme')
    for (const wrong of ['', ' ', '{node', 'a b', 'host:port', '{host}:{port}?x=1', 'me@{host}'])
      expect(addressTemplateProblem(wrong), wrong).toMatch('write HOST')
  })
})
