import { LineCounter, parseAllDocuments } from 'yaml'
import { offsetOf } from '../../model/policy/parse.ts'

/** Where a field stands in the last document of that kind and name: of two in one file it is the one too many. */
export function placeOf(text: string, kind: string, name: string, path: readonly (string | number)[]): { line: number; column: number } {
  const lines = new LineCounter()
  const document = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false }).findLast(
    (one) => one.contents !== null && one.get('kind') === kind && one.getIn(['metadata', 'name']) === name,
  )
  const { line, col } = lines.linePos(document === undefined ? 0 : offsetOf(document, path))
  return { line, column: col }
}
