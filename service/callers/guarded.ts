import type { FastifyRequest, RouteOptions } from 'fastify'
import type { AccessTable, Who } from '../../model/access/who.ts'

type Hook = (request: FastifyRequest) => Promise<void>

const admits = new WeakMap<object, Who>()

/** Marks an onRequest hook as the guard that lets exactly these callers through. */
export function guarded(who: Who, hook: Hook): Hook {
  admits.set(hook, who)
  return hook
}

/** Hook for `onRoute`: throws for a route that has no row in the table, and for one whose guard differs from its row. */
export function checkAccess(table: AccessTable): (route: RouteOptions) => void {
  return ({ method, url, onRequest }) => {
    const guards = [onRequest].flat().flatMap((hook) => (hook === undefined ? [] : (admits.get(hook) ?? [])))
    if (guards.length > 1) throw new Error(`route ${String(method)} ${url} has ${guards.length} guards: keep one`)
    const [actual = 'anyone'] = guards
    for (const one of [method].flat()) {
      // fastify adds a HEAD route to each GET route, with the same hooks; @fastify/cors answers OPTIONS for all paths.
      if (one === 'HEAD' || (one === 'OPTIONS' && url === '*')) continue
      const who = table[`${one} ${url}`]
      if (who === undefined) throw new Error(`route ${one} ${url} has no row in model/access/routes.ts: write there who may call it`)
      if (who !== actual) throw new Error(`route ${one} ${url} lets "${actual}" in, but its row in model/access/routes.ts says "${who}"`)
    }
  }
}
