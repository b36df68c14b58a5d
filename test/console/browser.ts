import type { SessionAnswer } from '../../model/wire/console.ts'

/** As much of a browser as the API needs: it keeps cookies by host, and the token of the session. */
export class Browser {
  url: string
  csrf = ''
  readonly setCookies: string[] = []
  readonly #cookies = new Map<string, string>()

  constructor(url: string) {
    this.url = url
  }

  get cookie(): string {
    return this.#cookies.get('strata_session') ?? ''
  }
  set cookie(value: string) {
    this.#cookies.set('strata_session', value)
  }

  async ask(method: string, path: string, body?: object): Promise<{ status: number; body: unknown; text: string }> {
    const response = await this.#send(new URL(path, this.url), method, body && { type: 'application/json', text: JSON.stringify(body) })
    const text = await response.text()
    const answer: unknown = response.headers.get('content-type')?.startsWith('application/json') ? JSON.parse(text) : text
    const { person } = (typeof answer === 'object' ? answer : {}) as Partial<SessionAnswer> // only sessions have a person
    if (person !== undefined) this.csrf = person.csrf
    return { status: response.status, body: answer, text }
  }

  /** Follows redirects to the identity provider's page, fills it in, and follows the redirects back. Returns the path where it ends. */
  async signInAt(path: string, { login, roles }: { login: string; roles: string[] }): Promise<string> {
    let address = new URL(path, this.url)
    let form: { type: string; text: string } | undefined
    for (let step = 0; step < 12; step++) {
      const response = await this.#send(address, form === undefined ? 'GET' : 'POST', form)
      const to = response.headers.get('location')
      if (to !== null) {
        address = new URL(to, address)
        form = undefined
        if (address.pathname.startsWith('/console/')) return address.pathname + address.search
      } else if (response.status === 200) {
        const fields = new URLSearchParams([['login', login], ...roles.map((role) => ['roles', role])])
        form = { type: 'application/x-www-form-urlencoded', text: fields.toString() }
      } else throw new Error(`${address.href} answered ${response.status}: ${await response.text()}`)
    }
    throw new Error('the sign-in does not end')
  }

  async #send(address: URL, method: string, body?: { type: string; text: string }): Promise<Response> {
    const headers = {
      cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; '),
      'strata-csrf': this.csrf,
      ...(body === undefined ? {} : { 'content-type': body.type }),
    }
    const response = await fetch(address, { method, headers, redirect: 'manual', body: body?.text ?? null })
    for (const line of response.headers.getSetCookie()) {
      this.setCookies.push(line)
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value === '') this.#cookies.delete(name)
      else this.#cookies.set(name, value)
    }
    return response
  }
}
