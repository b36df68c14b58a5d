import { noiseAt } from '../geography.ts'

export type Draw = (c: CanvasRenderingContext2D, half: number) => void
export interface SpriteSource {
  /** Side of the square in pixels. */
  size: number
  draw: Draw
}

export const TAU = Math.PI * 2

export function ellipse(c: CanvasRenderingContext2D, [x, y, rx, ry]: readonly [number, number, number, number], fill: string, turn = 0): void {
  c.beginPath()
  c.ellipse(x, y, rx, ry, turn, 0, TAU)
  c.fillStyle = fill
  c.fill()
}

/** Leaves from above: rings of blobs, lighter towards the light in the north-west. */
export function canopy(
  c: CanvasRenderingContext2D,
  radius: number,
  { seed, hue, sat, blobs }: { seed: number; hue: number; sat: number; blobs: number },
): void {
  for (const ring of [0, 1, 2, 3]) {
    const share = 1 - ring * 0.25
    for (let i = 0; i < blobs * share; i++) {
      const turn = (i / (blobs * share)) * TAU + noiseAt(i, ring, seed) * 0.9
      const away = radius * share * (0.62 + noiseAt(i, ring, seed + 1) * 0.2)
      const r = radius * (0.24 + noiseAt(i, ring, seed + 2) * 0.12)
      const [x, y] = [Math.cos(turn) * away - ring * radius * 0.05, Math.sin(turn) * away - ring * radius * 0.06]
      const light = 17 + ring * 6 + (-Math.cos(turn - 0.8) + 1) * 2.5 + noiseAt(i, ring, seed + 3) * 4
      ellipse(c, [x, y, r, r * 0.92], `hsl(${hue + ring * 4} ${sat}% ${light}%)`, turn)
    }
  }
}

export function spikes(
  c: CanvasRenderingContext2D,
  radius: number,
  { points, hue, sat, light }: { points: number; hue: number; sat: number; light: number },
): void {
  for (let ring = 0; ring < 4; ring++) {
    const r = radius * (1 - ring * 0.24)
    c.beginPath()
    for (let i = 0; i < points * 2; i++) {
      const turn = (i / (points * 2)) * TAU + ring * 0.3
      const out = i % 2 === 0 ? r : r * 0.72
      c.lineTo(Math.cos(turn) * out - ring * 1.5, Math.sin(turn) * out - ring * 2)
    }
    c.closePath()
    c.fillStyle = `hsl(${hue} ${sat}% ${light + ring * 5}%)`
    c.fill()
  }
}

export function stone(
  c: CanvasRenderingContext2D,
  radius: number,
  { seed, hue = 220, sat = 7, light = 42 }: { seed: number; hue?: number; sat?: number; light?: number },
): void {
  const outline = (scale: number, dx: number, dy: number): void => {
    c.beginPath()
    for (let i = 0; i < 9; i++) {
      const turn = (i / 9) * TAU
      const r = radius * scale * (0.78 + noiseAt(i, seed, 7) * 0.3)
      c.lineTo(Math.cos(turn) * r + dx, Math.sin(turn) * r * 0.88 + dy)
    }
    c.closePath()
  }
  outline(1, 0, 0)
  c.fillStyle = `hsl(${hue} ${sat}% ${light - 14}%)`
  c.fill()
  outline(0.86, -radius * 0.06, -radius * 0.08)
  c.fillStyle = `hsl(${hue} ${sat}% ${light}%)`
  c.fill()
  outline(0.55, -radius * 0.16, -radius * 0.2)
  c.fillStyle = `hsl(${hue} ${sat}% ${light + 9}%)`
  c.fill()
}

export function blades(
  c: CanvasRenderingContext2D,
  { count, length, hue, sat, light, seed }: { count: number; length: number; hue: number; sat: number; light: number; seed: number },
): void {
  c.lineCap = 'round'
  for (let i = 0; i < count; i++) {
    const lean = (i / (count - 1) - 0.5) * 1.5 + (noiseAt(i, seed, 1) - 0.5) * 0.3
    const long = length * (0.65 + noiseAt(i, seed, 2) * 0.5)
    c.beginPath()
    c.moveTo(lean * 4, length * 0.4)
    c.quadraticCurveTo(lean * long * 0.4, 0, Math.sin(lean) * long, length * 0.4 - Math.cos(lean) * long)
    c.strokeStyle = `hsl(${hue + noiseAt(i, seed, 3) * 14} ${sat}% ${light + noiseAt(i, seed, 4) * 12}%)`
    c.lineWidth = 2.4
    c.stroke()
  }
}

export function soft(c: CanvasRenderingContext2D, radius: number, stops: readonly [number, string][]): void {
  const gradient = c.createRadialGradient(0, 0, 0, 0, 0, radius)
  for (const [at, colour] of stops) gradient.addColorStop(at, colour)
  c.fillStyle = gradient
  c.fillRect(-radius, -radius, radius * 2, radius * 2)
}

/** A beast from above that looks east. */
export function beast(
  c: CanvasRenderingContext2D,
  { length, width, fur, back, snout }: { length: number; width: number; fur: string; back: string; snout: string },
): void {
  const [l, w] = [length / 2, width / 2]
  for (const [x, y] of [
    [l * 0.45, w],
    [l * 0.45, -w],
    [-l * 0.55, w],
    [-l * 0.55, -w],
  ] as const)
    ellipse(c, [x, y * 0.9, l * 0.2, w * 0.3], back)
  ellipse(c, [-l * 0.95, 0, l * 0.34, w * 0.22], back)
  ellipse(c, [-l * 0.1, 0, l * 0.85, w], fur)
  ellipse(c, [-l * 0.15, 0, l * 0.7, w * 0.45], back)
  ellipse(c, [l * 0.72, 0, l * 0.36, w * 0.68], fur)
  ellipse(c, [l * 0.55, w * 0.6, l * 0.16, w * 0.24], back, 0.6)
  ellipse(c, [l * 0.55, -w * 0.6, l * 0.16, w * 0.24], back, -0.6)
  ellipse(c, [l * 1.02, 0, l * 0.2, w * 0.34], snout)
  ellipse(c, [l * 0.86, w * 0.3, 2, 2], '#14100c')
  ellipse(c, [l * 0.86, -w * 0.3, 2, 2], '#14100c')
}

export function robed(c: CanvasRenderingContext2D, { radius, robe, inner, glow }: { radius: number; robe: string; inner: string; glow: string }): void {
  c.beginPath()
  for (let i = 0; i < 14; i++) {
    const turn = (i / 14) * TAU
    const r = radius * (i % 2 === 0 ? 1 : 0.84)
    c.lineTo(Math.cos(turn) * r * 0.86, Math.sin(turn) * r)
  }
  c.closePath()
  c.fillStyle = robe
  c.fill()
  ellipse(c, [-radius * 0.1, 0, radius * 0.62, radius * 0.74], inner)
  ellipse(c, [radius * 0.22, 0, radius * 0.42, radius * 0.44], robe)
  ellipse(c, [radius * 0.32, 0, radius * 0.28, radius * 0.32], '#0d1014')
  ellipse(c, [radius * 0.46, radius * 0.14, radius * 0.09, radius * 0.09], glow)
  ellipse(c, [radius * 0.46, -radius * 0.14, radius * 0.09, radius * 0.09], glow)
}

export function disc(fill: string, edge: string): Draw {
  return (c, half) => {
    ellipse(c, [0, 0, half - 2, half - 2], edge)
    ellipse(c, [0, 0, half - 5, half - 5], fill)
  }
}

export const square = (c: CanvasRenderingContext2D, [x, y, w, h]: readonly [number, number, number, number], fill: string): void => {
  c.fillStyle = fill
  c.fillRect(x, y, w, h)
}
