import type { EntitiesLayout } from '../defineEntities.ts'
import { plainLayout } from '../layout.ts'

/** Bytes and layouts that a client must refuse: docs/reference/protocol-vectors-refused.json. */
export interface RefusedVectors {
  layouts: { reason: string; layout: unknown }[]
  /** `before`: valid snapshots on the same connection, in hexadecimal digits. */
  snapshots: { reason: string; layout: EntitiesLayout; before: string[]; hex: string }[]
}

/** Format 2, full, tick 1, no input; nobody left; Ann with the id 7 at the index 0 enters at the origin, with all four fields. */
const ANN = '12010000010007000000000f00000003416e6e'

export function refusedVectors(): RefusedVectors {
  const [heading, flags, kind, name] = plainLayout.fields
  const withField = (field: unknown): unknown => ({ ...plainLayout, fields: [heading, flags, kind, name, field] })
  const snapshot = (reason: string, hex: string, before: string[] = []) => ({ reason, layout: plainLayout, before, hex })
  return {
    layouts: [
      { reason: 'the version of the layout is not 1', layout: { ...plainLayout, layout: 2 } },
      { reason: 'there are neither 2 nor 3 dimensions', layout: { ...plainLayout, dimensions: 4 } },
      { reason: 'a position has 1 to 4 bytes', layout: { ...plainLayout, position: { bytes: 5, step: 1 } } },
      { reason: 'the step of a position is above 0', layout: { ...plainLayout, position: { bytes: 2, step: 0 } } },
      {
        reason: 'a layout has at most 31 fields',
        layout: { ...plainLayout, fields: Array.from({ length: 32 }, (_, n) => ({ name: `f${n}`, type: 'u8', bytes: 1 })) },
      },
      { reason: 'a field has a name of letters, digits and underscores', layout: withField({ name: '__proto__', type: 'u8', bytes: 1 }) },
      { reason: 'a field has 0 to 255 bytes', layout: withField({ name: 'health', type: 'u8', bytes: 256 }) },
      { reason: 'the words of a choice are text', layout: withField({ name: 'mood', type: 'choice', bytes: 1, of: [1] }) },
    ],
    snapshots: [
      snapshot('there are no bytes', ''),
      snapshot('format 3', '1301000000'),
      snapshot('format 1, which has no head of protocol 2', '0101000000'),
      snapshot('the bytes end in the head', '1201'),
      snapshot('the bytes end in the middle of an entity', ANN.slice(0, -4)),
      snapshot('a text is longer than the bytes that follow', `${ANN.slice(0, -8)}ff416e6e`),
      snapshot('the tick is above 2^32−1', '12ffffffff1f000000'),
      snapshot('a varint has more than five bytes', '1280808080808000000000'),
      snapshot('an index in `left` has no entity', '02020001050000'),
      snapshot('an update names an index without an entity', '0202000000010101', [ANN]),
      snapshot('an update comes before any entity entered', '02020000000801ff'),
      snapshot('the update of an entity that left in the same snapshot', '02020001000008ffff', [ANN]),
      snapshot('an update of an entity that an earlier full snapshot removed', '02030000000801ff', [ANN, '1202000000']),
      snapshot('a mask has a bit that is no field of the layout', '12010000010007000000001f00000003416e6e00'),
      snapshot('the mask of an update has a bit that is no field of the layout', '0202000000800400', [ANN]),
      snapshot('an index of 65,536', '120100000180800407000000000f00000003416e6e'),
      snapshot('three entities are announced and one follows', ANN.replace('120100000100', '120100000300')),
    ],
  }
}
