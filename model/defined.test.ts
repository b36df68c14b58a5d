import { expect, it } from 'vitest'
import { defined } from './defined.ts'

it('leaves out properties that are undefined and keeps all others', () => {
  const values: { party: string | undefined; region: string | undefined; count: number; name: string | null } = {
    party: 'p1',
    region: undefined,
    count: 0,
    name: null,
  }
  const exact: { party?: string; region?: string; count: number; name: string | null } = defined(values)
  expect(Object.keys(exact)).toEqual(['party', 'count', 'name'])
})
