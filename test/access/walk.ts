import type { AccessTable } from '../../model/access/who.ts'
import { closedRows, type Parties, type Stranger } from './callers.ts'

export interface Answer {
  status: number
  text: string
}

export interface WalkedApi {
  table: AccessTable
  /** Sends a well-formed request that would act for the victim. `route` is a row's key: method and path. */
  ask(route: string, token: string | undefined): Promise<Answer>
}

/** The answers of a guard to a caller that it does not know, and to one that it knows and that lacks the scope. Other refusals come from behind the guard. */
const REFUSALS = ['401 SESSION_MISSING', '401 SESSION_INVALID', '401 SERVICE_TOKEN', '401 OPERATOR_TOKEN', '403 SCOPE_MISSING']

/** Sends the tokens of a stranger to every route that needs a token. Returns a line for each request that its guard did not refuse. */
export async function admitted({ table, ask }: WalkedApi, { tokens }: Stranger, parties: Parties): Promise<string[]> {
  const found: string[] = []
  let sent = 0
  for (const [route, who] of closedRows(table)) {
    for (const token of await tokens(who, parties)) {
      sent++
      const answer = await ask(route, token)
      if (!REFUSALS.includes(`${answer.status} ${codeIn(answer)}`)) found.push(lineOf(route, who, token, answer))
      // fastify answers HEAD for each GET route, by the same guard.
      if (!route.startsWith('GET ')) continue
      const head = await ask(route.replace('GET', 'HEAD'), token)
      if (![401, 403].includes(head.status)) found.push(lineOf(`HEAD of ${route}`, who, token, head))
    }
  }
  if (sent === 0) throw new Error('no route of this table is closed to this stranger')
  return found
}

export function codeIn({ text }: Answer): string | undefined {
  if (!text.startsWith('{')) return undefined
  return (JSON.parse(text) as { error?: { code?: string } }).error?.code // the error's body, model/wire/matchmaker.ts
}

export function lineOf(route: string, who: string, token: string | undefined, { status, text }: Answer): string {
  return `${route} (${who}) answered ${status} to ${token}: ${text.slice(0, 200)}`
}
