import { startDoorWorld } from './door/doorWorld.ts'
import { importCharacters } from './door/importing.ts'
import { changeWhileOnline } from './door/liveChanges.ts'
import { comeIn, enterOnly, type Newcomers, signInOnly } from './door/newcomers.ts'
import { DOOR, spec } from './door/policies.ts'
import { enterAll } from './placement/enterAll.ts'
import { quantile, type Report, rounded } from './report.ts'
import { policyOf } from './world/maps.ts'
import { startMatchmaker } from './world/matchmaker.ts'

export const summary = 'the way in of new players, the import of characters, and changes of characters that are online'
export const peer = '`enter` without sign-in: over the same two matchmakers, and in one process without HTTP'

/** New players, and players who only enter. */
const NEWCOMERS = 400
/** New players before the measurement: connections are open then, and code is compiled. */
const WARM_UP = 50
/** Imported characters. */
const IMPORTED = 50_000
/** Characters with a seat while some of them change. */
const ONLINE = 10_000
/** Changes of characters that are online. */
const CHANGES = 1_000

export async function run(stack: AsyncDisposableStack): Promise<Report> {
  const world = await startDoorWorld(stack)
  await comeIn(world, 'Early', WARM_UP)
  const signIn = await signInOnly(world, NEWCOMERS)
  const door = await comeIn(world, 'Newcomer', NEWCOMERS)
  const entering = await enterOnly(world, NEWCOMERS)
  const matchmaker = await startMatchmaker(stack, world.connections, new Map([[DOOR, policyOf(DOOR, spec)]]))
  const inProcess = await enterAll(matchmaker, world.connections.databaseUrl, [DOOR])
  const imported = await importCharacters(world.store, IMPORTED)
  const live = await changeWhileOnline(stack, world, imported.characters.slice(0, ONLINE), CHANGES)
  return {
    signIn: figures(signIn),
    door: figures(door),
    enterOverHttp: figures(entering),
    enter: { perSecond: Math.round(inProcess.count / inProcess.seconds), p99Ms: rounded(quantile(inProcess.latenciesMs, 0.99)) },
    import: { characters: IMPORTED, perSecond: Math.round(IMPORTED / imported.seconds), refused: imported.refused },
    liveChange: {
      online: ONLINE,
      changes: live.latenciesMs.length,
      unseen: live.unseen,
      p50Ms: rounded(quantile(live.latenciesMs, 0.5)),
      p99Ms: rounded(quantile(live.latenciesMs, 0.99)),
    },
  }
}

function figures({ seconds, latenciesMs }: Newcomers): Report {
  return { players: latenciesMs.length, perSecond: Math.round(latenciesMs.length / seconds), p99Ms: rounded(quantile(latenciesMs, 0.99)) }
}
