// The plots of a page, drawn by the server: bars of the rows that a table beside them says in numbers.

import { type Cell, cellText, type Language, type PlanTable, type Plot } from './plan-report.js'

/** The files have all. */
const MOST_BARS = 12

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
/** Text as a page takes it. */
export const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (sign) => ESCAPES[sign]!)

/** Room for names, as wide as the longest needs; then the bars, and what each of them says. */
const BAR = { all: 700, height: 16, gap: 6, letter: 7.2, leastLeft: 90, mostLeft: 290, right: 90 }
const COLOURS = ['var(--bar)', 'var(--other)']

/**
 * Bars of the first rows, those of one row below each other.
 * @param count rows that stand beside it
 */
export function plotOf(table: PlanTable, count: number, zone: string, lang: Language): string {
  const { plot, columns, rows } = table
  if (plot === undefined) return ''
  if (plot.isOverTime) return columnsOf(table, plot, zone, lang)
  const label = columns.findIndex((each) => each.id === plot.label)
  const values = plot.values.map((name) => columns.findIndex((each) => each.id === name))
  const some = rows.slice(0, Math.min(count, MOST_BARS))
  const valueAt = (row: readonly Cell[], c: number): number => Number(row[c] ?? 0)
  const most = Math.max(1e-9, ...some.flatMap((row) => values.map((c) => valueAt(row, c))))
  const names = some.map((row) => cellText(row[label]!, columns[label]!.kind, zone, lang))
  const longest = BAR.letter * Math.max(...names.map((name) => name.length))
  const left = Math.min(BAR.mostLeft, Math.max(BAR.leastLeft, Math.ceil(longest) + 16))
  const whole = BAR.all - left - BAR.right
  const lineHeight = values.length * BAR.height + BAR.gap
  const bars = some.flatMap((row, r) => [
    `<text x="${left - 8}" y="${r * lineHeight + BAR.height - 4}" text-anchor="end">` + `${escaped(names[r]!)}</text>`,
    ...values.map((c, n) => {
      const value = valueAt(row, c)
      const width = Math.round((whole * value) / most)
      const y = r * lineHeight + n * BAR.height
      const told = escaped(cellText(value, columns[c]!.kind, zone, lang))
      return (
        `<rect x="${left}" y="${y}" width="${width}" height="${BAR.height - 3}" fill="${COLOURS[n]}"/>` +
        `<text x="${left + width + 5}" y="${y + BAR.height - 5}">${told}</text>`
      )
    }),
  ])
  const size = `0 0 ${BAR.all} ${some.length * lineHeight}`
  return figure(table, plot, size, bars.join(''), lang)
}

const GRAPH = { left: 60, width: 660, height: 150, below: 20 }

/** A column a row, those of one row side by side, with the largest value and every fifth row named. */
function columnsOf(table: PlanTable, plot: Plot, zone: string, lang: Language): string {
  const { columns, rows } = table
  const label = columns.findIndex((each) => each.id === plot.label)
  const values = plot.values.map((name) => columns.findIndex((each) => each.id === name))
  const most = Math.max(1e-9, ...rows.flatMap((row) => values.map((c) => Number(row[c] ?? 0))))
  const step = GRAPH.width / Math.max(1, rows.length)
  const wide = (step * 0.8) / values.length
  const drawn = rows.flatMap((row, r) => {
    const left = GRAPH.left + r * step
    const rects = values.map((c, n) => {
      const high = (GRAPH.height * Number(row[c] ?? 0)) / most
      const place = `x="${(left + n * wide).toFixed(1)}" y="${(GRAPH.height + 10 - high).toFixed(1)}"`
      return `<rect ${place} width="${wide.toFixed(1)}" height="${high.toFixed(1)}" fill="${COLOURS[n]}"/>`
    })
    const day = cellText(row[label]!, columns[label]!.kind, zone, lang).slice(-2)
    const named = r % 5 === 0 ? `<text x="${left.toFixed(1)}" y="${GRAPH.height + 26}">${escaped(day)}</text>` : ''
    return [...rects, named]
  })
  const top = escaped(cellText(most, columns[values[0]!]!.kind, zone, lang))
  const axis = `<text x="${GRAPH.left - 6}" y="20" text-anchor="end">${top}</text>`
  const size = `0 0 ${GRAPH.left + GRAPH.width} ${GRAPH.height + 10 + GRAPH.below}`
  return figure(table, plot, size, axis + drawn.join(''), lang)
}

function figure({ id, columns }: PlanTable, plot: Plot, size: string, drawn: string, lang: Language): string {
  const values = plot.values.map((name) => columns.findIndex((each) => each.id === name))
  const key = values.map((c, n) => `<span class="k${n}">■</span> ${escaped(columns[c]!.head[lang])}`)
  return `<figure>
<svg viewBox="${size}" role="img" aria-labelledby="plot-${id}">${drawn}</svg>
<figcaption id="plot-${id}">${escaped(plot.title[lang])}: ${key.join(', ')}</figcaption>
</figure>`
}
