import { expect, it } from 'vitest'
import { makeCharacter } from '../../test/people.ts'
import { storeOfFile } from '../../test/storeOfFile.ts'

const { store } = await storeOfFile()

it('a character is found by its id and by its name, without regard to case and Unicode form', async () => {
  const { character } = await makeCharacter(store, { name: 'Ärger' })
  expect((await store.findCharacter('a\u0308RGER'))?.character).toBe(character)
  expect((await store.findCharacter(character))?.name).toBe('Ärger')
  expect(await store.findCharacter('nobody at all')).toBeUndefined()
})

it('a guild is known by its name', async () => {
  const { guild = '' } = await makeCharacter(store, { name: 'Bea', guild: 'Lanterns' })
  expect(await store.guildName(guild)).toBe('Lanterns')
  expect(await store.guildName('no such guild')).toBeUndefined()
})

it('one statement returns friends, party, blocks, languages, settings, a ban and a mute', async () => {
  const [ada, bob, eve] = [
    await makeCharacter(store, { name: 'Ada' }),
    await makeCharacter(store, { name: 'Bob' }),
    await makeCharacter(store, { name: 'Eve' }),
  ]
  await store.social.befriend(ada.character, bob.character)
  await store.social.block(eve.character, ada.character)
  await store.social.createParty('duo', ada.character)
  await store.accounts.describeCharacter(ada.character, { languages: ['pt-br', 'en'], settings: { presence: 'nobody' } })
  await store.accounts.setBan(ada.account, { until: 2_000_000_000_000, reason: 'cheating' })
  await store.accounts.setMute(ada.account, { until: 2_100_000_000_000, reason: 'insults' })
  expect(await store.profile(ada.character)).toMatchObject({
    friends: [bob.character],
    blocked: [eve.character],
    partyMembers: [ada.character],
    language: 'pt-br',
    languages: ['pt-br', 'en'],
    settings: { presence: 'nobody', joinable: 'company', follow: 'always' },
    ban: { until: 2_000_000_000_000, reason: 'cheating' },
    mute: { until: 2_100_000_000_000, reason: 'insults' },
  })
  expect(await store.profile(eve.character)).toMatchObject({ blocked: [ada.character] })
})
