import { expect, it } from 'vitest'
import { policyOf } from '../../score/testing/worlds.ts'
import { defaultSettings } from '../../store/accounts/accounts.ts'
import type { SocialProfile } from '../../store/store.ts'
import { memberOf } from './members.ts'

const MINUTE = 60_000
const profile: SocialProfile = {
  character: 'c1',
  entity: 1,
  name: 'Ada',
  account: 'a1',
  language: 'pt-br',
  languages: ['pt-br', 'en'],
  partyMembers: [],
  friends: ['c2'],
  blocked: ['c3'],
  settings: defaultSettings,
  left: { copy: 'forest-1', at: 10 * MINUTE },
}

it('a member goes back to the copy that it left within `placement.returnWithin`', () => {
  const leftCopy = (now: number, returnWithin?: string) =>
    memberOf(profile, policyOf(returnWithin === undefined ? {} : { placement: { returnWithin } }), now).leftCopy
  expect(leftCopy(10 * MINUTE + 15_000)).toBe('forest-1')
  expect(leftCopy(15 * MINUTE)).toBeUndefined()
  expect(leftCopy(25 * MINUTE, '30m')).toBe('forest-1')
  expect(leftCopy(10 * MINUTE, '0s')).toBeUndefined()
})

it('a seat says the languages as the policy counts them, and a member knows whom it has blocked', () => {
  const member = memberOf(profile, policyOf(), 0)
  expect(member).toMatchObject({ holder: { language: 'pt', languages: ['en'] }, blocked: new Set(['c3']) })
  expect(memberOf(profile, policyOf({ placement: { languages: { regions: 'apart' } } }), 0).holder.language).toBe('pt-br')
})
