import { expect, it } from 'vitest'
import { designPage, housesDiagram } from './houses.ts'

it('draws each arrow that does not follow from others', () => {
  expect(housesDiagram({ words: [], store: ['words'], server: ['words', 'store'] })).toBe('flowchart BT\n  words\n  store --> words\n  server --> store')
})

it('refuses a table in which a house may import through another what it may not import itself', () => {
  expect(() => housesDiagram({ words: [], store: ['words'], server: ['store'] })).toThrow('server may import houses that import words')
})

it('refuses a page without the two marks', () => {
  expect(() => designPage('# Design\n')).toThrow('needs the lines')
})
