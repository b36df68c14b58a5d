/** Address of the matchmaker. The server of the page writes it into the page (local/demo.ts); `vite client/demo` leaves the mark. */
export function matchmakerUrl(): string {
  const written = document.querySelector<HTMLMetaElement>('meta[name="strata-matchmaker"]')?.content ?? ''
  return written.startsWith('http') ? written : 'http://127.0.0.1:7100'
}
