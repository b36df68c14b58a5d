import { ellipse, type SpriteSource, soft, square, stone, TAU } from './brushes.ts'

/** Light, shadow, marks, effects and items. */
export const marks: Readonly<Record<string, SpriteSource>> = {
  shadow: {
    size: 64,
    draw: (c) =>
      soft(c, 32, [
        [0, 'rgba(6,10,12,.55)'],
        [0.55, 'rgba(6,10,12,.4)'],
        [1, 'rgba(6,10,12,0)'],
      ]),
  },
  glow: {
    size: 128,
    draw: (c) =>
      soft(c, 64, [
        [0, 'rgba(255,255,255,.9)'],
        [0.3, 'rgba(255,255,255,.35)'],
        [1, 'rgba(255,255,255,0)'],
      ]),
  },
  ring: {
    size: 96,
    draw: (c) => {
      c.lineWidth = 4
      c.strokeStyle = '#fff'
      c.beginPath()
      c.arc(0, 0, 40, 0, TAU)
      c.stroke()
    },
  },
  target: {
    size: 96,
    draw: (c) => {
      c.lineWidth = 5
      c.strokeStyle = '#fff'
      c.lineCap = 'round'
      for (let i = 0; i < 4; i++) {
        c.beginPath()
        c.arc(0, 0, 40, (i * TAU) / 4 + 0.25, ((i + 1) * TAU) / 4 - 0.25)
        c.stroke()
      }
    },
  },
  slash: {
    size: 128,
    draw: (c) => {
      for (const [r, w, a] of [
        [46, 14, 0.35],
        [48, 7, 0.95],
      ] as const) {
        c.lineWidth = w
        c.strokeStyle = `rgba(255,255,255,${a})`
        c.lineCap = 'round'
        c.beginPath()
        c.arc(0, 0, r, -0.9, 0.9)
        c.stroke()
      }
    },
  },
  spark: {
    size: 32,
    draw: (c) => {
      c.rotate(Math.PI / 4)
      square(c, [-7, -1.5, 14, 3], '#fff')
      square(c, [-1.5, -7, 3, 14], '#fff')
    },
  },
  wood: {
    size: 48,
    draw: (c) => {
      for (const y of [-7, 3]) {
        square(c, [-16, y, 28, 8], '#7d5632')
        ellipse(c, [12, y + 4, 4, 4], '#d1a56c')
      }
    },
  },
  ore: {
    size: 48,
    draw: (c) => {
      stone(c, 16, { seed: 3, light: 40 })
      ellipse(c, [2, 3, 4, 3], '#f4c06a')
    },
  },
  water: {
    size: 48,
    draw: (c) => {
      ellipse(c, [0, 4, 10, 10], '#5db4d8')
      c.beginPath()
      c.moveTo(0, -16)
      c.lineTo(8, 0)
      c.lineTo(-8, 0)
      c.fill()
      ellipse(c, [-3, 3, 3, 4], '#c9ecf8')
    },
  },
  hide: {
    size: 48,
    draw: (c) => {
      ellipse(c, [0, 0, 15, 11], '#8a6244')
      ellipse(c, [0, 0, 10, 6], '#a77d5b')
    },
  },
  pelt: {
    size: 48,
    draw: (c) => {
      ellipse(c, [0, 0, 15, 10], '#6c747d')
      ellipse(c, [0, 0, 9, 5], '#98a1aa')
    },
  },
  crown: {
    size: 48,
    draw: (c) => {
      c.fillStyle = '#f0c850'
      c.beginPath()
      for (const [x, y] of [
        [-15, 10],
        [-17, -9],
        [-7, 0],
        [0, -13],
        [7, 0],
        [17, -9],
        [15, 10],
      ] as const)
        c.lineTo(x, y)
      c.fill()
      ellipse(c, [0, 5, 3, 3], '#c0392b')
    },
  },
  white: { size: 16, draw: (c, half) => square(c, [-half, -half, half * 2, half * 2], '#fff') },
  dark: {
    size: 256,
    draw: (c) =>
      soft(c, 128, [
        [0, 'rgba(8,9,16,0)'],
        [0.35, 'rgba(8,9,16,.12)'],
        [0.75, 'rgba(8,9,16,.75)'],
        [1, 'rgba(8,9,16,1)'],
      ]),
  },
}
