// Figures over time: drawn by uPlot, which comes to the browser with the first chart alone. A canvas says nothing to
// who does not see it, so the same stands in a table below, and a sentence says what is found.

import { useEffect, useRef } from 'preact/hooks'
import type uPlot from 'uplot'
import { useWords } from '../store.js'

export interface Series {
  readonly label: string
  readonly values: readonly (number | null)[]
  /** Which of the colours of the page. */
  readonly colour: '--free' | '--tight' | '--bad' | '--quiet'
  readonly dashed?: boolean
}

interface Props {
  readonly label: string
  /** Unix seconds. */
  readonly times: readonly number[]
  readonly series: readonly Series[]
  /** What happened, as lines over the picture. */
  readonly marks?: readonly { readonly at: number; readonly said: string }[]
}

const HIGH = 260

export function Chart({ label, times, series, marks = [] }: Props) {
  const place = useRef<HTMLDivElement>(null)
  const { rate, zone, hour } = useWords()
  useEffect(() => {
    let plot: uPlot | null = null
    let isGone = false
    const box = place.current!
    const colourOf = (name: string): string => getComputedStyle(box).getPropertyValue(name)
    void import('uplot').then(({ default: Plot }) => {
      if (isGone) return
      const axis = { stroke: colourOf('--quiet'), grid: { stroke: colourOf('--line'), width: 1 } }
      plot = new Plot(
        {
          ...{ width: box.clientWidth, height: HIGH, legend: { show: false } },
          tzDate: (at) => Plot.tzDate(new Date(at * 1_000), zone),
          // Who wants a figure reads it in the table below.
          cursor: { show: false },
          axes: [
            { ...axis, values: (_plot, times) => times.map((at) => hour(at * 1_000)) },
            { ...axis, size: 90, values: (_plot, values) => values.map((value) => rate(value)) },
          ],
          series: [
            {},
            ...series.map(({ label: name, colour, dashed }) => ({
              ...{ label: name, stroke: colourOf(colour), width: 2, spanGaps: false },
              ...(dashed ? { dash: [6, 5] } : {}),
            })),
          ],
          hooks: { draw: [(drawn) => drawMarks(drawn, marks, colourOf('--broken'))] },
        },
        [[...times], ...series.map(({ values }) => [...values])],
        box,
      )
    })
    const resized = new ResizeObserver(() => plot?.setSize({ width: box.clientWidth, height: HIGH }))
    resized.observe(box)
    return () => {
      isGone = true
      resized.disconnect()
      plot?.destroy()
    }
  }, [times, zone])
  return (
    <figure>
      <div ref={place} class="chart" role="img" aria-label={label} />
      <figcaption>
        <ul class="legend">
          {series.map(({ label: name, colour, dashed }) => (
            <li key={name}>
              <svg viewBox="0 0 40 12" aria-hidden="true">
                <line class={`stroke${colour}${dashed ? ' dashed' : ''}`} x1="2" y1="6" x2="38" y2="6" />
              </svg>{' '}
              {name}
            </li>
          ))}
        </ul>
      </figcaption>
    </figure>
  )
}

function drawMarks(plot: uPlot, marks: NonNullable<Props['marks']>, colour: string): void {
  const { ctx } = plot
  ctx.save()
  ctx.strokeStyle = ctx.fillStyle = colour
  ctx.lineWidth = 2
  for (const { at, said } of marks) {
    const x = plot.valToPos(at, 'x', true)
    ctx.beginPath()
    ctx.moveTo(x, plot.bbox.top)
    ctx.lineTo(x, plot.bbox.top + plot.bbox.height)
    ctx.stroke()
    const isLast = x > plot.bbox.left + plot.bbox.width * 0.9
    ctx.textAlign = isLast ? 'right' : 'left'
    ctx.fillText(said, isLast ? x - 4 : x + 4, plot.bbox.top + 12)
  }
  ctx.restore()
}
