import type { CryptoKey } from 'jose'
import { keyId } from '../model/ticket/signature.ts'
import { importPublicKeys, type KeyName, readPublicTexts } from './keys.ts'
import type { Logger } from './log.ts'

/** Interval between reads of the folder, in ms. The kubelet updates mounted Secrets within about 90 s, so 5 s more do not matter. */
const RELOAD_EVERY_MS = 5_000

interface PublicKeysOptions {
  folder: string
  name: KeyName
  log: Logger
  /** Whether the folder may have no key yet: then none is accepted until one is there. */
  optional?: boolean
}

/**
 * The public keys of a folder, kept up to date, so that a key rotation needs no restart of game servers and moves no player. Unreadable files are
 * logged and change nothing.
 */
export class PublicKeys implements Disposable {
  readonly #folder: string
  readonly #name: KeyName
  readonly #log: Logger
  readonly #missing: 'throws' | 'allowed'
  readonly #timer: NodeJS.Timeout
  #texts: readonly string[]
  #keys: readonly CryptoKey[]

  private constructor({ folder, name, log, optional = false }: PublicKeysOptions, texts: readonly string[], keys: readonly CryptoKey[]) {
    this.#folder = folder
    this.#name = name
    this.#log = log
    this.#missing = optional ? 'allowed' : 'throws'
    this.#texts = texts
    this.#keys = keys
    this.#timer = setInterval(() => void this.reload(), RELOAD_EVERY_MS)
    this.#timer.unref()
  }

  static async open(folder: string, name: KeyName, log: Logger): Promise<PublicKeys> {
    const texts = await readPublicTexts(folder, name)
    return new PublicKeys({ folder, name, log }, texts, await importPublicKeys(texts))
  }

  /** Opens a folder that may have no key of this name yet: then none is accepted until one is there. */
  static async openOptional(folder: string, name: KeyName, log: Logger): Promise<PublicKeys> {
    const texts = await readPublicTexts(folder, name, 'allowed')
    return new PublicKeys({ folder, name, log, optional: true }, texts, await importPublicKeys(texts))
  }

  /** The accepted keys, the current one first. */
  get keys(): readonly CryptoKey[] {
    return this.#keys
  }

  /** Reads the folder again. */
  async reload(): Promise<void> {
    try {
      const texts = await readPublicTexts(this.#folder, this.#name, this.#missing)
      if (texts.length === this.#texts.length && texts.every((text, index) => text === this.#texts[index])) return
      this.#keys = await importPublicKeys(texts)
      this.#texts = texts
      this.#log.info({ name: this.#name, keys: await Promise.all(this.#keys.map(keyId)) }, 'accepted keys changed')
    } catch (error) {
      this.#log.error({ err: error, name: this.#name, folder: this.#folder }, 'the public keys could not be read; the last good ones stay in use')
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }
}
