// A report as one page that needs nothing else: for a committee's screen and for A4. What was asked and what follows
// stands first, then the plots, each beside the table that says the same in numbers, then what the words mean and the
// command that makes the page again. It has no script, loads nothing, and says nothing of the moment or the machine.

import { VERSION } from '../../runtime/config.js'
import { PLAN_DEFINITIONS, wordIn } from './definitions.js'
import {
  type Cell,
  type Column,
  cellText,
  isNumeric,
  type Language,
  type PlanReport,
  type PlanTable,
  type Plot,
  saidIn,
} from './plan-report.js'

/** Rows of a table and bars of a plot that a page has; CSV and JSON have all. */
const MOST_ROWS = 60
const MOST_BARS = 12

const WORDS = {
  more: { en: 'more in', sw: 'zaidi katika' },
  limits: { en: 'Limits, and what was not tried', sw: 'Mipaka, na yale ambayo hayakujaribiwa' },
  words: { en: 'What the words mean', sw: 'Maana ya maneno' },
  made: { en: 'How this was made', sw: 'Jinsi ripoti hii ilivyotengenezwa' },
  input: { en: 'Input', sw: 'Ingizo' },
  again: { en: 'Made again, where its files are, by', sw: 'Hutengenezwa tena, zilipo faili zake, kwa' },
  signed: { en: 'Sign-off', sw: 'Idhini' },
  name: { en: 'Name', sw: 'Jina' },
  office: { en: 'Office', sw: 'Cheo' },
  date: { en: 'Date', sw: 'Tarehe' },
  signature: { en: 'Signature', sw: 'Saini' },
  decided: { en: 'Prepared by, approved by', sw: 'Imeandaliwa na, imeidhinishwa na' },
} as const

const STYLE = `
:root{color-scheme:light;--ink:#1a1f24;--soft:#59636e;--line:#c9d1d9;--bar:#0b5fa5;--other:#b35900}
*{box-sizing:border-box}
body{margin:0 auto;max-width:64rem;padding:1.5rem}
body{color:var(--ink);background:#fff;font:1rem/1.5 system-ui,sans-serif}
h1{font-size:1.7rem;line-height:1.2;margin:0 0 1rem}
h2{font-size:1.15rem;margin:2rem 0 .5rem;break-after:avoid}
.findings p{margin:.4rem 0;font-size:1.1rem;max-width:50rem}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.86rem}
th,td{padding:.3rem .6rem .3rem 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
thead th{border-bottom:2px solid var(--ink)}
td{min-width:4.5rem}td:last-child{min-width:9rem}
.n{text-align:right;font-variant-numeric:tabular-nums}td.n{white-space:nowrap}
figure{margin:1rem 0;break-inside:avoid}
figcaption,.soft{color:var(--soft);font-size:.86rem}
.k0{color:var(--bar)}.k1{color:var(--other)}
svg{width:100%;height:auto;max-width:46rem}
svg text{font:12px system-ui,sans-serif;fill:var(--ink)}
dt{font-weight:600;margin-top:.4rem}dd{margin:0}
code{overflow-wrap:anywhere;font-size:.85rem}
.sign td{height:2.4rem;width:25%}
@page{size:A4;margin:16mm 14mm}
@media print{body{padding:0;max-width:none;font-size:10pt}.wide{overflow:visible}table{font-size:7.6pt}
th,td{padding:.15rem .4rem .15rem 0}td,td:last-child{min-width:0}
thead{display:table-header-group}tr{break-inside:avoid}}
`

/** The whole page. */
export function renderPage(report: PlanReport, lang: Language): string {
  const { title, findings, tables, limits, facts, inputHash, command, unsigned = false } = report
  const shown = tables.filter(({ shown }) => shown !== 0)
  const paragraphs = (all: readonly { readonly [L in Language]: string }[]): string =>
    all.map((each) => `<p>${escaped(each[lang])}</p>`).join('\n')
  const defined = Object.entries(PLAN_DEFINITIONS).map(
    ([word, meaning]) => `<dt>${escaped(wordIn(word, lang))}</dt><dd>${escaped(meaning[lang])}</dd>`,
  )
  const made = facts.map(([name, value]) => `<dt>${escaped(name[lang])}</dt><dd>${escaped(saidIn(value, lang))}</dd>`)
  return `<!doctype html>
<html lang="${lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escaped(title[lang])} - Mizani</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escaped(title[lang])}</h1>
<section class="findings">${paragraphs(findings)}</section>
${shown.map((table) => tableSection(table, report.zone, lang)).join('\n')}
<h2>${WORDS.limits[lang]}</h2>
${paragraphs(limits)}
<h2>${WORDS.words[lang]}</h2>
<dl>${defined.join('')}</dl>
<h2>${WORDS.made[lang]}</h2>
<dl>${made.join('')}
<dt>${WORDS.input[lang]}</dt><dd><code>${escaped(inputHash)}</code>, Mizani ${VERSION}</dd>
<dt>${WORDS.again[lang]}</dt><dd><code>${escaped(command)}</code></dd></dl>
${unsigned ? '' : signOff(lang)}
</main>
</body>
</html>
`
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (sign) => ESCAPES[sign]!)

function tableSection(table: PlanTable, zone: string, lang: Language): string {
  const { id, title, columns, rows, empty, shown = MOST_ROWS } = table
  const heading = `<h2 id="${id}">${escaped(title[lang])}</h2>`
  if (rows.length === 0) return empty === undefined ? '' : `${heading}<p>${escaped(empty[lang])}</p>`
  const used = columns.map((_, c) => rows.some((row) => row[c] !== null))
  const kept = columns.flatMap((each, c) => (used[c] ? [{ each, c }] : []))
  const head = kept.map(({ each }) => `<th scope="col"${numeric(each)}>${escaped(each.head[lang])}</th>`).join('')
  const line = (row: readonly Cell[]): string =>
    kept.map(({ each, c }) => `<td${numeric(each)}>${escaped(cellText(row[c]!, each.kind, zone, lang))}</td>`).join('')
  const some = rows.slice(0, Math.min(shown, MOST_ROWS))
  const left = rows.length - some.length
  const more = left > 0 ? `<p class="soft">… ${left} ${WORDS.more[lang]} ${id}.csv</p>` : ''
  const body = some.map((row) => `<tr>${line(row)}</tr>`).join('\n')
  // What is wider than a small screen is scrolled, by keyboard too.
  return `${heading}
${plotOf(table, zone, lang)}
<div class="wide" tabindex="0" role="region" aria-labelledby="${id}">
<table><thead><tr>${head}</tr></thead><tbody>
${body}
</tbody></table></div>${more}`
}

const numeric = (column: Column): string => (isNumeric(column) ? ' class="n"' : '')

const BAR = { left: 190, width: 420, height: 16, gap: 6, right: 90 }
const COLOURS = ['var(--bar)', 'var(--other)']

/** Bars of the first rows, those of one row below each other. */
function plotOf(table: PlanTable, zone: string, lang: Language): string {
  const { plot, columns, rows } = table
  if (plot === undefined) return ''
  if (plot.isOverTime) return columnsOf(table, plot, zone, lang)
  const label = columns.findIndex((each) => each.id === plot.label)
  const values = plot.values.map((name) => columns.findIndex((each) => each.id === name))
  const some = rows.slice(0, MOST_BARS)
  const valueAt = (row: readonly Cell[], c: number): number => Number(row[c] ?? 0)
  const most = Math.max(1e-9, ...some.flatMap((row) => values.map((c) => valueAt(row, c))))
  const lineHeight = values.length * BAR.height + BAR.gap
  const bars = some.flatMap((row, r) => [
    `<text x="${BAR.left - 8}" y="${r * lineHeight + BAR.height - 4}" text-anchor="end">` +
      `${escaped(cellText(row[label]!, columns[label]!.kind, zone, lang))}</text>`,
    ...values.map((c, n) => {
      const value = valueAt(row, c)
      const width = Math.round((BAR.width * value) / most)
      const y = r * lineHeight + n * BAR.height
      const told = escaped(cellText(value, columns[c]!.kind, zone, lang))
      return (
        `<rect x="${BAR.left}" y="${y}" width="${width}" height="${BAR.height - 3}" fill="${COLOURS[n]}"/>` +
        `<text x="${BAR.left + width + 5}" y="${y + BAR.height - 5}">${told}</text>`
      )
    }),
  ])
  const size = `0 0 ${BAR.left + BAR.width + BAR.right} ${some.length * lineHeight}`
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

function signOff(lang: Language): string {
  const heads = [WORDS.name, WORDS.office, WORDS.signature, WORDS.date]
  const blank = `<tr>${'<td></td>'.repeat(heads.length)}</tr>`
  return `<h2>${WORDS.signed[lang]}</h2>
<table class="sign"><caption class="soft">${WORDS.decided[lang]}</caption><thead><tr>${heads
    .map((head) => `<th scope="col">${head[lang]}</th>`)
    .join('')}</tr></thead><tbody>${blank}${blank}</tbody></table>`
}
