import { type PointerEvent, type ReactNode, useRef, useState } from 'react'
import { useView } from './context.ts'

/** Way of the thumb from the middle to full speed, in CSS pixels. */
const REACH = 46

/** For fingers: the character walks where the thumb pulls. Shown on screens that are touched. */
export function Joystick(): ReactNode {
  const view = useView()
  const base = useRef<HTMLDivElement>(null)
  const [knob, setKnob] = useState({ x: 0, y: 0 })
  const pull = (event: PointerEvent): void => {
    const box = base.current?.getBoundingClientRect()
    if (box === undefined || view === undefined) return
    let [x, y] = [event.clientX - box.left - box.width / 2, event.clientY - box.top - box.height / 2]
    const length = Math.hypot(x, y)
    if (length > REACH) [x, y] = [(x / length) * REACH, (y / length) * REACH]
    setKnob({ x, y })
    view.controls.stick = { dx: x / REACH, dy: y / REACH }
  }
  const release = (): void => {
    setKnob({ x: 0, y: 0 })
    if (view !== undefined) view.controls.stick = { dx: 0, dy: 0 }
  }
  return (
    <div
      ref={base}
      className="joystick"
      aria-hidden="true"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId)
        pull(event)
      }}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) pull(event)
      }}
      onPointerUp={release}
      onPointerCancel={release}
    >
      <div className="knob" style={{ transform: `translate(${knob.x}px, ${knob.y}px)` }} />
    </div>
  )
}
