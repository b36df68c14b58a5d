import type { MapName } from '../../../../model/ids.ts'

/** Pixels of a drawn sprite for each metre. The camera scales the whole world. */
export const ART = 32

export type Floor = 'grass' | 'hill' | 'mud' | 'cobble' | 'slab'

export interface MapLook {
  title: string
  about: string
  floor: Floor
  /** Colour of the ground as red, green and blue. */
  base: readonly [number, number, number]
  path: { edge: number; fill: number }
  /** What stands around, with how many of it on 16 by 16 metres. */
  decor: readonly { sprite: string; count: number; canopy?: boolean }[]
  /** What stands beyond an edge without a neighbour. */
  wall: string
  /** Colour on the map of the world. */
  ink: string
  /** How dark it is away from the player, 0 to 1. */
  dark?: number
}

const looks: Record<MapName, MapLook> = {
  forest: {
    title: 'Forest',
    about: 'Oaks for wood, boars near the stones, wolves in the north-west',
    floor: 'grass',
    base: [62, 96, 58],
    path: { edge: 0x5b5138, fill: 0x8a7a55 },
    decor: [
      { sprite: 'tuft', count: 7 },
      { sprite: 'flower', count: 3 },
      { sprite: 'fern', count: 2 },
      { sprite: 'mushroom', count: 0.6 },
      { sprite: 'pebble', count: 1 },
      { sprite: 'pine', count: 1.1, canopy: true },
    ],
    wall: 'pine',
    ink: '#4f8f57',
  },
  hills: {
    title: 'Hills',
    about: 'Ore in the rocks, wolves in the south-west',
    floor: 'hill',
    base: [124, 118, 72],
    path: { edge: 0x6a5f46, fill: 0xa5956e },
    decor: [
      { sprite: 'dry', count: 6 },
      { sprite: 'pebble', count: 4 },
      { sprite: 'boulder', count: 0.8 },
      { sprite: 'heather', count: 2 },
      { sprite: 'bush', count: 0.7 },
    ],
    wall: 'boulder',
    ink: '#b39b58',
  },
  marsh: {
    title: 'Marsh',
    about: 'Reeds by the pools, wolves in the south-east',
    floor: 'mud',
    base: [66, 84, 66],
    path: { edge: 0x4a4636, fill: 0x73694c },
    decor: [
      { sprite: 'tuft', count: 4 },
      { sprite: 'pool', count: 1.1 },
      { sprite: 'lily', count: 0.8 },
      { sprite: 'deadwood', count: 0.5 },
      { sprite: 'fern', count: 2 },
    ],
    wall: 'deadtree',
    ink: '#4f8f8a',
  },
  town: {
    title: 'Town',
    about: 'Wells, stalls, and nothing that bites',
    floor: 'cobble',
    base: [128, 118, 106],
    path: { edge: 0x6b6257, fill: 0xa89c8a },
    decor: [
      { sprite: 'planter', count: 0.5 },
      { sprite: 'crate', count: 0.5 },
      { sprite: 'lamp', count: 0.4 },
      { sprite: 'roof', count: 0.55, canopy: true },
    ],
    wall: 'house',
    ink: '#c58f62',
  },
  barrow: {
    title: 'Barrow',
    about: 'Five rooms of wights, and their king. For a party, or for one who is brave',
    floor: 'slab',
    base: [74, 76, 84],
    path: { edge: 0x3a3c44, fill: 0x565a66 },
    decor: [
      { sprite: 'crack', count: 2 },
      { sprite: 'bone', count: 1 },
      { sprite: 'pebble', count: 2 },
      { sprite: 'urn', count: 0.5 },
    ],
    wall: 'boulder',
    ink: '#6f7390',
    dark: 0.82,
  },
}

export function lookOf(map: MapName): MapLook {
  return looks[map] ?? { ...(looks['forest'] as MapLook), title: map, about: '' }
}

/** A colour for a guild or a person, by a number. */
export function hueColour(seed: number, saturation = 0.6, lightness = 0.56): number {
  const hue = ((seed * 0.618_034) % 1) * 360
  const chroma = (1 - Math.abs(2 * lightness - 1)) * saturation
  const channel = (offset: number): number => {
    const k = (offset + hue / 30) % 12
    return Math.round(255 * (lightness - (chroma / 2) * Math.max(-1, Math.min(k - 3, 9 - k, 1))))
  }
  return (channel(0) << 16) | (channel(8) << 8) | channel(4)
}

/** Cloak of a character without a guild. */
export const NO_GUILD = 0x9aa3a8
