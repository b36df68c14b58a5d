import { catalogue, type ErrorRow } from '../../model/errors.ts'

/** docs/reference/errors.md: the catalogue as a table. */
export function errorsReference(): string {
  const rows = Object.entries<ErrorRow>(catalogue).map(
    ([code, { message, status, close, retryable }]) =>
      `| \`${code}\` | ${message.replaceAll('|', '\\|')} | ${status} | ${close} | ${retryable ? 'yes' : 'no'} |`,
  )
  return `# Errors

<!-- Made by npm run generate from model/errors.ts; do not edit. -->

Codes are permanent. Over HTTP an error is \`{"error": {"code", "message", "retryable", "details"}}\` with the status below; a WebSocket
is closed with the close code, and the same JSON as its reason where it fits. *Retryable* means that the same request may succeed a
little later without any change. Names in braces are filled in.

| code | message | HTTP | close | retryable |
| --- | --- | --- | --- | --- |
${rows.join('\n')}
`
}
