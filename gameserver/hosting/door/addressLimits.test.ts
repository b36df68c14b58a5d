import { expect, it } from 'vitest'
import { AddressLimits, clientAddress, trustedProxies } from './addressLimits.ts'

const from = (remoteAddress: string, forwarded?: string) =>
  ({ socket: { remoteAddress }, headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded } }) as Parameters<typeof clientAddress>[0]

it('X1: an address has a limit of open sockets and of requests, and other addresses do not pay for it', () => {
  const limits = new AddressLimits({ connections: 3, requestsPerSecond: 5 })
  expect([1, 2, 3, 4].map(() => limits.open('a'))).toEqual([true, true, true, false])
  expect(limits.open('b')).toBe(true)
  limits.closed('a')
  expect(limits.open('a')).toBe(true)
  expect(Array.from({ length: 30 }, () => limits.request('a', 0)).filter(Boolean)).toHaveLength(20)
  expect(limits.request('b', 0)).toBe(true)
  expect(Array.from({ length: 30 }, () => limits.request('a', 1_000)).filter(Boolean)).toHaveLength(5)
})

it('X1: behind a trusted proxy the limit is that of the client, and a client cannot choose its address', () => {
  const proxies = trustedProxies('10.0.0.0/8, ::1')
  expect(clientAddress(from('203.0.113.9', '198.51.100.1'), undefined)).toBe('203.0.113.9')
  expect(clientAddress(from('203.0.113.9', '198.51.100.1'), proxies)).toBe('203.0.113.9')
  expect(clientAddress(from('10.1.2.3', '192.0.2.1, 198.51.100.1'), proxies)).toBe('198.51.100.1')
  expect(clientAddress(from('::ffff:10.1.2.3', '198.51.100.1, 10.9.9.9'), proxies)).toBe('198.51.100.1')
  expect(clientAddress(from('10.1.2.3', 'nonsense'), proxies)).toBe('10.1.2.3')
  expect(clientAddress(from('10.1.2.3'), proxies)).toBe('10.1.2.3')
  expect(() => trustedProxies('10.0.0.0/8,here')).toThrow('"here" is not an address or a CIDR')
})
