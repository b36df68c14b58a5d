import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from '../log.ts'

/** Interval between reads of the folder, in ms. A certificate is renewed days before the old one expires, so 30 s is soon enough. */
const RELOAD_EVERY_MS = 30_000

export interface Credentials {
  cert: string
  key: string
}

/**
 * The certificate in `tls.crt` and `tls.key` of a folder (a mounted Secret of type kubernetes.io/tls). Renewed files take effect on new connections
 * without a restart, because a server with players may run longer than its certificate is valid. Unreadable files change nothing.
 */
export class Certificate implements Disposable {
  readonly #folder: string
  readonly #log: Logger
  readonly #timer: NodeJS.Timeout
  #now: Credentials
  #renew: (credentials: Credentials) => void = () => {}

  private constructor(folder: string, log: Logger, now: Credentials) {
    this.#folder = folder
    this.#log = log
    this.#now = now
    this.#timer = setInterval(() => void this.reload(), RELOAD_EVERY_MS)
    this.#timer.unref()
  }

  static async open(folder: string, log: Logger): Promise<Certificate> {
    return new Certificate(folder, log, await read(folder))
  }

  get credentials(): Credentials {
    return this.#now
  }

  /** Sets the listener for new certificates. When it throws, the old certificate stays and the new one is tried again later. */
  onRenewal(renew: (credentials: Credentials) => void): void {
    this.#renew = renew
  }

  /** Reads the folder again. */
  async reload(): Promise<void> {
    try {
      const found = await read(this.#folder)
      if (found.cert === this.#now.cert && found.key === this.#now.key) return
      this.#renew(found)
      this.#now = found
      this.#log.info({ folder: this.#folder }, 'the certificate was renewed')
    } catch (error) {
      this.#log.error({ err: error, folder: this.#folder }, 'the certificate could not be renewed; the last good one stays in use')
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }
}

async function read(folder: string): Promise<Credentials> {
  const [cert, key] = await Promise.all([readFile(join(folder, 'tls.crt'), 'utf8'), readFile(join(folder, 'tls.key'), 'utf8')])
  return { cert, key }
}
