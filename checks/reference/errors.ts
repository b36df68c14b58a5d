import { catalogue, type ErrorRow } from '../../model/errors.ts'

/** Text of docs/reference/errors.md: the error catalogue as a table. */
export function errorsReference(): string {
  const rows = Object.entries<ErrorRow>(catalogue).map(
    ([code, { message, status, close, retryable }]) =>
      `| \`${code}\` | ${message.replaceAll('|', '\\|')} | ${status} | ${close} | ${retryable ? 'yes' : 'no'} |`,
  )
  return `# Errors

<!-- Made by npm run generate from model/errors.ts; do not edit. -->

Codes are permanent. Over HTTP an error has the status below and the body \`{"error": {"code", "message", "retryable", "details"}}\`. A WebSocket is
closed with the close code, and the code's name as the reason. *Retryable* means that the same request may succeed later without any change. Names in
braces are replaced by details.

| code | message | HTTP | close | retryable |
| --- | --- | --- | --- | --- |
${rows.join('\n')}
`
}
