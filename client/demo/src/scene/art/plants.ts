import { noiseAt } from '../geography.ts'
import { blades, canopy, disc, ellipse, type SpriteSource, spikes, stone, TAU } from './brushes.ts'

/** Resources, and plants that are only to look at. */
export const plants: Readonly<Record<string, SpriteSource>> = {
  tree0: { size: 192, draw: (c) => canopy(c, 84, { seed: 3, hue: 96, sat: 36, blobs: 15 }) },
  tree1: { size: 192, draw: (c) => canopy(c, 78, { seed: 17, hue: 84, sat: 40, blobs: 14 }) },
  stump: {
    size: 64,
    draw: (c) => {
      disc('#b58a55', '#5b4127')(c, 20)
      ellipse(c, [0, 0, 9, 9], '#9a7040')
      ellipse(c, [0, 0, 4, 4], '#b58a55')
    },
  },
  trunk: {
    size: 48,
    draw: (c) => {
      ellipse(c, [0, 0, 15, 15], '#3c2b1c')
      ellipse(c, [-2, -2, 11, 11], '#573f29')
    },
  },
  rock: {
    size: 128,
    draw: (c) => {
      stone(c, 52, { seed: 5, light: 46 })
      for (let i = 0; i < 6; i++) ellipse(c, [noiseAt(i, 1, 4) * 50 - 28, noiseAt(i, 2, 4) * 46 - 26, 5, 4], i % 2 === 0 ? '#e0904c' : '#f4c06a')
    },
  },
  rockSpent: { size: 128, draw: (c) => stone(c, 40, { seed: 8, light: 38 }) },
  reed: {
    size: 96,
    draw: (c) => {
      blades(c, { count: 11, length: 40, hue: 72, sat: 38, light: 34, seed: 3 })
      for (let i = 0; i < 4; i++) ellipse(c, [i * 14 - 22, -22 + noiseAt(i, 1, 2) * 14, 3.2, 8], '#6f4a2b', (i - 1.5) * 0.2)
    },
  },
  reedSpent: { size: 96, draw: (c) => blades(c, { count: 8, length: 15, hue: 66, sat: 30, light: 32, seed: 9 }) },
  tuft: { size: 40, draw: (c) => blades(c, { count: 6, length: 15, hue: 92, sat: 34, light: 30, seed: 1 }) },
  dry: { size: 40, draw: (c) => blades(c, { count: 6, length: 15, hue: 48, sat: 34, light: 42, seed: 4 }) },
  flower: {
    size: 40,
    draw: (c) => {
      blades(c, { count: 4, length: 11, hue: 92, sat: 34, light: 30, seed: 2 })
      for (let i = 0; i < 4; i++) {
        ellipse(c, [i * 8 - 12, (i % 2) * 8 - 6, 3.6, 3.6], ['#f1e9d0', '#e7c64f', '#d98fb4', '#cfe0f2'][i] ?? '#fff')
        ellipse(c, [i * 8 - 12, (i % 2) * 8 - 6, 1.3, 1.3], '#d98f2c')
      }
    },
  },
  heather: {
    size: 40,
    draw: (c) => {
      blades(c, { count: 5, length: 12, hue: 80, sat: 25, light: 30, seed: 5 })
      for (let i = 0; i < 7; i++) ellipse(c, [noiseAt(i, 3, 1) * 26 - 13, noiseAt(i, 4, 1) * 18 - 12, 2.6, 2.6], i % 2 === 0 ? '#a576a5' : '#c497c0')
    },
  },
  fern: {
    size: 64,
    draw: (c) => {
      for (let i = 0; i < 7; i++)
        ellipse(c, [Math.cos((i / 7) * TAU) * 13, Math.sin((i / 7) * TAU) * 13, 14, 4], `hsl(104 38% ${24 + (i % 3) * 4}%)`, (i / 7) * TAU)
    },
  },
  mushroom: {
    size: 32,
    draw: (c) => {
      for (const [x, y, r] of [
        [-4, 2, 7],
        [6, -3, 5],
      ] as const) {
        ellipse(c, [x, y, r, r], '#a8402f')
        ellipse(c, [x - 2, y - 2, 1.6, 1.6], '#f3e6d4')
        ellipse(c, [x + 2, y + 1, 1.3, 1.3], '#f3e6d4')
      }
    },
  },
  pine: { size: 160, draw: (c) => spikes(c, 70, { points: 11, hue: 138, sat: 28, light: 15 }) },
  bush: { size: 80, draw: (c) => canopy(c, 32, { seed: 31, hue: 74, sat: 26, blobs: 9 }) },
  lily: {
    size: 64,
    draw: (c) => {
      for (const [x, y, r] of [
        [-9, 4, 11],
        [10, -5, 9],
      ] as const) {
        ellipse(c, [x, y, r, r * 0.9], '#4c7a45')
        ellipse(c, [x - 1, y - 1, r * 0.7, r * 0.6], '#5f9154')
      }
      ellipse(c, [10, -5, 4, 4], '#e9a9c3')
    },
  },
  deadwood: {
    size: 112,
    draw: (c) => {
      c.lineCap = 'round'
      for (const [w, colour] of [
        [12, '#39302a'],
        [7, '#5a4d42'],
      ] as const) {
        c.lineWidth = w
        c.strokeStyle = colour
        c.beginPath()
        c.moveTo(-44, 14)
        c.lineTo(40, -14)
        c.moveTo(0, 0)
        c.lineTo(16, 22)
        c.stroke()
      }
    },
  },
  deadtree: {
    size: 160,
    draw: (c) => {
      c.lineCap = 'round'
      for (let i = 0; i < 9; i++) {
        const turn = (i / 9) * TAU
        c.lineWidth = 9
        c.strokeStyle = '#2c2722'
        c.beginPath()
        c.moveTo(0, 0)
        c.quadraticCurveTo(Math.cos(turn) * 34, Math.sin(turn) * 34, Math.cos(turn + 0.3) * 66, Math.sin(turn + 0.3) * 66)
        c.stroke()
        c.lineWidth = 4
        c.strokeStyle = '#4d453c'
        c.stroke()
      }
    },
  },
}
