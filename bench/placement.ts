import { readFile } from 'node:fs/promises'
import { Redis } from 'ioredis'
import { recordDecision } from '../matchmaker/placement/decisions.ts'
import { placeParty } from '../matchmaker/placement/placeParty.ts'
import type { PlacementRequest } from '../model/placement.ts'
import { companions, strangers } from './placement/players.ts'
import { inFlight, quantile, type Report, rounded } from './report.ts'
import { caughtUp, keepServer, openCopies, policyOf } from './world/maps.ts'
import { type BenchMatchmaker, startMatchmaker } from './world/matchmaker.ts'
import { startServices } from './world/services.ts'

export const summary = 'one player placed: score, atomic seat, stored decision; beside the bare Lua limit and Colyseus'

const COPIES = 20
const SOFT = 80
const WIDTH = 64
/** So many enter each map: seven eighths of the seats for strangers. */
const PLAYERS = (COPIES * SOFT * 7) / 8
const MAPS = 10
const ROUNDS = 3

export async function run(): Promise<Report> {
  await using stack = new AsyncDisposableStack()
  const services = await startServices(stack)
  const policies = new Map()
  const mapsOf = (name: string): string[] => Array.from({ length: MAPS }, (_, n) => `${name}-${n}`)
  const kinds = Array.from({ length: ROUNDS }, (_, n) => [`plain${n}`, `social${n}`]).flat()
  for (const kind of kinds)
    for (const map of mapsOf(kind)) policies.set(map, policyOf(map, { capacity: { soft: SOFT, hard: 100, company: 15 }, seat: { hold: '10m' } }))
  const matchmaker = await startMatchmaker(stack, { ...services, policies })
  await keepServer(stack, matchmaker.directory)
  for (const map of policies.keys()) await openCopies(matchmaker.directory, map, COPIES)
  await caughtUp(matchmaker.replica)
  const redis = new Redis(services.redisUrl)
  stack.defer(() => redis.disconnect())
  const out: Report = {}
  for (let round = 0; round < ROUNDS; round++) {
    out[`limit${round}`] = await limit(redis, round)
    out[`plain${round}`] = await place(
      matchmaker,
      mapsOf(`plain${round}`).flatMap((map) => strangers(map, PLAYERS)),
    )
    out[`social${round}`] = await place(
      matchmaker,
      mapsOf(`social${round}`).flatMap((map) => companions(map, PLAYERS)),
    )
  }
  return out
}

async function limit(redis: Redis, round: number): Promise<Report> {
  const lua = await readFile(new URL('placement/seatLimit.lua', import.meta.url), 'utf8')
  redis.defineCommand('takeFirst', { lua, numberOfKeys: COPIES })
  const takeFirst = (redis as unknown as { takeFirst(...args: (string | number)[]): Promise<number> }).takeFirst.bind(redis)
  const keys = Array.from({ length: MAPS }, (_, map) => Array.from({ length: COPIES }, (_, n) => `limit${round}:{${map}}:${n}`))
  const seats = strangers('limit', MAPS * PLAYERS).map(({ members: [member] }) => member?.holder)
  const { seconds, latenciesMs } = await inFlight(MAPS * PLAYERS, WIDTH, (n) =>
    takeFirst(...(keys[Math.floor(n / PLAYERS)] ?? []), seats[n]?.character ?? '', JSON.stringify({ ...seats[n], state: 'held', deadline: Date.now() }), SOFT),
  )
  return { perSecond: Math.round((MAPS * PLAYERS) / seconds), p99Ms: rounded(quantile(latenciesMs, 0.99)) }
}

async function place({ parts, decisions }: BenchMatchmaker, requests: PlacementRequest[]): Promise<Report> {
  let refused = 0
  const { seconds, latenciesMs } = await inFlight(requests.length, WIDTH, async (n) => {
    const request = requests[n]
    const policy = parts.policies().get(request?.map ?? '')
    if (request === undefined || policy === undefined) throw new Error('nobody')
    const { seat, ranking } = await placeParty(parts, request, policy)
    if (seat === undefined) refused++
    else recordDecision(parts, 'place', request, policy, { copy: seat.copy, candidates: ranking.candidates, reason: 'bench' })
  })
  const began = performance.now()
  const depth = decisions.depth
  while (decisions.depth > 0) await new Promise((resolve) => setTimeout(resolve, 5))
  const drain = (performance.now() - began) / 1000
  return {
    perSecond: Math.round(requests.length / seconds),
    p99Ms: rounded(quantile(latenciesMs, 0.99)),
    refused,
    depth,
    drain,
    dropped: decisions.dropped,
    sustained: Math.round(requests.length / (seconds + drain)),
  }
}
