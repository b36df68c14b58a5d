import type { CryptoKey } from 'jose'
import { keyId } from '../../model/ticket/signature.ts'
import type { Logger } from '../log.ts'
import { importPublicKeys, type KeyName, readPublicTexts } from './keys.ts'

/** Interval between reads of the folder, in ms. The kubelet updates mounted Secrets within about 90 s, so 5 s more do not matter. */
const RELOAD_EVERY_MS = 5_000

interface PublicKeysOptions {
  folder: string
  name: KeyName
  log: Logger
  /** `allowed`: the folder may have no key yet; then none is accepted until one is there. */
  missing?: 'throws' | 'allowed'
}

/**
 * The public keys of a folder, kept up to date, so that a key rotation needs no restart of game servers and moves no player. Unreadable files are
 * logged and change nothing.
 */
export class PublicKeys implements Disposable {
  readonly #options: PublicKeysOptions
  readonly #timer: NodeJS.Timeout
  #texts: readonly string[]
  #keys: readonly CryptoKey[]

  private constructor(options: PublicKeysOptions, texts: readonly string[], keys: readonly CryptoKey[]) {
    this.#options = options
    this.#texts = texts
    this.#keys = keys
    this.#timer = setInterval(() => void this.reload(), RELOAD_EVERY_MS)
    this.#timer.unref()
  }

  static async open(options: PublicKeysOptions): Promise<PublicKeys> {
    const texts = await readPublicTexts(options.folder, options.name, options.missing)
    return new PublicKeys(options, texts, await importPublicKeys(texts))
  }

  /** The accepted keys, the current one first. */
  get keys(): readonly CryptoKey[] {
    return this.#keys
  }

  /** Reads the folder again. */
  async reload(): Promise<void> {
    const { folder, name, missing, log } = this.#options
    try {
      const texts = await readPublicTexts(folder, name, missing)
      if (texts.length === this.#texts.length && texts.every((text, index) => text === this.#texts[index])) return
      this.#keys = await importPublicKeys(texts)
      this.#texts = texts
      log.info({ name, keys: await Promise.all(this.#keys.map(keyId)) }, 'accepted keys changed')
    } catch (error) {
      log.error({ err: error, name, folder }, 'the public keys could not be read; the last good ones stay in use')
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }
}
