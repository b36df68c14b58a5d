import type { GameServerView } from '../gameServerRecord.ts'

/**
 * A GameServer in protobuf's wire form, by the field numbers of Agones' sdk.proto. Written here because the messages
 * generated in the SDK package can read a map but not write one: they call a method that google-protobuf 4 no longer
 * has. A client never notices; a server must send labels, annotations and counters.
 */
export function gameServerBytes(view: GameServerView): Buffer {
  const { disabled, periodSeconds, failureThreshold, initialDelaySeconds } = view.health
  const meta = [
    text(1, view.name),
    text(2, 'default'),
    text(3, view.uid),
    text(4, String(view.resourceVersion)),
    whole(5, 1),
    whole(6, Math.floor(view.created / 1000)),
    ...Object.entries(view.annotations).map(([key, value]) => nested(8, text(1, key), text(2, value))),
    ...Object.entries(view.labels).map(([key, value]) => nested(9, text(1, key), text(2, value))),
  ]
  const health = [whole(1, disabled ? 1 : 0), whole(2, Math.ceil(periodSeconds)), whole(3, failureThreshold), whole(4, Math.ceil(initialDelaySeconds))]
  const status = [
    text(1, view.state),
    text(2, view.host),
    nested(3, text(1, view.portName), whole(2, view.port)),
    ...Object.entries(view.counters).map(([name, { count, capacity }]) => nested(5, text(1, name), nested(2, whole(1, count), whole(2, capacity)))),
    nested(7, text(1, 'InternalIP'), text(2, view.host)),
  ]
  return Buffer.concat([nested(1, ...meta), nested(2, nested(1, ...health)), nested(3, ...status)])
}

const VARINT = 0
const LENGTH_DELIMITED = 2

function whole(field: number, value: number): Buffer {
  return Buffer.concat([varint(field * 8 + VARINT), varint(value)])
}

function text(field: number, value: string): Buffer {
  return nested(field, Buffer.from(value, 'utf8'))
}

function nested(field: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  return Buffer.concat([varint(field * 8 + LENGTH_DELIMITED), varint(body.length), body])
}

/** Seven bits a byte, the least first; for whole numbers from 0 to 2^53. */
function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  while (rest > 127) {
    bytes.push((rest % 128) + 128)
    rest = Math.floor(rest / 128)
  }
  return Buffer.from([...bytes, rest])
}
