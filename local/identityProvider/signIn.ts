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

/** The page for people, who sign in to the console: any name, and the roles that they want to try. */
const page = `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Local identity provider</title>
<body style="font: 16px sans-serif; max-width: 24rem; margin: 4rem auto">
<h1>Local identity provider</h1><p>For this machine only: it believes every name and every role.</p>
<form method="post"><p><label>Name <input name="login" required maxlength="128" autofocus></label></p>
<p><label>Role <select name="roles"><option>viewer<option>designer<option>moderator<option>operator<option value="">none</select></label></p>
<button>Sign in</button></form></body></html>`

/**
 * The page where somebody signs in. Programs send JSON and need no page: `POST /interaction/UID` with JSON finishes the sign-in and redirects back into the authorization
 * request. `accept` returns the `sub` of the account. Programs drive it over HTTP and keep the cookies, as a browser does.
 */
export function signInRoute(provider: Provider, accept: (signIn: SignIn) => string): void {
  provider.use(async (context, next) => {
    if (!context.path.startsWith('/interaction/')) return next()
    if (context.method !== 'POST') {
      context.type = 'html'
      context.body = page
      return
    }
    const body = signIn.safeParse(await readBody(context.req).catch(() => undefined))
    if (!body.success) {
      context.status = 400
      context.body = { error: `sign-in: ${body.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('; ')}` }
      return
    }
    await provider.interactionFinished(context.req, context.res, { login: { accountId: accept(body.data) } }, { mergeWithLastSubmission: false })
    context.respond = false
  })
}

/** JSON, or the fields of the page's form. */
async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > BODY_LIMIT_BYTES) throw new Error('the body is too large')
    chunks.push(chunk)
  }
  const text = Buffer.concat(chunks).toString('utf8')
  if (request.headers['content-type'] !== 'application/x-www-form-urlencoded') return JSON.parse(text)
  const form = new URLSearchParams(text)
  const [login, roles] = [form.get('login') ?? '', form.getAll('roles').filter((role) => role !== '')]
  return { login, name: login, roles }
}
