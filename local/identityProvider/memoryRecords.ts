import type { Adapter, AdapterPayload } from 'oidc-provider'

/** Writes between two deletions of expired records. Bounds the memory of a long run. */
const DELETE_EXPIRED_EVERY = 5_000

interface Entry {
  payload: AdapterPayload
  /** ms since 1970. */
  expires: number
}

/**
 * The provider's records in memory, by model and id. The adapter inside oidc-provider keeps 1,000 records, which is too few for hundreds of players. The
 * records are lost when the process ends: players then sign in again.
 */
export class MemoryRecords {
  readonly #entries = new Map<string, Entry>()
  /** Keys of sessions by their `uid`. */
  readonly #byUid = new Map<string, string>()
  readonly #now: () => number
  #written = 0

  constructor(now: () => number) {
    this.#now = now
  }

  /** The records of one model, as oidc-provider reads and writes them. */
  adapter(model: string): Adapter {
    const keyOf = (id: string): string => `${model}:${id}`
    return {
      upsert: async (id, payload, seconds) => this.#write(keyOf(id), payload, seconds),
      find: async (id) => this.#read(keyOf(id)),
      findByUid: async (uid) => this.#read(this.#byUid.get(uid) ?? ''),
      findByUserCode: async () => undefined, // only for the device flow, which is off
      consume: async (id) => {
        const payload = this.#read(keyOf(id))
        if (payload !== undefined) payload['consumed'] = Math.floor(this.#now() / 1000)
      },
      destroy: async (id) => this.#delete(keyOf(id)),
      revokeByGrantId: async (grant) => this.#deleteWhere(({ payload }) => payload.grantId === grant),
    }
  }

  #read(key: string): AdapterPayload | undefined {
    const entry = this.#entries.get(key)
    return entry === undefined || entry.expires <= this.#now() ? undefined : entry.payload
  }

  #write(key: string, payload: AdapterPayload, seconds: number | undefined): void {
    this.#entries.set(key, { payload, expires: seconds === undefined ? Number.POSITIVE_INFINITY : this.#now() + seconds * 1000 })
    if (payload.uid !== undefined) this.#byUid.set(payload.uid, key)
    if (++this.#written % DELETE_EXPIRED_EVERY === 0) this.#deleteWhere(({ expires }) => expires <= this.#now())
  }

  #delete(key: string): void {
    const uid = this.#entries.get(key)?.payload.uid
    this.#entries.delete(key)
    if (uid !== undefined && this.#byUid.get(uid) === key) this.#byUid.delete(uid)
  }

  #deleteWhere(matches: (entry: Entry) => boolean): void {
    for (const [key, entry] of this.#entries) if (matches(entry)) this.#delete(key)
  }
}
