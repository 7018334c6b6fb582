// A report as one page that needs nothing else: for a committee's screen and for A4. What a committee decides by stands
// on the first two pages: what was asked and what follows, what it rests on, what was not tried, and room to sign. The
// details come after: every table, what the words mean, and the command that makes the page again. What asks nobody for
// a decision is one piece. It has no script, loads nothing, and says nothing of the moment or the machine.

import { VERSION } from '../../runtime/config.js'
import { PLAN_DEFINITIONS, wordIn } from './definitions.js'
import { escaped, plotOf } from './plan-plot.js'
import {
  type Cell,
  type Column,
  cellText,
  count,
  isNumeric,
  type Language,
  type PlanReport,
  type PlanTable,
  saidIn,
} from './plan-report.js'

/** Rows of a table that a page has; CSV and JSON have all. */
const MOST_ROWS = 60

const WORDS = {
  more: { en: 'more in', sw: 'zaidi katika' },
  below: { en: 'more in the details', sw: 'zaidi katika maelezo kamili' },
  limits: { en: 'Limits, and what was not tried', sw: 'Mipaka, na yale ambayo hayakujaribiwa' },
  whole: { en: 'in full', sw: 'kwa ukamilifu' },
  rests: { en: 'What it rests on', sw: 'Msingi wa ripoti hii' },
  details: { en: 'Details', sw: 'Maelezo kamili' },
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
h2{font-size:1.15rem;margin:2rem 0 .5rem}
h3{font-size:1rem;margin:1.6rem 0 .4rem}
h2,h3,.wide:has(+.soft){break-after:avoid}
.findings p{margin:.4rem 0;font-size:1.1rem;max-width:50rem}
.details{border-top:2px solid var(--ink);margin-top:3rem}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.86rem}
th,td{padding:.3rem .6rem .3rem 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
th:last-child,td:last-child{padding-right:0}
thead th{border-bottom:2px solid var(--ink);vertical-align:bottom}
.n{text-align:right;font-variant-numeric:tabular-nums}td.n,.s,time{white-space:nowrap}
.n+:not(.n){padding-left:.4rem}.m{min-width:8rem}.l{min-width:14rem}.many{font-size:.8rem}
th.n span{display:inline-block;max-width:8rem;min-width:min-content}
figure{margin:1rem 0;break-inside:avoid}
figcaption,.soft{color:var(--soft);font-size:.86rem}
.k0{color:var(--bar)}.k1{color:var(--other)}
svg{width:100%;height:auto;max-width:46rem}
svg text{font:12px system-ui,sans-serif;fill:var(--ink)}
dl div,.whole{break-inside:avoid}
dl div{margin-top:.4rem}
dt{font-weight:600}dd{margin:0}
code{overflow-wrap:anywhere;font-size:.85rem}
caption{text-align:left}
.sign td{height:2.4rem;width:25%}
@page{size:A4;margin:16mm 12mm;@bottom-right{content:counter(page) " / " counter(pages);font:8pt system-ui,sans-serif}}
@media print{body{padding:0;max-width:none;font-size:9.5pt;line-height:1.4}
h1{font-size:17pt;margin-bottom:.6rem}h2{font-size:12pt;margin:.9rem 0 .3rem}h3{font-size:10.5pt;margin:.9rem 0 .3rem}
p{margin:.3rem 0}.findings p{font-size:10.5pt;margin:.25rem 0;max-width:none}
.details{border:0;margin:0;break-before:page}.details h2{margin-top:0}
.wide{overflow:visible}table,figcaption,.soft{font-size:7.6pt}
th,td{padding:.15rem .5rem .15rem 0}
.m{min-width:18mm}.l{min-width:34mm}th{font-size:7pt}th.n span{max-width:20mm}
.many{font-size:6.6pt}.many th{font-size:6pt}.many th,.many td{padding-right:.35rem}
.many .s{white-space:normal}.many .l{min-width:28mm}.many th.n span{max-width:16mm}
figure{margin:.5rem 0}svg{max-width:150mm}
dl{margin:.3rem 0;font-size:8.5pt}code{font-size:8pt}
dl div{display:grid;grid-template-columns:36mm 1fr;gap:3mm;margin-top:.15rem}
thead{display:table-header-group}tr{break-inside:avoid}}
`

/** The whole page. */
export function renderPage(report: PlanReport, lang: Language): string {
  const title = escaped(report.title[lang])
  return `<!doctype html>
<html lang="${lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>${title} - Mizani</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${title}</h1>
<section class="findings">${paragraphs(report.findings, lang)}</section>
${report.unsigned ? inOnePiece(report, lang) : forCommittee(report, lang)}
</main>
</body>
</html>
`
}

function inOnePiece({ tables, limits, facts, zone, ...made }: PlanReport, lang: Language): string {
  return `${tables.map((table) => tableSection(table, zone, lang)).join('\n')}
<h2>${WORDS.limits[lang]}</h2>
${paragraphs(limits, lang)}
<h2>${WORDS.words[lang]}</h2>
${definitions(lang)}
<section class="whole"><h2>${WORDS.made[lang]}</h2>
<dl>${factList(facts, lang)}${madeBy(made, lang)}</dl></section>`
}

function forCommittee({ tables, limits, facts, zone, ...made }: PlanReport, lang: Language): string {
  const first = tables.filter((table) => table.first !== undefined)
  const others = tables.filter((each) => each.first === undefined || each.aside || each.first < rowsShown(each))
  return `${first.map((table) => tableSection(table, zone, lang, 'first')).join('\n')}
<h2>${WORDS.limits[lang]}</h2>
${paragraphs(limits, lang)}
<section class="whole"><h2>${WORDS.rests[lang]}</h2>
<dl>${factList(facts, lang)}</dl></section>
${signOff(lang)}
<section class="details">
<h2>${WORDS.details[lang]}</h2>
${others.map((table) => tableSection(table, zone, lang, 'details')).join('\n')}
<h3>${WORDS.words[lang]}</h3>
${definitions(lang)}
<section class="whole"><h3>${WORDS.made[lang]}</h3>
<dl>${madeBy(made, lang)}</dl></section>
</section>`
}

/** A date is not broken over lines. */
const worded = (text: string): string => escaped(text).replaceAll(/\d{4}-\d\d-\d\d/g, '<time>$&</time>')

const paragraphs = (all: PlanReport['findings'], lang: Language): string =>
  all.map((each) => `<p>${worded(each[lang])}</p>`).join('\n')

/** A term is not parted from what is said of it. */
const entry = (term: string, said: string): string => `<div><dt>${escaped(term)}</dt><dd>${said}</dd></div>`

const factList = (facts: PlanReport['facts'], lang: Language): string =>
  facts.map(([name, value]) => entry(name[lang], worded(saidIn(value, lang)))).join('\n')

function definitions(lang: Language): string {
  const all = Object.entries(PLAN_DEFINITIONS)
  return `<dl>${all.map(([word, meaning]) => entry(wordIn(word, lang), escaped(meaning[lang]))).join('\n')}</dl>`
}

const madeBy = ({ inputHash, command }: Pick<PlanReport, 'inputHash' | 'command'>, lang: Language): string =>
  entry(WORDS.input[lang], `<code>${escaped(inputHash)}</code>, Mizani ${VERSION}`) +
  entry(WORDS.again[lang], `<code>${escaped(command)}</code>`)

const rowsShown = ({ rows, shown = MOST_ROWS }: PlanTable): number => Math.min(rows.length, shown, MOST_ROWS)

/** @param part of a page in two: a table that was cut short stands in both of them, its plot in the first */
function tableSection(table: PlanTable, zone: string, lang: Language, part?: 'first' | 'details'): string {
  const { title, columns, rows, empty, aside = [] } = table
  const isAgain = part === 'details' && table.first !== undefined
  const id = isAgain ? `${table.id}-all` : table.id
  const level = part === 'details' ? 'h3' : 'h2'
  const said = isAgain ? `${title[lang]} (${WORDS.whole[lang]})` : title[lang]
  const heading = `<${level} id="${id}">${escaped(said)}</${level}>`
  if (rows.length === 0) return empty === undefined ? '' : `${heading}<p>${worded(empty[lang])}</p>`
  const some = rows.slice(0, Math.min(rowsShown(table), part === 'first' ? table.first! : MOST_ROWS))
  const isAside = ({ id }: Column): boolean => part === 'first' && aside.includes(id)
  const isUsed = (c: number): boolean => some.some((row) => row[c] !== null)
  const used = columns.flatMap((each, c) => (isUsed(c) && !isAside(each) ? [{ each, c }] : []))
  const kept = used.map(({ each, c }) => ({ each, c, room: roomOf(some, each, c, zone, lang) }))
  const head = kept
    .map(({ each, room }) => `<th scope="col"${room}><span>${escaped(each.head[lang])}</span></th>`)
    .join('')
  const line = (row: readonly Cell[]): string =>
    kept.map(({ each, c, room }) => `<td${room}>${worded(cellText(row[c]!, each.kind, zone, lang))}</td>`).join('')
  const body = some.map((row) => `<tr>${line(row)}</tr>`).join('\n')
  const left = rows.length - some.length
  const where = some.length < rowsShown(table) ? WORDS.below[lang] : `${WORDS.more[lang]} ${table.id}.csv`
  // What is wider than a small screen is scrolled, by keyboard too.
  const size = kept.length > MANY ? ' class="many"' : ''
  return `${heading}
${isAgain ? '' : plotOf(table, some.length, zone, lang)}
<div class="wide${some.length > FEW ? '' : ' whole'}" tabindex="0" role="region" aria-labelledby="${id}">
<table${size}><thead><tr>${head}</tr></thead><tbody>
${body}
</tbody></table></div>${left > 0 ? `<p class="soft">… ${count(left)} ${where}</p>` : ''}`
}

/** Rows that are kept on one page, and columns that are set in smaller type. */
const FEW = 8
const MANY = 9
/** Letters of a cell that is not broken over lines, of a name that is not, and of a cell that needs much room. */
const SHORT = 14
const NAME = 22
const LONG = 48

/** Room for a column by its longest cell: a name stays in one line, and a sentence is not a tower of words. */
function roomOf(rows: PlanTable['rows'], column: Column, c: number, zone: string, lang: Language): string {
  if (isNumeric(column)) return ' class="n"'
  const said = rows.map((row) => cellText(row[c]!, column.kind, zone, lang))
  const longest = Math.max(...said.map((each) => each.length))
  const areNames = said.every((each) => !each.includes(' '))
  return ` class="${longest <= (areNames ? NAME : SHORT) ? 's' : longest <= LONG ? 'm' : 'l'}"`
}

function signOff(lang: Language): string {
  const heads = [WORDS.name, WORDS.office, WORDS.signature, WORDS.date]
  const blank = `<tr>${'<td></td>'.repeat(heads.length)}</tr>`
  return `<section class="whole"><h2>${WORDS.signed[lang]}</h2>
<table class="sign"><caption class="soft">${WORDS.decided[lang]}</caption><thead><tr>${heads
    .map((head) => `<th scope="col">${head[lang]}</th>`)
    .join('')}</tr></thead><tbody>${blank}${blank}</tbody></table></section>`
}
