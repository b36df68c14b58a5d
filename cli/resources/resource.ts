import type { CopyId, MapName, ServerId } from '../../model/ids.ts'
import type { AskOrchestrator } from '../orchestratorOptions.ts'

/** One column of `strata get`. */
export interface ResourceColumn<T> {
  head: string
  align?: 'left' | 'right'
  /** Shown only with `-o wide`. */
  wide?: true
  /** Changes all the time: `--watch` prints no new row because of it. */
  volatile?: true
  of(item: T): string
}

export interface Narrowing {
  map?: MapName
  copy?: CopyId
  server?: ServerId
}

/** One kind of thing that `strata get` lists. */
export interface Resource<T> {
  /** Plural first; each is accepted on the command line. */
  names: readonly [string, ...string[]]
  /** One line for the help. */
  about: string
  /** Whether the list has data of single players and needs a token. */
  needsToken: boolean
  columns: readonly ResourceColumn<T>[]
  /** Unique name of an item; `strata get KIND NAME` finds it by this. */
  key(item: T): string
  /** The items in their order. */
  read(request: AskOrchestrator, narrowing: Narrowing): Promise<T[]>
}
