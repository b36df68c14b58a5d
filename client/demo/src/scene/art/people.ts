import { beast, ellipse, robed, type SpriteSource, square, TAU } from './brushes.ts'

/** Characters and creatures from above; they look east. */
export const people: Readonly<Record<string, SpriteSource>> = {
  cloak: {
    size: 80,
    draw: (c) => {
      ellipse(c, [-5, 0, 19, 25], '#7d7d7d')
      ellipse(c, [-3, 0, 16, 23], '#c9c9c9')
      ellipse(c, [1, 0, 11, 22], '#f4f4f4')
      ellipse(c, [-11, 0, 7, 12], '#9b9b9b')
    },
  },
  arm: {
    size: 32,
    draw: (c) => {
      ellipse(c, [0, 0, 9, 6.5], '#e8e8e8')
      ellipse(c, [7, 0, 4.6, 4.6], '#e4b48d')
    },
  },
  foot: {
    size: 24,
    draw: (c) => {
      ellipse(c, [0, 0, 8, 5], '#2c241d')
      ellipse(c, [1, 0, 6, 3.5], '#4a3b2e')
    },
  },
  head: {
    size: 48,
    draw: (c) => {
      ellipse(c, [3, 0, 11, 11], '#f3c9a2')
      ellipse(c, [-2.5, 0, 12.5, 13], '#a9a9a9')
      ellipse(c, [-4, -2, 9, 8.5], '#e3e3e3')
    },
  },
  face: {
    size: 48,
    draw: (c) => {
      ellipse(c, [4, 0, 10.5, 10.5], '#eebf95')
      ellipse(c, [14, 0, 2.5, 2], '#d9a179')
    },
  },
  sword: {
    size: 64,
    draw: (c) => {
      square(c, [-22, -2, 12, 4], '#5a3d24')
      square(c, [-11, -6, 4, 12], '#c9a94f')
      c.beginPath()
      c.moveTo(-7, -3.2)
      c.lineTo(22, -2.4)
      c.lineTo(28, 0)
      c.lineTo(22, 2.4)
      c.lineTo(-7, 3.2)
      c.fillStyle = '#dfe7ee'
      c.fill()
      square(c, [-7, -0.6, 30, 1.4], '#9fb0bd')
    },
  },
  boar: {
    size: 96,
    draw: (c) => {
      beast(c, { length: 58, width: 34, fur: '#6d5140', back: '#4a3528', snout: '#b98d78' })
      ellipse(c, [33, 9, 5, 1.8], '#efe6d2', 0.5)
      ellipse(c, [33, -9, 5, 1.8], '#efe6d2', -0.5)
    },
  },
  wolf: { size: 96, draw: (c) => beast(c, { length: 64, width: 26, fur: '#7f868e', back: '#555c66', snout: '#3c4148' }) },
  wight: { size: 96, draw: (c) => robed(c, { radius: 32, robe: '#39414c', inner: '#566272', glow: '#8ff0e0' }) },
  barrowKing: {
    size: 160,
    draw: (c) => {
      robed(c, { radius: 58, robe: '#3b2148', inner: '#5d3470', glow: '#ffb44d' })
      for (let i = 0; i < 9; i++) ellipse(c, [12 + Math.cos((i / 9) * TAU) * 21, Math.sin((i / 9) * TAU) * 23, 4.2, 4.2], '#f0c850')
    },
  },
}
