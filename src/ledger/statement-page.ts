// A statement as one A4 page, in Swahili or English: what was promised, asked, given and used, for how long the promise
// was not kept and why, and what is to be paid by which rule. A page of its own, without a script and with one style,
// whose hash the answer's security policy names.

import { createHash } from 'node:crypto'
import { timeInWords } from '../model/civil-time.js'
import type { Text } from '../model/network.js'
import { formatMinutes, formatRate, fromKbps, percentOf } from '../model/units.js'
import type { StatementView } from './views.js'

export type Lang = 'en' | 'sw'

const WORDS = {
  title: { en: 'Statement', sw: 'Taarifa ya mwezi' },
  month: { en: 'Month', sw: 'Mwezi' },
  closed: { en: 'Closed', sw: 'Umefungwa' },
  open: { en: 'Not closed yet: figures may change', sw: 'Haujafungwa: takwimu zinaweza kubadilika' },
  tier: { en: 'Tier', sw: 'Daraja' },
  agreement: { en: 'Agreement', sw: 'Makubaliano' },
  noAgreement: { en: 'none', sw: 'hakuna' },
  service: { en: 'Service', sw: 'Huduma' },
  entitled: { en: 'Guaranteed', sw: 'Kiwango cha uhakika' },
  down: { en: 'download', sw: 'kupakua' },
  up: { en: 'upload', sw: 'kupakia' },
  asked: { en: 'Asked, mean', sw: 'Kilichoombwa, wastani' },
  served: { en: 'Given, mean', sw: 'Kilichotolewa, wastani' },
  used: { en: 'Used, mean', sw: 'Kilichotumika, wastani' },
  missed: { en: 'Missed, mean', sw: 'Kilichokosekana, wastani' },
  seen: { en: 'Five-minute means counted', sw: 'Wastani wa dakika tano uliohesabiwa' },
  of: { en: 'of', sw: 'kati ya' },
  gap: {
    en: 'What was not recorded is counted as a gap: it is neither filled nor zero.',
    sw: 'Muda ambao haukurekodiwa unahesabiwa kama pengo: haujazwi wala si sifuri.',
  },
  below: { en: 'Below the guarantee', sw: 'Chini ya kiwango cha uhakika' },
  causes: { en: 'What held it', sw: 'Kilichozuia' },
  attainment: { en: 'Guarantee kept', sw: 'Uhakika uliotimizwa' },
  promised: { en: 'agreed', sw: 'kilichokubaliwa' },
  kept: { en: 'the agreement was kept', sw: 'makubaliano yametimizwa' },
  notKept: { en: 'the agreement was NOT kept', sw: 'makubaliano HAYAKUTIMIZWA' },
  unknown: { en: 'not recorded', sw: 'haikurekodiwa' },
  unseen: { en: 'not seen', sw: 'haikuonekana' },
  contract: { en: 'Contract', sw: 'Mkataba' },
  rule: { en: 'Shared by', sw: 'Kanuni ya mgawanyo' },
  amount: { en: 'Amount', sw: 'Kiasi' },
  total: { en: 'To be paid', sw: 'Jumla ya kulipa' },
  instead: { en: 'in place of', sw: 'badala ya' },
  noPrices: { en: 'Amounts are shown to finance officers.', sw: 'Kiasi huonyeshwa kwa maafisa wa fedha.' },
} as const satisfies Readonly<Record<string, Text>>

const WAYS: Readonly<Record<string, Text>> = {
  promise: { en: 'promise', sw: 'ahadi' },
  percentile: { en: 'percentile carried', sw: 'asilimia ya matumizi' },
  volume: { en: 'volume carried', sw: 'kiasi cha matumizi' },
  'tier-price': { en: 'price of the tier', sw: 'bei ya daraja' },
  equal: { en: 'equal parts', sw: 'sehemu sawa' },
}

const STYLE = [
  '@page{size:A4;margin:16mm}',
  'body{font:10.5pt/1.35 system-ui,sans-serif;color:#111;background:#fff;margin:0 auto;max-width:178mm}',
  'h1{font-size:17pt;margin:0 0 1mm}h2{font-size:11.5pt;margin:4.5mm 0 1mm}p{margin:1mm 0}',
  'table{width:100%;border-collapse:collapse}',
  'th,td{text-align:left;padding:.8mm 1.5mm;border-bottom:.2mm solid #bbb;vertical-align:top}',
  'td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}',
  'tfoot td{font-weight:700;border-top:.4mm solid #111;white-space:nowrap}.quiet{color:#555}',
].join('')

/** For `style-src` of the answer. */
export const STYLE_HASH = `sha256-${createHash('sha256').update(STYLE).digest('base64')}`

/** Of a long list of causes or services the page shows so many, so that it stays one. */
const MOST_ROWS = 8

export function statementPage(statement: StatementView, name: Text, lang: Lang): string {
  const say = (word: keyof typeof WORDS): string => WORDS[word][lang]
  const { institution, month, zone, closing } = statement
  const state = closing === null ? say('open') : `${say('closed')} ${timeInWords(Date.parse(closing.at), zone)}`
  const rate = (kbps: number | null): string => (kbps === null ? say('unseen') : formatRate(fromKbps(kbps)))
  const facts: [string, string][] = [
    [say('tier'), institution.tiers.join(', ')],
    [say('asked'), rate(institution.asked)],
    [say('served'), rate(institution.served)],
    [say('used'), rate(institution.used)],
    [say('missed'), rate(institution.missed)],
    [say('seen'), `${institution.seen} ${say('of')} ${institution.slots}`],
    [say('below'), formatMinutes(institution.minutesBelow)],
    [say('attainment'), partSaid(institution.attainment, say)],
    ...agreementFacts(institution, say),
  ]
  const services = Object.entries(institution.entitled).slice(0, MOST_ROWS)
  const most = institution.causes.slice(0, MOST_ROWS)
  const causes = most.map(({ limit, minutes }) => row([limit, formatMinutes(minutes)])).join('')
  return `<!doctype html><html lang="${lang}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(`${say('title')} ${month} ${name[lang]}`)}</title><style>${STYLE}</style></head><body>
<h1>${escaped(name[lang])}</h1>
<p>${say('title')} · ${say('month')} ${month} (${escaped(zone)}) · ${escaped(state)}</p>
<table><tbody>${facts.map(([what, value]) => row([what, value])).join('')}</tbody></table>
<p class="quiet">${say('gap')}</p>
<h2>${say('entitled')}</h2>
<table><thead>${head([say('service'), say('down'), say('up')])}</thead><tbody>${services
    .map(([service, { down, up }]) => row([service, rate(down), rate(up)]))
    .join('')}</tbody></table>
${causes === '' ? '' : `<h2>${say('causes')}</h2><table><tbody>${causes}</tbody></table>`}
<h2>${say('amount')}</h2>
${chargesTable(statement, say, lang)}
</body></html>
`
}

type Say = (word: keyof typeof WORDS) => string

const partSaid = (part: number | null, say: Say, agreed?: number): string =>
  part === null ? say('unknown') : percentOf(part, agreed)

/** A row an agreement: what it is about, what was agreed, what was reached. */
function agreementFacts({ agreements }: StatementView['institution'], say: Say): [string, string][] {
  if (agreements.length === 0) return [[say('agreement'), say('noAgreement')]]
  return agreements.map(({ reference, services, attainment, reached, kept }) => {
    const verdict = kept === null ? '' : `; ${say(kept ? 'kept' : 'notKept')}`
    const agreed = `${say('promised')} ${percentOf(attainment, attainment)}`
    const held = `${partSaid(reached, say, attainment)} (${agreed}${verdict})`
    return [`${say('agreement')} ${reference}`, `${services.join(', ')}: ${held}`]
  })
}

function chargesTable({ charges, totals }: StatementView, say: Say, lang: Lang): string {
  if (charges === null || totals === null) return `<p>${say('noPrices')}</p>`
  const way = (by: string): string => WAYS[by]?.[lang] ?? by
  const rows = charges.map(({ contract, provider, rule, parts, currency, amount }) => {
    const how = parts.map(({ by, instead, amount }) => {
      const replaced = instead === null ? '' : ` (${say('instead')} ${way(instead)})`
      return `${way(by)}${replaced} ${amount}`
    })
    return row([`${contract} (${provider})`, `${rule ?? ''}: ${how.join('; ')}`, `${currency} ${amount}`])
  })
  const sums = Object.entries(totals).map(([currency, amount]) => row([say('total'), '', `${currency} ${amount}`]))
  return `<table><thead>${head([say('contract'), say('rule'), say('amount')])}</thead><tbody>${rows.join('')}</tbody>
<tfoot>${sums.join('')}</tfoot></table>`
}

const isLast = (at: number, of: readonly string[]): string => (at === of.length - 1 ? ' class="n"' : '')
const row = (cells: readonly string[]): string =>
  `<tr>${cells.map((cell, at) => `<td${isLast(at, cells)}>${escaped(cell)}</td>`).join('')}</tr>`
const head = (cells: readonly string[]): string =>
  `<tr>${cells.map((cell, at) => `<th scope="col"${isLast(at, cells)}>${escaped(cell)}</th>`).join('')}</tr>`

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escaped = (text: string): string => text.replace(/[&<>"]/g, (sign) => ESCAPES[sign]!)
