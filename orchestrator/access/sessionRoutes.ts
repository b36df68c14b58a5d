import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import { scopesOf } from '../../model/access/roles.ts'
import type { Clock } from '../../model/clock.ts'
import { defined } from '../../model/defined.ts'
import { StrataError } from '../../model/errors.ts'
import { loginRequest, type SessionAnswer, sessionAnswer } from '../../model/wire/console.ts'
import type { HttpApp } from '../../service/http.ts'
import { isPassword } from '../../service/keys/password.ts'
import type { AuditEntry } from '../../store/accounts/accounts.ts'
import type { ConsoleAccounts } from '../../store/accounts/consoleAccounts.ts'
import { type AdminGuard, SESSION_COOKIE } from './adminGuard.ts'
import { LoginLimit } from './loginLimit.ts'
import type { OpenIdLogin } from './openIdLogin.ts'
import { LOGIN_MS, SESSION_MS, type Session, type Sessions } from './sessions.ts'

const LOGIN_COOKIE = 'strata_login'

export interface SessionParts {
  guard: AdminGuard
  sessions: Sessions
  accounts: ConsoleAccounts
  openId: OpenIdLogin | undefined
  audit: (entry: AuditEntry) => Promise<void>
  clock: Clock
  /** The console is served over HTTPS: cookies are not sent without it. */
  secure: boolean
}

/** Signing in and out. A session is a cookie that scripts cannot read and that other sites cannot send. */
export function sessionRoutes(http: HttpApp, { guard, sessions, accounts, openId, audit, clock, secure }: SessionParts): void {
  const limit = new LoginLimit(clock)
  const methods: SessionAnswer['methods'] = openId === undefined ? ['password'] : ['openid', 'password']
  const answer = (session: Session | undefined): SessionAnswer =>
    defined({ person: session && { name: session.name, roles: session.roles, scopes: scopesOf(session.roles), csrf: session.csrf }, methods })
  const cookie = { httpOnly: true, secure, path: '/' } as const

  const signIn = async (reply: FastifyReply, person: Omit<Session, 'csrf'>): Promise<Session> => {
    const { session, cookie: value } = await sessions.seal(person)
    await audit({ actor: `console:${person.name}`, action: 'sign in', subject: 'console', details: { roles: person.roles, from: person.from } })
    void reply.setCookie(SESSION_COOKIE, value, { ...cookie, sameSite: 'strict', maxAge: SESSION_MS / 1000 })
    return session
  }

  http.get('/v1/session', { schema: { response: { 200: sessionAnswer } } }, async (request) => {
    const value = request.cookies[SESSION_COOKIE]
    return answer(value === undefined ? undefined : await guard.session(value))
  })

  http.post('/v1/session', { schema: { body: loginRequest, response: { 200: sessionAnswer } } }, async (request, reply) => {
    const { name, password } = request.body
    limit.begin(request.ip, name)
    const account = await accounts.consoleAccount(name)
    if (!(await isPassword(password, account?.passwordHash)) || account === undefined) throw new StrataError('LOGIN_REFUSED')
    limit.succeeded(name)
    return answer(await signIn(reply, { name, roles: account.roles, from: 'local' }))
  })

  http.delete('/v1/session', { schema: { response: { 200: sessionAnswer } } }, (_request, reply) => {
    void reply.clearCookie(SESSION_COOKIE, cookie)
    return answer(undefined)
  })

  http.get('/v1/session/openid', { schema: { querystring: z.object({ back: z.string().max(500).default('/console/') }) } }, async (request, reply) => {
    if (openId === undefined) throw new StrataError('NOT_FOUND', { path: request.url })
    limit.begin(request.ip, '')
    const { address, pending } = await openId.begin(ownPath(request.query.back))
    // Lax: the way back from the provider is a navigation that another site began.
    void reply.setCookie(LOGIN_COOKIE, await sessions.sealLogin(pending), { ...cookie, sameSite: 'lax', maxAge: LOGIN_MS / 1000 })
    return reply.redirect(address)
  })

  http.get('/v1/session/openid/callback', async (request, reply) => {
    const pending = openId && (await sessions.openLogin(request.cookies[LOGIN_COOKIE] ?? ''))
    if (openId === undefined || pending === undefined)
      throw new StrataError('SESSION_INVALID', { problem: 'the sign-in took too long, or began in another browser' })
    void reply.clearCookie(LOGIN_COOKIE, cookie)
    const person = await openId.finish(request.url.split('?')[1] ?? '', pending).catch((error: unknown) => {
      if (error instanceof StrataError && error.row.status < 500) return error
      throw error
    })
    if (person instanceof StrataError) return reply.redirect(`/console/?refused=${encodeURIComponent(person.message)}`)
    await signIn(reply, { ...person, from: 'openid' })
    return reply.redirect(pending.back)
  })
}

/** A path of the console. Anything else would let a link send people elsewhere after they signed in. */
function ownPath(back: string): string {
  return /^\/console(\/(?!\/)[^\\]*)?$/.test(back) ? back : '/console/'
}
