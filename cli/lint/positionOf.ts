import { LineCounter, parseAllDocuments } from 'yaml'
import { offsetOf } from '../../model/policy/parse.ts'

/** Position of a field in the last document with that kind and name; of two in one file, the last is the duplicate. */
export function positionOf(text: string, kind: string, name: string, path: readonly (string | number)[]): { line: number; column: number } {
  const lines = new LineCounter()
  const document = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false }).findLast(
    (one) => one.contents !== null && one.get('kind') === kind && one.getIn(['metadata', 'name']) === name,
  )
  const { line, col } = lines.linePos(document === undefined ? 0 : offsetOf(document, path))
  return { line, column: col }
}
