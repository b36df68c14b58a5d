import { Box, Text, Tooltip, useComputedColorScheme, VisuallyHidden } from '@mantine/core'
import { useElementSize, useReducedMotion } from '@mantine/hooks'
import { type KeyboardEvent, type MouseEvent, type ReactNode, useEffect, useEffectEvent, useMemo, useRef, useState } from 'react'
import { useLocation } from 'wouter'
import type { LiveCopy, LiveMap } from '../../../model/wire/live.ts'
import { useLiveStore } from '../api/live.tsx'
import { addParticles, type Colours, draw, FLIGHT_MS, grow, type Particle } from './draw.ts'
import { type Cell, cellAt, type Layout, layOut, neighbour } from './layout.ts'
import { copySentence } from './words.ts'

interface PictureProps {
  maps: readonly LiveMap[]
  copies: readonly LiveCopy[]
}

const arrows: Record<string, [dx: number, dy: number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }

/** Maps as tiles, copies as cells, moves as dots between them. The arrow keys choose a copy, Enter opens its page. */
export function Picture({ maps, copies }: PictureProps): ReactNode {
  const { ref: box, width } = useElementSize()
  const canvas = useRef<HTMLCanvasElement>(null)
  const [hovered, setHovered] = useState<string>()
  const [focused, setFocused] = useState<string>()
  const [, go] = useLocation()
  const layout = useMemo(() => (width === 0 ? undefined : layOut(maps, copies, width)), [maps, copies, width])
  usePainter(canvas, layout, focused ?? hovered)

  const shown = layout?.cellOf.get(focused ?? hovered ?? '')
  const open = (cell: Cell | undefined): void => {
    if (cell !== undefined) go(`/copies/${encodeURIComponent(cell.copy.id)}`)
  }
  const at = (event: MouseEvent<HTMLElement>): Cell | undefined => {
    const { left, top } = event.currentTarget.getBoundingClientRect()
    return layout === undefined ? undefined : cellAt(layout, event.clientX - left, event.clientY - top)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const arrow = arrows[event.key]
    if (event.key === 'Enter') open(shown)
    if (event.key === 'Escape') setFocused(undefined)
    if (arrow === undefined || layout === undefined) return
    event.preventDefault()
    setFocused(neighbour(layout, shown, ...arrow)?.copy.id)
  }
  const words = shown === undefined ? '' : copySentence(shown.copy)
  return (
    <Box ref={box}>
      <Tooltip.Floating label={words} disabled={hovered === undefined || words === ''} multiline maw={300}>
        <div
          role="application"
          aria-label={`${copies.length} copies on ${maps.length} maps. The arrow keys choose a copy, Enter opens its page. The table shows the same.`}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: the picture takes the arrow keys
          tabIndex={0}
          style={{ cursor: hovered === undefined ? 'default' : 'pointer' }}
          onClick={(event) => open(at(event))}
          onMouseMove={(event) => setHovered(at(event)?.copy.id)}
          onMouseLeave={() => setHovered(undefined)}
          onBlur={() => setFocused(undefined)}
          onKeyDown={onKeyDown}
        >
          <canvas ref={canvas} className="picture" style={{ height: layout?.height ?? 300 }} />
        </div>
      </Tooltip.Floating>
      <VisuallyHidden role="status">{focused === undefined ? '' : words}</VisuallyHidden>
      {focused !== undefined && (
        <Text size="sm" mt="xs" aria-hidden>
          {words}
        </Text>
      )}
    </Box>
  )
}

/** Draws the layout, and draws again while something moves. */
function usePainter(canvas: React.RefObject<HTMLCanvasElement | null>, layout: Layout | undefined, selected: string | undefined): void {
  const store = useLiveStore()
  const scheme = useComputedColorScheme()
  const still = useReducedMotion()
  const sizes = useRef(new Map<string, number>())
  const particles = useRef<Particle[]>([])
  const frame = useRef(0)
  const last = useRef(0)

  const paint = useEffectEvent((now: number) => {
    frame.current = 0
    const context = canvas.current?.getContext('2d')
    if (canvas.current === null || context == null || layout === undefined) return
    resize(canvas.current, context, layout)
    const seconds = last.current === 0 ? 0.016 : Math.min(0.1, (now - last.current) / 1000)
    const growing = grow(sizes.current, layout, still ? Number.POSITIVE_INFINITY : seconds)
    particles.current = particles.current.filter(({ start }) => now - start < FLIGHT_MS)
    const { colours, font } = styleOf(canvas.current)
    draw(context, { layout, colours, sizes: sizes.current, particles: particles.current, selected, font, now })
    const moving = growing || particles.current.length > 0
    last.current = moving ? now : 0
    if (moving) request()
  })
  const request = useEffectEvent(() => {
    if (frame.current === 0) frame.current = requestAnimationFrame((now) => paint(now))
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: each of them changes what is drawn
  useEffect(() => request(), [layout, selected, scheme])
  const flown = useEffectEvent((flows: Parameters<typeof addParticles>[1]) => {
    if (layout === undefined || still) return
    addParticles(particles.current, flows, layout, performance.now())
    request()
  })
  useEffect(() => store.onFlows((flows) => flown(flows)), [store])
  useEffect(
    () => () => {
      cancelAnimationFrame(frame.current)
      frame.current = 0
    },
    [],
  )
}

/** Gives the canvas as many pixels as the screen has. */
function resize(canvas: HTMLCanvasElement, context: CanvasRenderingContext2D, { width, height }: Layout): void {
  const ratio = window.devicePixelRatio
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)]
  if (canvas.width !== w || canvas.height !== h) [canvas.width, canvas.height] = [w, h]
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
}

let known: { scheme: string | null; style: { colours: Colours; font: string } } | undefined

/** Reading the style of the page is slow, so it is read once for each colour scheme. */
function styleOf(canvas: HTMLCanvasElement): { colours: Colours; font: string } {
  const scheme = document.documentElement.getAttribute('data-mantine-color-scheme')
  if (known?.scheme === scheme) return known.style
  const style = getComputedStyle(canvas)
  const colour = (name: string): string => style.getPropertyValue(`--mantine-color-${name}`)
  const dark = scheme === 'dark'
  const colours: Colours = {
    text: colour('text'),
    dimmed: colour('dimmed'),
    tile: colour(dark ? 'dark-6' : 'gray-0'),
    border: colour('default-border'),
    slot: colour(dark ? 'dark-4' : 'gray-2'),
    focus: colour('text'),
    flow: colour(dark ? 'yellow-4' : 'grape-7'),
    state: { open: colour('teal-8'), opening: colour('blue-7'), closing: colour('orange-8'), lost: colour('red-8') },
  }
  known = { scheme, style: { colours, font: style.getPropertyValue('--mantine-font-family') } }
  return known.style
}
