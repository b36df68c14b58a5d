import { createReadStream, existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { createGunzip } from 'node:zlib'
import { StrataError } from '../../model/errors.ts'
import { RECORDING_HEADER } from '../../model/recording/recordingFile.ts'
import { readRecording } from './recording.ts'
import type { Avatar, Stay, Trace, Zone, ZoneKind } from './trace.ts'

const HEADER = 'realm,avatar,guild,zone,t0,t1'

/**
 * Reads a recording of an orchestrator (docs/reference/recording.md), or a day as `realm,avatar,guild,zone,t0,t1` with the kinds of its zones as `id,name,kind`
 * from `zonesFile`; its first line says which. Both may be gzipped. A zone without a kind is open. Throws BAD_REQUEST that names the file and line.
 */
export async function readTrace(file: string, zonesFile: string | undefined): Promise<Trace> {
  if (!existsSync(file))
    throw new StrataError('BAD_REQUEST', { problem: `there is no trace at ${file}; give an existing file with --trace, or generate a day with --generate` })
  const source = createReadStream(file)
  const input = file.endsWith('.gz') ? source.pipe(createGunzip()) : source
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })[Symbol.asyncIterator]()
  const { value: header } = await lines.next()
  if (header === RECORDING_HEADER) return readRecording(file, lines)
  if (header !== HEADER)
    throw new StrataError('BAD_REQUEST', {
      problem: `${file} must begin with the line "${RECORDING_HEADER}" (a recording) or "${HEADER}" (samples of ten minutes)`,
    })
  return readSamples(file, lines, zonesFile)
}

async function readSamples(file: string, lines: AsyncIterable<string>, zonesFile: string | undefined): Promise<Trace> {
  const avatars = new Map<string, Avatar>()
  let samples = 0
  let number = 1
  for await (const line of lines) {
    number++
    if (line === '') continue
    const row = line.split(',')
    const [realm, guild, zone, first, last] = [row[0], row[2], row[3], row[4], row[5]].map(Number)
    const id = row[1]
    if (id === undefined || realm === undefined || guild === undefined || zone === undefined || first === undefined || last === undefined || !(first <= last)) {
      throw new StrataError('BAD_REQUEST', { problem: `${file}:${number} is not a valid row of ${HEADER}` })
    }
    samples = Math.max(samples, last + 1)
    const avatar = avatars.get(id)
    if (avatar === undefined) avatars.set(id, { id, realm, guild, stays: [{ zone, first, last }] })
    else avatar.stays.push({ zone, first, last })
  }
  for (const avatar of avatars.values()) avatar.stays = inOrder(avatar.stays)
  return { avatars: [...avatars.values()], zones: await readZones(zonesFile, avatars.values()), samples }
}

/** Sorts stays by time and joins consecutive rows in the same zone (the trace has a new row when the guild changes). */
function inOrder(stays: Stay[]): Stay[] {
  const joined: Stay[] = []
  for (const stay of stays.sort((a, b) => a.first - b.first)) {
    const before = joined.at(-1)
    if (before !== undefined && before.zone === stay.zone && before.last + 1 >= stay.first) before.last = Math.max(before.last, stay.last)
    else joined.push(stay)
  }
  return joined
}

async function readZones(file: string | undefined, avatars: Iterable<Avatar>): Promise<Map<number, Zone>> {
  const zones = new Map<number, Zone>()
  if (file !== undefined) {
    if (!existsSync(file)) throw new StrataError('BAD_REQUEST', { problem: `there is no zone list at ${file}; give an existing file with --zones` })
    for (const line of (await readFile(file, 'utf8')).split(/\r?\n/).slice(1)) {
      const [, id, name, kind] = /^(\d+),(.*),(open|city|instance|pvp_instance)$/.exec(line) ?? []
      if (id !== undefined && name !== undefined) zones.set(Number(id), { id: Number(id), name, kind: kind as ZoneKind }) // the pattern allows only these four
    }
    if (zones.size === 0)
      throw new StrataError('BAD_REQUEST', { problem: `${file} has no row of the form id,name,kind with kind open, city, instance or pvp_instance` })
  }
  for (const { stays } of avatars) for (const { zone } of stays) if (!zones.has(zone)) zones.set(zone, { id: zone, name: `zone ${zone}`, kind: 'open' })
  return zones
}
