/** The URL of a service, or the path of its Unix socket, with the user and password of a role. */
export function roleUrl(url: string, username: string, password: string): string {
  return Object.assign(new URL(url.startsWith('/') ? `unix://localhost${url}` : url), { username, password }).href
}
