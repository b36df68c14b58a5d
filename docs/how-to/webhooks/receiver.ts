import { createServer, type IncomingMessage, type Server } from 'node:http'
import { Webhook, WebhookVerificationError } from 'standardwebhooks'

interface Message {
  type: string
  timestamp: string
  data: { character?: string; copy: string; from?: string; epoch?: number }
}

/** Longest body that is read, in bytes. Messages are below 10 kB. */
const MAX_BYTES = 100_000

/** Receives webhooks. `seen` and `apply` belong in one transaction of your database: a message may come twice, also after a restart. */
export function createReceiver(secret: string, seen: Set<string>, apply: (message: Message) => Promise<void>): Server {
  const webhook = new Webhook(secret)
  return createServer(async (request, response) => {
    try {
      const message = webhook.verify(await bodyOf(request), headersOf(request)) as Message
      const id = String(request.headers['webhook-id'])
      if (!seen.has(id)) await apply(message)
      seen.add(id)
      response.writeHead(204).end()
    } catch (error) {
      // A wrong signature, or one of more than five minutes ago, is never right later. Anything else is sent again.
      response.writeHead(error instanceof WebhookVerificationError ? 400 : 500).end()
    }
  })
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length
    if (bytes > MAX_BYTES) throw new Error('the body is too long')
    parts.push(part)
  }
  return Buffer.concat(parts).toString()
}

function headersOf({ headers }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
}
