import { createReadStream, existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { createGunzip } from 'node:zlib'
import { StrataError } from '../../model/errors.ts'

/** An avatar seen in one zone at the samples `first` to `last`, both included. */
export interface Stay {
  zone: number
  first: number
  last: number
}

export interface Avatar {
  /** As the trace has it. */
  id: string
  realm: number
  /** 0: none. The one they were seen in first. */
  guild: number
  /** In the order of time; neighbours that touch are different zones. */
  stays: Stay[]
}

export type ZoneKind = 'open' | 'city' | 'instance' | 'pvp_instance'

export interface Zone {
  id: number
  name: string
  kind: ZoneKind
}

/** A recorded day: who was where, in samples of ten minutes. */
export interface Trace {
  avatars: Avatar[]
  zones: Map<number, Zone>
  samples: number
}

export const SAMPLE_SECONDS = 600
const HEADER = 'realm,avatar,guild,zone,t0,t1'

/** Reads `realm,avatar,guild,zone,t0,t1` (gzipped or not), and the kinds of zones from `wowah_zones.csv` beside it; without that all are open. */
export async function readTrace(file: string): Promise<Trace> {
  if (!existsSync(file)) throw new StrataError('BAD_REQUEST', { problem: `there is no trace at ${file}; name one with --trace` })
  const source = createReadStream(file)
  const lines = createInterface({ input: file.endsWith('.gz') ? source.pipe(createGunzip()) : source, crlfDelay: Number.POSITIVE_INFINITY })
  const avatars = new Map<string, Avatar>()
  let samples = 0
  let number = 0
  for await (const line of lines) {
    if (++number === 1 || line === '') {
      if (number === 1 && line !== HEADER) throw new StrataError('BAD_REQUEST', { problem: `${file} does not begin with "${HEADER}"` })
      continue
    }
    const row = line.split(',')
    const [realm, guild, zone, first, last] = [row[0], row[2], row[3], row[4], row[5]].map(Number)
    const id = row[1]
    if (id === undefined || realm === undefined || guild === undefined || zone === undefined || first === undefined || last === undefined || !(first <= last)) {
      throw new StrataError('BAD_REQUEST', { problem: `${file}:${number} is not a row of ${HEADER}` })
    }
    samples = Math.max(samples, last + 1)
    const avatar = avatars.get(id)
    if (avatar === undefined) avatars.set(id, { id, realm, guild, stays: [{ zone, first, last }] })
    else avatar.stays.push({ zone, first, last })
  }
  for (const avatar of avatars.values()) avatar.stays = inOrder(avatar.stays)
  return { avatars: [...avatars.values()], zones: await readZones(join(dirname(file), 'wowah_zones.csv'), avatars.values()), samples }
}

/** Rows that go on in the same zone (their guild changed) are one stay. */
function inOrder(stays: Stay[]): Stay[] {
  const joined: Stay[] = []
  for (const stay of stays.sort((a, b) => a.first - b.first)) {
    const before = joined.at(-1)
    if (before !== undefined && before.zone === stay.zone && before.last + 1 >= stay.first) before.last = Math.max(before.last, stay.last)
    else joined.push(stay)
  }
  return joined
}

async function readZones(file: string, avatars: Iterable<Avatar>): Promise<Map<number, Zone>> {
  const zones = new Map<number, Zone>()
  if (existsSync(file)) {
    for (const line of (await readFile(file, 'utf8')).split(/\r?\n/).slice(1)) {
      const [, id, name, kind] = /^(\d+),(.*),(open|city|instance|pvp_instance)$/.exec(line) ?? []
      if (id !== undefined && name !== undefined) zones.set(Number(id), { id: Number(id), name, kind: kind as ZoneKind }) // the pattern has just these four
    }
  }
  for (const { stays } of avatars) for (const { zone } of stays) if (!zones.has(zone)) zones.set(zone, { id: zone, name: `zone ${zone}`, kind: 'open' })
  return zones
}

/** Maps of these kinds have copies; the others are private instances in the real game, too. */
export function isLayered(zone: Zone | undefined): boolean {
  return zone?.kind === 'open' || zone?.kind === 'city'
}

/** `Isle of Quel'Danas` → `isle-of-queldanas`: a name that a policy may have. */
export function mapNameOf({ name }: Zone): string {
  return name
    .toLowerCase()
    .replaceAll("'", '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
}
