import fc from 'fast-check'
import { expect, it } from 'vitest'
import { control } from '../../model/wire/room.ts'
import type { Servers } from '../gameserver/harness/servers.ts'
import { townWithWitness } from '../gameserver/harness/serversOfFile.ts'
import { bytes, fuzz, roughText, timeout } from './fuzz.ts'

const { servers, server, town, witness } = await townWithWitness({ CONNECTIONS_PER_ADDRESS: '10000', REQUESTS_PER_ADDRESS: '10000', LOG_LEVEL: 'silent' })
let seq = 0
let names = 0

/** Types of messages that a room knows: of Strata, and of the demo. */
const types = [...Object.values(control), 'chat', 'gather', 'emote', 'trade', 'trade:offer', 'trade:confirm']
const anything = fc.oneof(fc.jsonValue({ maxDepth: 3 }), roughText(8), fc.constantFrom(Number.NaN, 2 ** 53, -1, null, '__proto__', [], {}))
const near = fc.record(
  {
    seq: fc.oneof(fc.nat(50), anything),
    data: fc.oneof(fc.record({ dx: fc.constantFrom(0, 1, -1, 1e9), dy: fc.constantFrom(0, 1) }, { requiredKeys: [] }), anything),
    text: fc.oneof(roughText(10), anything),
    channel: fc.oneof(fc.constantFrom('map', 'party', 'guild', 'whisper', 'custom:x', '__proto__'), anything),
    move: anything,
    id: anything,
    to: anything,
    __proto__: anything,
  },
  { requiredKeys: [] },
)
const message = fc.oneof(
  fc.record({ type: fc.constantFrom(...types), data: fc.oneof(near, anything) }),
  fc.record({ type: roughText(4), data: anything }),
  fc.record({ raw: bytes(80) }),
  // The protocol of Colyseus: room messages have the types 10 to 18.
  fc.record({ raw: fc.tuple(fc.integer({ min: 9, max: 19 }), bytes(60)).map(([type, rest]) => [type, ...rest]) }),
)

it('X1: whatever frames a client sends, the server lives and another player plays on', { timeout }, async () => {
  await fuzz('frames', fc.array(message, { minLength: 1, maxLength: 25, size: 'max' }), 40, async (messages) => {
    const player = await servers.enter(await servers.holder(`Fuzzer ${++names}`), town)
    for (const one of messages) {
      if (player.closed !== undefined) break
      if ('raw' in one) player.room.connection.send(Uint8Array.from(one.raw))
      else player.room.send(one.type, one.data)
    }
    await player.room.leave(false).catch(() => undefined)
    witness.messages.length = 0
    witness.room.send(control.input, { seq: ++seq, data: { dx: 0, dy: 0 } })
    expect(await witness.message(control.ack)).toEqual({ lastInput: seq })
    expect([witness.closed, server.process.exitCode]).toEqual([undefined, null])
    expect(await servers.seat(town, await witnessHolder())).toBe('taken')
  })
})

let holder: Awaited<ReturnType<Servers['holder']>> | undefined
const witnessHolder = async () => (holder ??= await servers.holder('Witness'))
