import { parser } from '@prometheus-io/lezer-promql'

/** The vector selectors of a query, with their label matchers, as the query has them. Throws when the query is not PromQL. */
export function selectorsIn(query: string): string[] {
  const found = new Set<string>()
  parser.parse(query).iterate({
    enter({ name, from, to, type }) {
      if (type.isError) throw new Error(`not PromQL at character ${from}: ${query}`)
      if (name === 'VectorSelector') found.add(query.slice(from, to))
    },
  })
  return [...found]
}

/** The names of the metrics in a query. */
export function metricsIn(query: string): string[] {
  return selectorsIn(query).map((selector) => {
    const name = /^[a-zA-Z_:][\w:]*/.exec(selector)?.[0]
    if (name === undefined) throw new Error(`a selector without a name: ${selector}`)
    return name
  })
}

/** The metric that a process registers for a series: a histogram has three. */
export function registeredName(series: string): string {
  return series.replace(/_(bucket|sum|count)$/, '')
}
