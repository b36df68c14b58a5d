import type { LoggerOptions } from 'pino'

/**
 * Most lines of one kind in a second. What a stranger can cause as often as they like, such as refused requests, would fill the disk otherwise: a matchmaker that
 * two dozen hostile clients overload refuses more than 1,000 requests a second, of some 1,300 bytes of log each.
 */
const LINES_PER_KIND = 20
/** What differs between two lines of one kind (ids, numbers, problems) stands behind one of these. */
const DETAIL = /[\d(:"]/
const SECOND_MS = 1_000

type LogMethod = NonNullable<NonNullable<LoggerOptions['hooks']>['logMethod']>

/**
 * A hook for pino that lets LINES_PER_KIND lines of each kind pass in a second. A kind is a level, an error code and the beginning of the text. A line
 * after each second says how many were left out.
 */
export function logLimit(): LogMethod {
  let kinds = new Map<string, { lines: number }>()
  let since = performance.now()
  return function limited(args, method, level) {
    if (performance.now() - since >= SECOND_MS) {
      kinds = new Map()
      since = performance.now()
    }
    const kind = `${level} ${kindOf(args)}`
    const known = kinds.get(kind) ?? { lines: 0 }
    kinds.set(kind, known)
    known.lines++
    if (known.lines <= LINES_PER_KIND) return method.apply(this, args)
    if (known.lines > LINES_PER_KIND + 1) return
    setTimeout(
      () => method.apply(this, [{ kind: kindOf(args), leftOut: known.lines - LINES_PER_KIND }, 'log lines of one kind were left out']),
      SECOND_MS,
    ).unref()
  }
}

function kindOf(args: readonly unknown[]): string {
  const [first, second] = args
  const text = typeof first === 'string' ? first : typeof second === 'string' ? second : ''
  const error = typeof first === 'object' && first !== null && 'err' in first ? first.err : undefined
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
  return `${code} ${text.split(DETAIL, 1)[0]}`
}
