import 'uplot/dist/uPlot.min.css'
import { useComputedColorScheme } from '@mantine/core'
import { useElementSize } from '@mantine/hooks'
import { type ReactNode, useEffect, useRef } from 'react'
import UPlot from 'uplot'
import { timeOfDay } from '../world/words.ts'

export interface PlotSeries {
  label: string
  /** Name of a colour of the component library. */
  colour: string
  values: readonly (number | null)[]
}

interface PlotProps {
  title: string
  /** In seconds since 1970. */
  times: readonly number[]
  series: readonly PlotSeries[]
  /** How values are written on the axis and in the legend. */
  format?: (value: number) => string
  height?: number
}

/** A plot over time. The legend shows the values at the pointer. */
export function Plot({ title, times, series, format, height = 180 }: PlotProps): ReactNode {
  const { ref, width } = useElementSize()
  const box = useRef<HTMLDivElement>(null)
  const plot = useRef<UPlot>(undefined)
  const scheme = useComputedColorScheme()
  const names = series.map(({ label }) => label).join('|')
  const data = [times, ...series.map(({ values }) => values)] as UPlot.AlignedData // columns of one length
  const latest = useRef(data)
  latest.current = data

  // biome-ignore lint/correctness/useExhaustiveDependencies: `names` stands for the series, whose values change with each sample
  useEffect(() => {
    if (width === 0 || box.current === null) return
    const style = getComputedStyle(box.current)
    const colour = (name: string): string => style.getPropertyValue(`--mantine-color-${name}`)
    const axis = { stroke: colour('dimmed'), grid: { stroke: colour('default-border'), width: 1 }, ticks: { stroke: colour('default-border'), width: 1 } }
    const values = format === undefined ? {} : { values: (_: UPlot, splits: number[]) => splits.map(format) }
    const made = new UPlot(
      {
        width,
        height,
        scales: { y: { range: (_, least, most) => [Math.min(0, least ?? 0), Math.max(1, most ?? 1) * 1.05] } },
        axes: [
          { ...axis, values: (_, splits) => splits.map((at) => timeOfDay(at * 1000)) },
          { ...axis, ...values, size: 56 },
        ],
        series: [
          { value: (_, at: number | null) => (at === null ? '–' : timeOfDay(at * 1000)) },
          ...series.map(({ label, colour: name }) => ({
            label,
            stroke: colour(`${name}-${scheme === 'dark' ? 4 : 7}`),
            width: 2,
            points: { show: false },
            ...(format === undefined ? {} : { value: (_: UPlot, value: number | null) => (value === null ? '–' : format(value)) }),
          })),
        ],
      },
      latest.current,
      box.current,
    )
    plot.current = made
    return () => made.destroy()
  }, [width, height, scheme, names, format])
  useEffect(() => plot.current?.setData(data))
  return (
    <figure ref={ref} className="plot" aria-label={title}>
      <div ref={box} />
    </figure>
  )
}
