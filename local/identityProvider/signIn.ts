import type { IncomingMessage } from 'node:http'
import type { Provider } from 'oidc-provider'
import { z } from 'zod'

/** Longest body of a sign-in, in bytes. */
const BODY_LIMIT_BYTES = 4_096

/** What a player types in. A real provider would ask for a password, too. */
const signIn = z.strictObject({
  login: z.string().min(1).max(128),
  name: z.string().min(1).max(64).optional(),
  locale: z.string().min(2).max(35).optional(),
  class: z.string().max(32).optional(),
  roles: z.array(z.string().max(32)).max(8).optional(),
})
export type SignIn = z.infer<typeof signIn>

/**
 * The page where a player signs in, without the page: `POST /interaction/UID` with JSON finishes the sign-in and redirects back into the authorization
 * request. `accept` returns the `sub` of the account. Programs drive it over HTTP and keep the cookies, as a browser does.
 */
export function signInRoute(provider: Provider, accept: (signIn: SignIn) => string): void {
  provider.use(async (context, next) => {
    if (!context.path.startsWith('/interaction/')) return next()
    if (context.method !== 'POST') {
      context.status = 405
      context.body = { error: 'this provider has no pages: POST the sign-in as JSON to this address' }
      return
    }
    const body = signIn.safeParse(await readJson(context.req).catch(() => undefined))
    if (!body.success) {
      context.status = 400
      context.body = { error: `sign-in: ${body.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('; ')}` }
      return
    }
    await provider.interactionFinished(context.req, context.res, { login: { accountId: accept(body.data) } }, { mergeWithLastSubmission: false })
    context.respond = false
  })
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > BODY_LIMIT_BYTES) throw new Error('the body is too large')
    chunks.push(chunk)
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8'))
}
