import { noiseAt } from '../geography.ts'
import { disc, ellipse, type SpriteSource, soft, square, stone, TAU } from './brushes.ts'

/** Stones, water, and what people have built. */
export const places: Readonly<Record<string, SpriteSource>> = {
  pebble: {
    size: 32,
    draw: (c) => {
      for (const [x, y, r] of [
        [-5, 3, 5],
        [5, -1, 4],
        [0, 7, 3],
      ] as const) {
        ellipse(c, [x, y, r, r * 0.8], '#62635f')
        ellipse(c, [x - 1, y - 1, r * 0.7, r * 0.5], '#8b8c86')
      }
    },
  },
  boulder: { size: 112, draw: (c) => stone(c, 48, { seed: 12, hue: 40, sat: 8, light: 44 }) },
  pool: {
    size: 192,
    draw: (c) => {
      ellipse(c, [0, 0, 86, 62], '#37452f')
      ellipse(c, [0, 0, 78, 55], '#2c4a4c')
      ellipse(c, [-8, -6, 60, 38], '#37605f')
      ellipse(c, [-24, -16, 20, 7], '#6e9a94', -0.3)
    },
  },
  well: {
    size: 96,
    draw: (c) => {
      for (let i = 0; i < 12; i++)
        ellipse(c, [Math.cos((i / 12) * TAU) * 32, Math.sin((i / 12) * TAU) * 32, 10, 8], i % 2 === 0 ? '#8d8780' : '#a59e95', (i / 12) * TAU)
      ellipse(c, [0, 0, 25, 25], '#23323a')
      ellipse(c, [0, 3, 21, 19], '#3b7f9c')
      ellipse(c, [-6, -3, 8, 4], '#8fcbe0')
      square(c, [-42, -3, 84, 6], '#6d4b2c')
    },
  },
  planter: {
    size: 80,
    draw: (c) => {
      square(c, [-30, -18, 60, 36], '#6d4b2c')
      square(c, [-26, -14, 52, 28], '#3c2c1d')
      for (let i = 0; i < 10; i++) ellipse(c, [(i % 5) * 11 - 22, i < 5 ? -6 : 7, 6, 6], `hsl(${100 + i * 4} 38% ${30 + (i % 3) * 5}%)`)
      for (let i = 0; i < 6; i++) ellipse(c, [i * 9 - 22, (i % 2) * 12 - 6, 2.6, 2.6], ['#e7c64f', '#d98fb4', '#f1e9d0'][i % 3] ?? '#fff')
    },
  },
  crate: {
    size: 64,
    draw: (c) => {
      square(c, [-20, -20, 40, 40], '#54391f')
      square(c, [-17, -17, 34, 34], '#94693c')
      square(c, [-17, -2, 34, 4], '#54391f')
      square(c, [-2, -17, 4, 34], '#54391f')
    },
  },
  lamp: {
    size: 128,
    draw: (c) => {
      soft(c, 62, [
        [0, 'rgba(255,214,130,.5)'],
        [1, 'rgba(255,214,130,0)'],
      ])
      ellipse(c, [0, 0, 9, 9], '#2b2b2f')
      ellipse(c, [0, 0, 6, 6], '#ffe3a3')
    },
  },
  roof: {
    size: 224,
    draw: (c) => {
      for (let i = 0; i < 8; i++) square(c, [-96 + i * 24, -72, 24, 144], i % 2 === 0 ? '#b8503f' : '#e7dcc4')
      square(c, [-96, -2, 192, 4], 'rgba(0,0,0,.25)')
      square(c, [-96, 0, 192, 72], 'rgba(0,0,0,.14)')
    },
  },
  house: {
    size: 256,
    draw: (c) => {
      square(c, [-118, -100, 236, 200], '#5d3a2d')
      for (let row = 0; row < 10; row++)
        for (let i = 0; i < 12; i++)
          square(
            c,
            [-116 + i * 20 - (row % 2) * 8, -98 + row * 20, 18, 17],
            `hsl(${12 + noiseAt(i, row, 3) * 10} 36% ${(row < 5 ? 40 : 30) + noiseAt(i, row, 5) * 6}%)`,
          )
      square(c, [-118, -4, 236, 8], '#3c251c')
    },
  },
  crack: {
    size: 64,
    draw: (c) => {
      c.lineWidth = 2
      c.strokeStyle = 'rgba(14,15,20,.65)'
      c.beginPath()
      c.moveTo(-26, -8)
      c.lineTo(-8, 2)
      c.lineTo(2, -6)
      c.lineTo(24, 10)
      c.moveTo(-8, 2)
      c.lineTo(-12, 16)
      c.stroke()
    },
  },
  bone: {
    size: 48,
    draw: (c) => {
      c.lineCap = 'round'
      c.lineWidth = 5
      c.strokeStyle = '#cfc8b4'
      c.beginPath()
      c.moveTo(-10, 6)
      c.lineTo(10, -6)
      c.stroke()
      for (const [x, y] of [
        [-12, 4],
        [-9, 9],
        [12, -4],
        [9, -9],
      ] as const)
        ellipse(c, [x, y, 3.6, 3.6], '#cfc8b4')
    },
  },
  urn: {
    size: 48,
    draw: (c) => {
      disc('#8a6a4d', '#4b3826')(c, 17)
      ellipse(c, [0, 0, 7, 7], '#2a1e14')
    },
  },
  waystone: {
    size: 224,
    draw: (c) => {
      ellipse(c, [0, 0, 100, 100], 'rgba(190,184,160,.22)')
      for (let i = 0; i < 10; i++) {
        c.save()
        c.rotate((i / 10) * TAU)
        c.translate(84, 0)
        stone(c, 15, { seed: i + 40, light: 50 })
        c.restore()
      }
      ellipse(c, [0, 0, 52, 52], 'rgba(120,200,190,.18)')
      c.lineWidth = 3
      c.strokeStyle = 'rgba(150,230,215,.6)'
      for (const r of [28, 46]) {
        c.beginPath()
        c.arc(0, 0, r, 0, TAU)
        c.stroke()
      }
      c.beginPath()
      for (let i = 0; i <= 5; i++) c.lineTo(Math.cos((i * 2 * TAU) / 5 - 1.57) * 28, Math.sin((i * 2 * TAU) / 5 - 1.57) * 28)
      c.stroke()
    },
  },
  post: {
    size: 64,
    draw: (c) => {
      ellipse(c, [0, 0, 10, 10], '#3f2c1a')
      square(c, [-28, -9, 56, 18], '#6d4b2c')
      square(c, [-26, -7, 52, 14], '#8f663d')
    },
  },
}
