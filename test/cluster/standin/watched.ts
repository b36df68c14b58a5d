import type { KubernetesObject } from '@kubernetes/client-node'
import type { Api } from '../harness/api.ts'

/** Keeps all objects of a kind in all namespaces up to date. `put` adds the result of an own write at once. */
export class Watched<T extends KubernetesObject> implements AsyncDisposable {
  readonly #objects = new Map<string, T>()
  readonly #listeners = new Set<() => void>()
  readonly #stopping = new AbortController()
  readonly #following: Promise<void>

  constructor(api: Api, path: string) {
    this.#following = api.follow<T>(
      path,
      {
        sync: (objects) => {
          this.#objects.clear()
          for (const object of objects) this.#objects.set(keyOf(object), object)
          this.#notify()
        },
        changed: (object, deleted) => {
          if (deleted) this.#objects.delete(keyOf(object))
          else this.#keep(object)
          this.#notify()
        },
      },
      this.#stopping.signal,
    )
  }

  all(): T[] {
    return [...this.#objects.values()]
  }
  get(namespace: string | undefined, name: string | undefined): T | undefined {
    return this.#objects.get(`${namespace}/${name}`)
  }
  put(object: T): void {
    this.#keep(object)
  }
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** A late watch event with an older version must not replace a newer object. */
  #keep(object: T): void {
    const known = this.#objects.get(keyOf(object))
    const version = (one: T | undefined): number => Number(one?.metadata?.resourceVersion ?? 0)
    if (known?.metadata?.uid !== object.metadata?.uid || version(known) <= version(object)) this.#objects.set(keyOf(object), object)
  }

  #notify(): void {
    for (const listener of [...this.#listeners]) listener()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort()
    await this.#following
  }
}

function keyOf({ metadata }: KubernetesObject): string {
  return `${metadata?.namespace}/${metadata?.name}`
}
