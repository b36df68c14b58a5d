import type { MoveOrder } from '../../model/move.ts'
import type { Fault, Happening, Moment, Role } from './happening.ts'
import { playerName } from './scenario.ts'
import type { SimWorld } from './world.ts'

/** Makes it happen. What has no target at that moment does not happen. */
export function strike(world: SimWorld, happening: Happening): void {
  const { kernel, network, players } = world
  if ('do' in happening) {
    const player = players[happening.who]
    if (player === undefined) return
    if (happening.do === 'restart') return player.restart()
    // A device does what its owner wants, as one of its own steps.
    kernel.after(player.process, 1, () => {
      switch (happening.do) {
        case 'enter':
          return player.enter(happening.map)
        case 'travel':
          return player.travel(happening.map)
        case 'leave':
          return player.leave()
        case 'give':
          return player.tell('give', { to: playerName(happening.to) })
        case 'fight':
          return player.tell('fight', { ms: happening.ms })
        case 'idle':
          return player.idle(happening.ms)
        case 'follow':
          return player.follow(playerName(happening.to))
        case 'stroll':
          return player.tell('stroll', { to: happening.map, ms: happening.ms, crossesAfterMs: happening.crossesAfterMs })
        case 'delve':
          return player.delve()
        case 'part':
          return void world.store.leaveParty(player.character)
      }
    })
    return
  }
  if (happening.fault === 'flush') return world.flush()
  if (happening.fault === 'twice') {
    const player = players[happening.who]
    if (player !== undefined) player.twice += 3
    return
  }
  if (happening.fault === 'mute') {
    world.observer.trouble(happening.forMs)
    players[happening.who]?.mute(happening.word, happening.forMs)
    return
  }
  if (happening.fault === 'policy') return world.changePolicy(happening)
  if (happening.fault === 'close') return world.closeCopy(happening.nth)
  if (happening.fault === 'ambush') {
    world.ambushes.push(happening)
    return
  }
  const target = nameOf(world, happening.target)
  const process = target === undefined ? undefined : network.process(target)
  if (target === undefined || process === undefined) return
  switch (happening.fault) {
    case 'crash':
      return process.trap(happening.awaits, () => world.crash(target, happening.backMs))
    case 'stall':
      return process.trap(happening.awaits, () => world.stall(target, happening.forMs))
    case 'split':
      return world.split(target, happening.from, happening.forMs)
    case 'slow':
      world.observer.trouble(happening.forMs)
      return network.slow(target, happening.ms, happening.forMs)
    case 'call':
      world.observer.trouble(0)
      return network.arm(target, happening.to, happening.call)
    case 'clock':
      process.aheadMs = happening.byMs
      return
    case 'stop':
      return world.terminate(target, happening.deadlineMs)
    case 'mark': {
      world.observer.trouble(20_000)
      const server = world.fleet.servers.get(target)
      if (server !== undefined) server.overflow = true
      kernel.after(kernel.world, 1_000, () => world.fleet.converge())
      return
    }
  }
}

/** `server 2`: the third that is alive. */
function nameOf({ fleet }: SimWorld, target: string): string | undefined {
  const [kind, index] = target.split(' ')
  if (kind !== 'server') return target
  const alive = [...fleet.servers.keys()]
  return alive[Number(index) % Math.max(1, alive.length)]
}

/** Whoever lies in wait for this moment strikes. */
export function spring(world: SimWorld, when: Moment, order: MoveOrder): void {
  const waiting = world.ambushes.filter((ambush) => ambush.when === when)
  world.ambushes = world.ambushes.filter((ambush) => ambush.when !== when)
  for (const ambush of waiting) attack(world, ambush, order)
}

function attack(world: SimWorld, { role, awaits, act, forMs }: Fault & { fault: 'ambush' }, order: MoveOrder): void {
  const { kernel, network } = world
  const names: Record<Role, string> = { source: order.from.server, destination: order.to.server, player: order.members[0]?.character ?? '' }
  const target = names[role]
  kernel.tell(`* ambush on move ${order.id}: ${act} for the ${role} ${target} after ${awaits} waits`)
  network.process(target)?.trap(awaits, () => {
    if (act === 'stall') world.stall(target, forMs)
    else if (act !== 'crash') world.split(target, act === 'split player' ? names.player : act.slice('split '.length), forMs)
    else if (role === 'player') world.players.find(({ character }) => character === target)?.restart()
    else world.crash(target, forMs)
  })
}
