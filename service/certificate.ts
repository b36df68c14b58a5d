import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from './log.ts'

/** A renewed certificate is there days before the old one ends. */
const LOOK_EVERY_MS = 30_000

export interface Credentials {
  cert: string
  key: string
}

/**
 * `tls.crt` and `tls.key` of a folder, as a Secret of type kubernetes.io/tls is mounted. Renewed files act on new
 * connections by themselves, because a server with players outlives its certificate; what cannot be read changes nothing.
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
    this.#timer = setInterval(() => void this.reload(), LOOK_EVERY_MS)
    this.#timer.unref()
  }

  static async open(folder: string, log: Logger): Promise<Certificate> {
    return new Certificate(folder, log, await read(folder))
  }

  get credentials(): Credentials {
    return this.#now
  }

  /** From now on `renew` is called with each new certificate; it throws when it cannot use one. */
  onRenewal(renew: (credentials: Credentials) => void): void {
    this.#renew = renew
  }

  /** Reads the folder anew. */
  async reload(): Promise<void> {
    try {
      const found = await read(this.#folder)
      if (found.cert === this.#now.cert && found.key === this.#now.key) return
      this.#renew(found)
      this.#now = found
      this.#log.info({ folder: this.#folder }, 'the certificate was renewed')
    } catch (error) {
      this.#log.error({ err: error, folder: this.#folder }, 'the certificate could not be renewed; the last good one goes on')
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
