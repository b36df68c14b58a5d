import { isDown } from '../../../../gameserver/demo/combat/vitals.ts'
import { type Walker, walkPrediction } from '../../../../gameserver/demo/prediction.ts'
import type { CopyId, EntityId, MapName } from '../../../../model/ids.ts'
import { StrataClient, StrataClientError, type World } from '../../../index.ts'
import { Notices } from './notices.ts'
import { Social } from './social.ts'
import { type GameState, initialState, type Target } from './state.ts'
import { Store } from './store.ts'
import { Talk } from './talk.ts'
import { titleOf } from './titles.ts'

type Direction = Walker['walk']

/** Time in ms between two reads of the place and the health for the display. */
const LOOK_EVERY_MS = 200
const START_MAP: MapName = 'forest'

/** Where somebody wants to go. */
export type Destination = { map: MapName; copy?: CopyId } | { friend: string }

/** One player at the page: signs in, enters, travels. What the page shows is in `store`; the world itself is in `world`. */
export class Game {
  readonly store = new Store<GameState>(initialState)
  readonly notices = new Notices(this.store)
  readonly talk: Talk
  readonly social: Social
  readonly client: StrataClient
  world: World | undefined
  #entering: AbortController | undefined
  #travelling: AbortController | undefined
  #lookedAt = 0
  #instances: ReadonlySet<MapName> = new Set()

  constructor(matchmaker: string) {
    this.client = new StrataClient({ matchmaker })
    this.talk = new Talk(this.store, () => this.world)
    this.social = new Social(this.client, this.store, this.notices)
  }

  /** The development login: a name is all that it takes. */
  async signIn(name: string, map: MapName = START_MAP): Promise<void> {
    this.#entering?.abort()
    this.#entering = new AbortController()
    const { signal } = this.#entering
    this.store.set({ phase: { name: 'entering', map }, name })
    try {
      await this.client.login(name, signal)
      const [known] = await this.client.characters.list(signal)
      const own = known ?? (await this.client.characters.create({ name }, signal))
      this.client.character = own.character
      this.store.set({ name: own.name, character: own.character })
      this.#instances = new Set((await this.client.maps()).maps.filter(({ kind }) => kind === 'instance').map((one) => one.map))
      await this.#enter(map, signal)
    } catch (error) {
      if (!signal.aborted) this.store.set({ phase: { name: 'signIn', problem: problemOf(error) } })
    }
  }

  /** Gives up a place in line, or the attempt to enter. */
  cancel(): void {
    this.#entering?.abort()
    this.store.set({ phase: { name: 'signIn' } })
  }

  async leave(): Promise<void> {
    const { world } = this
    this.world = undefined
    this.store.set({ ...initialState, name: this.store.get().name })
    await world?.leave()
  }

  /** Goes elsewhere without a loading screen. Says why when it does not work. */
  async travel(to: Destination): Promise<void> {
    const { world } = this
    if (world === undefined || this.#travelling !== undefined) return
    const travelling = new AbortController()
    this.#travelling = travelling
    const map = 'map' in to ? to.map : (this.store.get().friends.find(({ name }) => name === to.friend)?.map ?? '')
    this.store.set({ journey: { map } })
    try {
      // A dungeon belongs to a party, also to a party of one.
      const instance = 'map' in to && this.#instances.has(to.map)
      if (instance && this.store.get().party === undefined) await this.client.party.create()
      const wish = 'friend' in to ? { friend: to.friend } : instance ? { instance: to.map } : to.copy === undefined ? { map: to.map } : { copy: to.copy }
      const options = {
        signal: travelling.signal,
        onLine: (line: NonNullable<NonNullable<GameState['journey']>['line']>) => this.store.set({ journey: { map, line } }),
      }
      await world.travel(wish, options)
    } catch (error) {
      if (!travelling.signal.aborted) this.notices.add(problemOf(error), 'bad')
    } finally {
      this.#travelling = undefined
      this.store.set({ journey: undefined })
    }
  }
  cancelTravel(): void {
    this.#travelling?.abort()
  }

  /** Called in each frame. */
  step(nowMs: number, direction: Direction): void {
    const { world } = this
    if (world === undefined || world.closed) return
    world.input(direction)
    if (nowMs - this.#lookedAt < LOOK_EVERY_MS) return
    this.#lookedAt = nowMs
    this.#look(world)
  }

  aim(target: Target | undefined): void {
    this.store.set({ target })
  }

  async explain(): Promise<void> {
    await this.notices.attempt(async () => this.store.set({ explanation: await this.client.explain() }))
  }

  async #enter(map: MapName, signal: AbortSignal): Promise<void> {
    const world = await this.client.enter(this.#instances.has(map) ? { instance: map } : { map }, {
      predict: walkPrediction,
      signal,
      onLine: (line) => this.store.set({ phase: { name: 'line', line } }),
    })
    if (signal.aborted) return void world.leave()
    this.world = world
    this.#listen(world)
    this.#entered(world)
    this.store.set({ phase: { name: 'playing' } })
    await this.social.refreshAll()
  }

  #listen(world: World): void {
    this.talk.listen(world)
    world.on('live', () => this.#entered(world))
    world.on('moved', ({ cause, gapMs, to }) => {
      this.store.set({ arrival: { cause, gapMs, at: Date.now() }, explanation: undefined })
      if (cause === 'travel' || cause === 'border') this.notices.add(`You are in ${titleOf(to.map)}`, 'good')
    })
    world.on('reconnecting', ({ attempt, cause }) => this.store.set({ phase: { name: 'reconnecting', attempt, cause: cause.message } }))
    world.on('reconnected', ({ downMs }) => {
      this.store.set({ phase: { name: 'playing' } })
      this.notices.add(`Back after ${(downMs / 1_000).toFixed(1)} s`, 'good')
      void this.social.refreshAll()
    })
    world.on('closed', ({ error }) => {
      if (this.world !== world) return
      this.world = undefined
      this.store.set({ phase: error === undefined ? { name: 'signIn' } : { name: 'ended', problem: error.message } })
    })
    world.on('changed', ({ topics }) => void this.social.refresh(topics))
    world.on('profile', () => void this.social.refresh(['party', 'profile']))
    world.on('idle', ({ leavesAt }) => {
      if (leavesAt !== undefined) this.notices.add('Others wait for a seat. Move, or you will leave soon', 'bad')
    })
    world.on('limited', ({ type }) => this.notices.add(`Too fast: the server ignores some of your "${type}"`, 'bad'))
    world.on('followOffer', (offer) => {
      this.store.set({ offer: { from: offer.from.name, map: offer.map, accept: () => void this.#comeAlong(offer.accept) } })
      setTimeout(() => this.store.set({ offer: undefined }), Math.max(0, offer.until - Date.now()))
    })
    world.on('message', ({ type, data }) => this.#receive(type, data))
  }

  async #comeAlong(accept: () => Promise<unknown>): Promise<void> {
    this.store.set({ offer: undefined })
    await this.notices.attempt(accept)
  }

  /** Live on a server: what it told of the own character. */
  #entered(world: World): void {
    const self = world.selfState as { items?: Record<string, number>; health?: number } | undefined // what the demo's selfState returns
    this.store.set({
      bag: { ...this.store.get().bag, ...self?.items },
      health: self?.health ?? 100,
      down: isDown({ health: self?.health ?? 100, readyAt: 0, target: 0, downUntil: 0 }),
    })
    this.#look(world)
  }

  #receive(type: string, data: unknown): void {
    const { bag } = this.store.get()
    const more = (item: string): number => (bag[item] ?? 0) + 1
    if (type === 'gathered') {
      const { item, count } = data as { item: string; count: number }
      this.store.set({ bag: { ...bag, [item]: count } })
    } else if (type === 'loot') {
      const { items } = data as { items: string[] }
      this.store.set({ bag: { ...bag, ...Object.fromEntries(items.map((item) => [item, more(item)])) } })
      this.notices.add(`You found ${items.join(', ')}`, 'good')
    } else if (type === 'refused') this.notices.add(capital((data as { reason: string }).reason), 'plain')
    else if (type === 'cleared') this.notices.add('The barrow is cleared. The king is dead', 'good')
    else if (type === 'down') this.store.set({ target: undefined })
  }

  /** What of the world is text on the page. */
  #look(world: World): void {
    const state = this.store.get()
    const me = world.entities.get(world.self) as { health?: number } | undefined
    const { label = '', population = 0 } = world.state?.info ?? {}
    const place = { map: world.map, copy: world.copy, label, population }
    const health = me?.health ?? state.health
    const target = state.target !== undefined && world.entities.has(state.target.id as EntityId) ? state.target : undefined
    const samePlace = JSON.stringify(place) === JSON.stringify(state.place)
    if (samePlace && health === state.health && target === state.target) return
    this.store.set({ place: samePlace ? state.place : place, health, down: health === 0, target })
  }
}

/** An error as a sentence for the player. */
export function problemOf(error: unknown): string {
  if (error instanceof StrataClientError || error instanceof Error) return capital(error.message)
  return String(error)
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
