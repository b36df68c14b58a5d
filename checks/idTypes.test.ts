import { expect, it } from 'vitest'
import { textualIds } from './idTypes.ts'

it('refuses ids that are declared as text, in interfaces, classes and parameters', () => {
  expect(textualIds('a.ts', 'interface A {\n  copy: string\n  map?: MapName\n  guild: string | null\n}\nfunction f(party: string, text: string) {}\n')).toEqual(
    [
      'a.ts:2 copy is an id: declare it as CopyId of model/ids.ts',
      'a.ts:4 guild is an id: declare it as GuildId of model/ids.ts',
      'a.ts:6 party is an id: declare it as PartyId of model/ids.ts',
    ],
  )
})
