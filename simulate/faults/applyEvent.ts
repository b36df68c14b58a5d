import type { MoveOrder } from '../../model/move.ts'
import { MUTE_TO_THE_END_MS } from './ordinaryEvents.ts'
import { playerName } from './scenario.ts'
import type { Fault, MovePhase, MoveRole, ScenarioEvent } from './scenarioEvent.ts'
import type { SimWorld } from './world.ts'

/** Applies an event to the world. An event without a target at that moment has no effect. */
export function applyEvent(world: SimWorld, event: ScenarioEvent): void {
  const { kernel, network, players } = world
  if ('do' in event) {
    const player = players[event.who]
    if (player === undefined) return
    if (event.do === 'restart') return player.restart()
    // The player's process performs the action as one of its own steps.
    kernel.after(player.process, 1, () => {
      switch (event.do) {
        case 'enter':
          return player.enter(event.map)
        case 'travel':
          return player.travel(event.map)
        case 'leave':
          return player.leave()
        case 'give':
          return player.send('give', { to: playerName(event.to) })
        case 'fight':
          return player.send('fight', { ms: event.ms })
        case 'idle':
          return player.idle(event.ms)
        case 'follow':
          return player.follow(playerName(event.to))
        case 'stroll':
          return player.send('stroll', { to: event.map, ms: event.ms, crossesAfterMs: event.crossesAfterMs })
        case 'delve':
          return player.delve()
        case 'part':
          return void world.store.leaveParty(player.character)
        case 'join':
          return world.joinParty(player, playerName(event.to))
        case 'befriend':
          return world.store.befriend(player.character, playerName(event.to))
        case 'block':
          return world.store.block(player.character, playerName(event.to))
        case 'guild':
          return world.store.setGuild(player.character, event.guild === '' ? undefined : event.guild)
      }
    })
    return
  }
  if (event.fault === 'flush') return world.flush()
  if (event.fault === 'twice') {
    const player = players[event.who]
    if (player !== undefined) player.duplicateNext += 3
    return
  }
  if (event.fault === 'mute') {
    // A client that is silent until the end must not keep the final state from being reached.
    if (event.forMs !== MUTE_TO_THE_END_MS) world.observer.faultLasts(event.forMs)
    players[event.who]?.suppress(event.word, event.forMs)
    return
  }
  if (event.fault === 'ban') {
    const player = players[event.who]
    if (player !== undefined) world.ban(player.character, event.forMs)
    return
  }
  if (event.fault === 'policy') return world.changePolicy(event)
  if (event.fault === 'close') return world.closeCopy(event.nth)
  if (event.fault === 'ambush') {
    world.ambushes.push(event)
    return
  }
  const target = nameOf(world, event.target)
  const process = target === undefined ? undefined : network.process(target)
  if (target === undefined || process === undefined) return
  switch (event.fault) {
    case 'crash':
      return process.addFailpoint(event.awaits, () => world.crash(target, event.backMs))
    case 'stall':
      return process.addFailpoint(event.awaits, () => world.stall(target, event.forMs))
    case 'split':
      return world.split(target, event.from, event.forMs)
    case 'slow':
      world.observer.faultLasts(event.forMs)
      return network.slow(target, event.ms, event.forMs)
    case 'call':
      world.observer.faultLasts(0)
      return network.arm(target, event.to, event.call)
    case 'clock':
      process.clockAheadMs = event.byMs
      return
    case 'overload':
      return world.overload(target, event)
    case 'stop':
      return world.terminate(target, event.deadlineMs)
    case 'mark': {
      world.observer.faultLasts(20_000)
      const server = world.fleet.servers.get(target)
      if (server !== undefined) server.overflow = true
      kernel.after(kernel.world, 1_000, () => world.fleet.converge())
      return
    }
  }
}

/** The process name of a target. `server 2` is the third game server that is alive. */
function nameOf({ fleet }: SimWorld, target: string): string | undefined {
  const [kind, index] = target.split(' ')
  if (kind !== 'server') return target
  const alive = [...fleet.servers.keys()]
  return alive[Number(index) % Math.max(1, alive.length)]
}

/** Runs the ambushes that wait for this phase of a move. */
export function triggerAmbushes(world: SimWorld, when: MovePhase, order: MoveOrder): void {
  const waiting = world.ambushes.filter((ambush) => ambush.when === when)
  world.ambushes = world.ambushes.filter((ambush) => ambush.when !== when)
  for (const ambush of waiting) runAmbush(world, ambush, order)
}

function runAmbush(world: SimWorld, { role, awaits, act, forMs }: Fault & { fault: 'ambush' }, order: MoveOrder): void {
  const { kernel, network } = world
  const names: Record<MoveRole, string> = { source: order.from.server, destination: order.to.server, player: order.members[0]?.character ?? '' }
  const target = names[role]
  kernel.record(`* ambush on move ${order.id}: ${act} for the ${role} ${target} after ${awaits} waits`)
  network.process(target)?.addFailpoint(awaits, () => {
    if (act === 'stall') world.stall(target, forMs)
    else if (act !== 'crash') world.split(target, act === 'split player' ? names.player : act.slice('split '.length), forMs)
    else if (role === 'player') world.players.find(({ character }) => character === target)?.restart()
    else world.crash(target, forMs)
  })
}
