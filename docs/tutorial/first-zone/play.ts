import { setTimeout as pause } from 'node:timers/promises'
import { type EntityView, StrataClient } from '../../../client/index.ts'
import { FLAG, type GladeView, KIND, type WalkInput } from './glade.ts'

const [name = 'Ada', friend] = process.argv.slice(2)
const matchmaker = process.env['STRATA_MATCHMAKER'] ?? 'http://127.0.0.1:7100'
const say = (what: string): void => console.log(`${name}: ${what}`)

const client = new StrataClient<GladeView>({ matchmaker })
await client.login(name)
const [known] = await client.characters.list()
client.character = (known ?? (await client.characters.create({ name }))).character
const invitation = friend === undefined ? await firstInvitation() : undefined
const party = invitation === undefined ? await client.party.create() : await client.party.accept(invitation.party)
say(`party: ${party.members.map((member) => member.name).join(', ')}`)
const world = await client.enter({ map: 'glade' }, { onLine: ({ position }) => say(`${position} before me in line`) })
say(`in ${world.copy}, with ${JSON.stringify(world.selfState)}`)

const players = (seen: Iterable<EntityView>): EntityView[] => [...seen].filter(({ kind }) => kind === KIND.player)
for (const player of players(world.entities.values())) say(`${player.name} is in sight`)
world.on('snapshot', ({ entered, left }) => {
  for (const player of players(entered)) say(`${player.name} is in sight`)
  for (const player of players(left)) say(`${player.name} is out of sight`)
})
world.on('state', ({ info, game, own }) => {
  const mine = own?.get(String(world.self))?.game?.lanternsLit ?? 0
  say(`${info.population} in the glade, ${game?.burning} lanterns burn, I lit ${mine}`)
})
world.on('message', ({ type, data }) => say(`${type} ${JSON.stringify(data)}`))
world.on('moved', ({ cause, from, to, gapMs }) => say(`moved by ${cause} from ${from.copy} to ${to.copy}: a gap of ${Math.round(gapMs)} ms`))
world.on('closed', ({ error }) => say(`left${error === undefined ? '' : `: ${error.message}`}`))
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void world.leave())

// The character of the friend may not exist yet.
const inviting = setInterval(() => {
  if (friend === undefined || world.closed) return clearInterval(inviting)
  client.party.invite(friend).then(
    () => clearInterval(inviting),
    () => undefined,
  )
}, 1_000)

// Walk to the nearest dark lantern and light it, again and again.
while (!world.closed) {
  const me = world.entities.get(world.self)
  const dark = [...world.entities.values()].filter(({ kind, flags }) => kind === KIND.lantern && (flags & FLAG.burning) === 0)
  if (me !== undefined && dark.length > 0) {
    const lantern = dark.reduce((a, b) => (distance(me, a) < distance(me, b) ? a : b))
    const near = distance(me, lantern) < 2
    world.input(near ? { dx: 0, dy: 0 } : toward(me, lantern))
    if (near) {
      world.send('light', { lantern: lantern.id })
      await pause(2_500)
    }
  }
  await pause(100)
}

/** An invitation that arrives within three seconds. */
async function firstInvitation() {
  for (let waits = 0; waits < 6; waits++) {
    const [first] = await client.party.invitations()
    if (first !== undefined) return first
    await pause(500)
  }
  return undefined
}

function distance(a: EntityView, b: EntityView): number {
  return Math.hypot(a.x - b.x, a.y - b.y)
}

function toward(a: EntityView, b: EntityView): WalkInput {
  const length = distance(a, b)
  return { dx: (b.x - a.x) / length, dy: (b.y - a.y) / length }
}
