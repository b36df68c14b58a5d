import { expect, it } from 'vitest'
import { seatLanguages, spokenBy } from './languages.ts'

it('regions of one language count together or apart, and a rule of its own comes first', () => {
  const together = { regions: 'together', as: { nn: 'nb', 'zh-tw': 'zh-hant' } } as const
  expect(seatLanguages(['pt-br', 'pt', 'en'], together)).toEqual({ language: 'pt', languages: ['en'] })
  expect(seatLanguages(['es-419'], together)).toEqual({ language: 'es' })
  expect(seatLanguages(['zh-hant-hk', 'nn', 'zh-tw'], together)).toEqual({ language: 'zh-hant', languages: ['nb'] })
  expect(seatLanguages(['sr-latn'], together)).toEqual({ language: 'sr-latn' })
  expect(seatLanguages(['pt-br', 'pt', 'en'], { regions: 'apart', as: {} })).toEqual({ language: 'pt-br', languages: ['pt', 'en'] })
})

it('a seat of the previous release speaks one language', () => {
  expect(spokenBy({ language: 'de' })).toEqual(['de'])
  expect(spokenBy({ language: 'de', languages: ['en', 'de', 'en'] })).toEqual(['de', 'en'])
})
