import type { SpriteSource } from './brushes.ts'
import { marks } from './marks.ts'
import { people } from './people.ts'
import { places } from './places.ts'
import { plants } from './plants.ts'

/** Everything that is drawn once into the atlas. Light comes from the north-west. */
export const sprites: Readonly<Record<string, SpriteSource>> = { ...people, ...plants, ...places, ...marks }
