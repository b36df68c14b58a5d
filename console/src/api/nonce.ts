/** The nonce of this page, which style elements need (orchestrator/console/consolePages.ts). */
export function nonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? ''
}
