import type { CryptoKey } from 'jose'
import { keyId } from '../model/ticket/signature.ts'
import { importPublicKeys, type KeyName, readPublicTexts } from './keys.ts'
import type { Logger } from './log.ts'

/** A changed Secret reaches a pod's files within some 90 s; five more do not matter. */
const LOOK_EVERY_MS = 5_000

/**
 * The public keys of a folder, kept up to date: a game server lives longer than a key, and a rotation must not cost its
 * players a move. What cannot be read changes nothing, and is told in the log.
 */
export class PublicKeys implements Disposable {
  readonly #folder: string
  readonly #name: KeyName
  readonly #log: Logger
  readonly #timer: NodeJS.Timeout
  #texts: readonly string[]
  #keys: readonly CryptoKey[]

  private constructor(folder: string, name: KeyName, log: Logger, texts: readonly string[], keys: readonly CryptoKey[]) {
    this.#folder = folder
    this.#name = name
    this.#log = log
    this.#texts = texts
    this.#keys = keys
    this.#timer = setInterval(() => void this.reload(), LOOK_EVERY_MS)
    this.#timer.unref()
  }

  static async open(folder: string, name: KeyName, log: Logger): Promise<PublicKeys> {
    const texts = await readPublicTexts(folder, name)
    return new PublicKeys(folder, name, log, texts, await importPublicKeys(texts))
  }

  /** Present key first. */
  get keys(): readonly CryptoKey[] {
    return this.#keys
  }

  /** Reads the folder anew. */
  async reload(): Promise<void> {
    try {
      const texts = await readPublicTexts(this.#folder, this.#name)
      if (texts.length === this.#texts.length && texts.every((text, index) => text === this.#texts[index])) return
      this.#keys = await importPublicKeys(texts)
      this.#texts = texts
      this.#log.info({ name: this.#name, keys: await Promise.all(this.#keys.map(keyId)) }, 'accepted keys changed')
    } catch (error) {
      this.#log.error({ err: error, name: this.#name, folder: this.#folder }, 'the public keys could not be read; the last good ones go on')
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }
}
