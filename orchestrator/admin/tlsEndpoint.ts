import { watch } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { Server } from 'node:https'
import { dirname } from 'node:path'
import type { Logger } from '../../service/log.ts'

/** Where to listen, and the PEM files of a mounted Secret. */
export interface TlsEndpoint {
  host: string
  port: number
  certificate: string
  key: string
}

export async function readPair({ certificate, key }: TlsEndpoint): Promise<{ cert: string; key: string }> {
  const [cert, privateKey] = await Promise.all([readFile(certificate, 'utf8'), readFile(key, 'utf8')])
  return { cert, key: privateKey }
}

/** A renewed Secret is taken up without a restart. Returns how to stop watching. */
export function renewCertificate(server: Server, endpoint: TlsEndpoint, log: Logger): Disposable {
  let settle: NodeJS.Timeout | undefined
  const renew = async (): Promise<void> => {
    try {
      server.setSecureContext(await readPair(endpoint))
      log.info({ certificate: endpoint.certificate }, 'the certificate was read anew')
    } catch (error) {
      log.error({ err: error, certificate: endpoint.certificate }, 'the new certificate cannot be used; the one before goes on')
    }
  }
  // The folder, not the file: a mounted Secret changes by a symbolic link beside it.
  const watcher = watch(dirname(endpoint.certificate), () => {
    clearTimeout(settle)
    settle = setTimeout(() => void renew(), 200)
  })
  return {
    [Symbol.dispose]() {
      clearTimeout(settle)
      watcher.close()
    },
  }
}
