// What a page shows, held against the answers of the same tick: each figure by its label, each rate by whether anything
// that the API said is written so, and what is read in English against Swahili.

import type { Schema } from '../../../src/console/call.js'
import { INSTITUTION } from '../../../src/console/words/institution-texts.js'
import { NETWORK } from '../../../src/console/words/network-texts.js'
import { TEXTS } from '../../../src/console/words/texts.js'
import { createWords } from '../../../src/console/words/words.js'
import { formatRate } from '../../../src/model/units.js'
import type { Answers } from './answers.js'
import type { Book } from './book.js'
import { textOf } from './drawn.js'

const NONE = TEXTS.none[0]
const rate = (n: number | null | undefined): string => (n === null || n === undefined ? NONE : formatRate(n))
const missed = (n: number): string => (n > 0 ? formatRate(n) : NONE)
const percent = (part: number): string => `${Math.round(part * 100)} %`
const partOf = ({ needLoad, usable }: Schema['Link']): number => (usable > 0 ? needLoad / usable : needLoad > 0 ? 1 : 0)

interface Shown {
  /** Of the page. */
  readonly path: string
  readonly html: string
}

export interface TableRow {
  readonly html: string
  /** By the heading of the column. */
  readonly cells: ReadonlyMap<string, string>
  /** Where its first link leads. */
  readonly href: string
}

/** Rows of the tables of a page, of the one with this id where there is one. */
export function rowsIn(html: string, id?: string): TableRow[] {
  const tables = [...html.matchAll(/<table([^>]*)>(.*?)<\/table>/gs)]
  const chosen = id === undefined ? tables : tables.filter(([, attributes = '']) => attributes.includes(`id="${id}"`))
  return chosen.flatMap(([, , table = '']) => {
    const rows = [...table.matchAll(/<tr[^>]*>(.*?)<\/tr>/gs)].map(([, row = '']) => row)
    const cellsOf = (row: string): string[] =>
      [...row.matchAll(/<t[hd](?:\s[^>]*)?>(.*?)<\/t[hd]>/gs)].map(([, cell = '']) => textOf(cell))
    const heads = cellsOf(rows[0] ?? '')
    return rows.slice(1).map((row) => ({
      html: row,
      cells: new Map(cellsOf(row).map((cell, n) => [heads[n] ?? '', cell])),
      href: textOf(/href="([^"]*)"/.exec(row)?.[1] ?? ''),
    }))
  })
}

/** Figures under each other, by label; one map for each list of them. */
export const figuresIn = (html: string): ReadonlyMap<string, string>[] =>
  [...html.matchAll(/<dl class="figures">(.*?)<\/dl>/gs)].map(
    ([, list = '']) =>
      new Map(
        [...list.matchAll(/<dt>(.*?)<\/dt><dd[^>]*>(.*?)<\/dd>/gs)].map(([, dt = '', dd = '']) => [
          textOf(dt),
          textOf(dd),
        ]),
      ),
  )

const SENTENCE = new RegExp(
  '(\\d+) gets? all (?:they|it) asks?, (\\d+) short.*?, (\\d+) below guarantee.*?; ' +
    '(\\d+) of (\\d+) edges? enforces?(?:, (\\d+) of them earlier rates)?\\.',
)

export function comparePage({ path, html }: Shown, answers: Answers, book: Book): void {
  const [name = '', id = ''] = path.split('?', 1)[0]!.split('/').slice(1)
  if (name === '' || name === 'wall') ofSentence(html, answers, book)
  if (name === '') ofOverview(html, answers, book)
  if (name === 'wall') ofWall(html, answers, book)
  if (name === 'institutions' && id === '') ofInstitutions(path, html, answers, book)
  if (name === 'institutions' && id !== '') ofInstitution(path, html, answers, book)
  if (name === 'links' && id === '') ofLinks(html, answers, book)
  if (name === 'links' && id !== '') ofLink(id, html, answers, book)
  if (name === 'edges' && id === '') ofEdges(html, answers, book)
  if (name === 'edges' && id !== '') ofEdge(id, html, answers, book)
  if (name === 'in-force')
    book.same('page of what is in force', 'rows', rowsIn(html, 'held').length, answers.inForce.length)
}

function ofSentence(html: string, { status }: Answers, book: Book): void {
  const said = SENTENCE.exec(textOf(html))
  const { satisfied: s, enforcement, edges } = status
  const { keepsEarlier } = enforcement
  book.same(
    'first sentence',
    'counts',
    said?.slice(1).map((n) => Number(n ?? 0)),
    [s.all, s.short, s.belowGuarantee, enforcement.enforce, edges.total, keepsEarlier],
  )
}

function ofOverview(html: string, { status, links }: Answers, book: Book): void {
  const text = textOf(html)
  const held = /edges that keep earlier rates: (\d+)/.exec(text)?.[1]
  book.same('what is in force, beside the sentence', 'edges', Number(held ?? 0), status.inForce.PIN)
  book.holds('revision of the first page', text.includes(`policy revision ${status.revision},`), () =>
    text.slice(0, 400),
  )
  const rows = rowsIn(html, 'short')
  book.same('rows of who is short', 'rows', rows.length, status.shortest.length)
  rows.forEach(({ cells }, n) => {
    const row = status.shortest[n]!
    book.same('rows of who is short', row.institution, cells.get('Not met, both directions'), rate(row.unmet))
  })
  for (const { cells, href } of rowsIn(html, 'lines')) {
    const id = new URL(href, 'http://x').searchParams.get('link')
    const way = cells.get(TEXTS.link[0])!.includes('↓') ? 'down' : 'up'
    const link = links.find((one) => one.link === id && one.direction === way)!
    book.same('lines of the first page', `${link.id} part`, cells.get('Needed of usable'), percent(partOf(link)))
    book.same('lines of the first page', `${link.id} carried`, cells.get(TEXTS.carried[0]), rate(link.carried))
    book.same('lines of the first page', `${link.id} missed`, cells.get(TEXTS.unmet[0]), missed(link.unmet))
  }
}

function ofWall(html: string, { status, links }: Answers, book: Book): void {
  const text = textOf(html)
  for (const { institution, unmet } of status.shortest.slice(0, 8))
    book.holds('the wall', text.includes(`${institution} −${rate(unmet)}`), () => `${institution} ${rate(unmet)}`)
  for (const { id, unmet, kind } of links)
    if (unmet > 0 && kind !== 'access')
      book.holds('the wall', text.includes(`${id} −${rate(unmet)}`), () => `${id} ${rate(unmet)}`)
}

function ofInstitutions(path: string, html: string, { figures }: Answers, book: Book): void {
  const query = new URLSearchParams(path.split('?')[1])
  const rows = figures.get(`${query.get('service') ?? 'internet'} ${query.get('direction') ?? 'down'}`)!
  const drawn = rowsIn(html, 'institutions')
  book.same('list of institutions', 'rows', drawn.length, rows.length)
  book.same('list of institutions', 'count', Number(/(\d+) institutions?\./.exec(textOf(html))?.[1]), rows.length)
  for (const { cells, href } of drawn) {
    const id = decodeURIComponent(href.split('?', 1)[0]!.split('/').at(-1)!)
    amounts(cells, rows.find((row) => row.id === id)!, 'list of institutions', id, book)
  }
}

type Amounts = Pick<Schema['Figures'], 'demand' | 'need' | 'carried' | 'unmet'>

function amounts(cells: ReadonlyMap<string, string>, of: Amounts, kind: string, id: string, book: Book): void {
  book.same(kind, `${id} asks`, askedIn(cells.get(TEXTS.demand[0])), rate(of.demand))
  book.same(kind, `${id} gets`, cells.get(TEXTS.need[0]), rate(of.need))
  book.same(kind, `${id} carried`, cells.get(TEXTS.carried[0]), rate(of.carried))
  book.same(kind, `${id} missed`, askedIn(cells.get(TEXTS.unmet[0])), missed(of.unmet))
}

/** Without the sign of an estimate. */
const askedIn = (cell: string | undefined): string | undefined => cell?.replace(/^≈ /, '').replace(/ \(.*$/, '')

function ofInstitution(path: string, html: string, { details, explained }: Answers, book: Book): void {
  const [place = '', asked = ''] = path.split('?')
  const id = decodeURIComponent(place.split('/').at(-1)!)
  const query = new URLSearchParams(asked)
  const detail = details.find((one) => one.id === id)!
  const isIt = (one: { readonly service: string; readonly direction: string }): boolean =>
    one.service === query.get('service') && one.direction === query.get('direction')
  const flow = detail.flows.find(isIt)!
  const why = explained.find((one) => one.institution === id && isIt(one))!
  const [figures = new Map<string, string>()] = figuresIn(html)
  amounts(figures, flow, 'figures of an institution', id, book)
  const others = [
    [INSTITUTION.guarantee, flow.guarantee],
    [INSTITUTION.ceiling, flow.ceiling],
    [INSTITUTION.allocated, flow.rate],
    [INSTITUTION.applied, why.applied],
    [INSTITUTION.arrived, flow.arrived],
  ] as const
  for (const [[label], value] of others)
    book.same('figures of an institution', `${id} ${label}`, figures.get(label), rate(value))
  for (const { cells, href } of rowsIn(html)) {
    if (!cells.has(TEXTS.demand[0])) continue
    const of = new URL(href, 'http://x').searchParams
    const row = detail.flows.find((one) => one.service === of.get('service') && one.direction === of.get('direction'))
    if (row !== undefined) amounts(cells, row, 'services of an institution', `${id} ${of}`, book)
  }
  let held = 0
  const rungs = rowsIn(html, 'ladder')
  rungs.slice(0, why.bands.length).forEach(({ cells }, n) => {
    const { band, amount, cap } = why.bands[n]!
    held += amount
    book.same('ladder', `${id} ${band}`, cells.get(INSTITUTION.has[0]), rate(amount))
    book.same('ladder', `${id} ${band} most`, cells.get(INSTITUTION.most[0]), rate(cap))
    book.same('ladder', `${id} ${band} sum`, cells.get(INSTITUTION.total[0]), rate(held))
  })
  const last = [...(rungs.at(-1)?.cells.values() ?? [])]
  if (why.differs !== null)
    book.holds(
      'ladder and published rate',
      last.includes(figures.get(INSTITUTION.allocated[0]) ?? ''),
      () => `${id}: ${last}`,
    )
  else if (rungs.length > 0)
    // Both are rounded for people: half a unit of the third digit.
    book.same('ladder and published rate', id, Math.abs(held - why.rate) <= 2_000 * Math.max(1, why.parts.length), true)
  book.holds('page and sentence', textOf(html).includes(why.sentence.en), () => why.sentence.en)
}

function ofLinks(html: string, { links }: Answers, book: Book): void {
  const shared = links.filter(({ kind }) => kind !== 'access')
  const rows = rowsIn(html, 'links')
  book.same('list of links', 'rows', rows.length, shared.length)
  for (const { cells } of rows) {
    const link = shared.find(({ id }) => id === cells.get(TEXTS.link[0]))!
    ofWay(cells, link, 'list of links', book)
  }
}

function ofWay(cells: ReadonlyMap<string, string>, link: Schema['Link'], kind: string, book: Book): void {
  const of = (what: string): string => `${link.id} ${what}`
  book.same(kind, of('needed'), cells.get(NETWORK.needed[0]), rate(link.needLoad))
  book.same(kind, of('carried'), cells.get(TEXTS.carried[0]), rate(link.carried))
  book.same(kind, of('usable'), cells.get(NETWORK.usable[0]), rate(link.usable))
  book.same(kind, of('part'), cells.get(NETWORK.part[0]), percent(partOf(link)))
  book.same(kind, of('missed'), cells.get(TEXTS.unmet[0]), missed(link.unmet))
}

function ofLink(id: string, html: string, { links, linkFlows }: Answers, book: Book): void {
  const lists = figuresIn(html)
  ;(['down', 'up'] as const).forEach((way, n) => {
    const link = links.find((one) => one.id === `${id}.${way}`)!
    const on = linkFlows.find((one) => one.link === link.id)!
    ofWay(lists[n] ?? new Map(), link, 'figures of a link', book)
    const said = `Flows on it: ${on.total}; of them short, for whatever reason: ${on.short}.`
    if (on.total > 0)
      book.holds('a link and how many are on it', textOf(html).includes(said), () => `${link.id}: ${said}`)
  })
}

function ofEdges(html: string, { edges }: Answers, book: Book): void {
  const rows = rowsIn(html, 'edges')
  book.same('list of edges', 'rows', rows.length, edges.length)
  const words = createWords('en', 'UTC')
  for (const { cells, href } of rows) {
    const edge = edges.find(({ id }) => id === decodeURIComponent(href.split('/').at(-1)!))!
    book.same('list of edges', `${edge.id} state`, cells.get(TEXTS.state[0]), words.state(edge.state))
    book.same('list of edges', `${edge.id} does`, cells.get(NETWORK.enforcement[0]), words.state(edge.enforcement))
    book.same('list of edges', `${edge.id} behind`, cells.get(NETWORK.lag[0]), String(edge.lag))
    book.same('list of edges', `${edge.id} serves`, cells.get(NETWORK.served[0]), String(edge.institutions))
  }
}

function ofEdge(id: string, html: string, { edgeDetails }: Answers, book: Book): void {
  const [figures = new Map<string, string>()] = figuresIn(html)
  const edge = edgeDetails.find((one) => one.id === id)!
  for (const way of ['down', 'up'] as const)
    book.same('figures of an edge', `${id} ${way}`, figures.get(TEXTS[way][0]), rate(edge.totals[way]!.carried))
  book.same('figures of an edge', `${id} behind`, figures.get(NETWORK.lag[0]), String(edge.lag))
}

const RATE = /\d+(?:\.\d+)? [kMGT]?bit\/s/g
const ratesIn = (html: string): string[] =>
  textOf(html.replace(/<(select|output)[\s>].*?<\/\1>/gs, '')).match(RATE) ?? []

/** Everything that the API said as a number, as it is written for people. */
export function ratesSaid(answers: unknown, into = new Set<string>()): Set<string> {
  if (typeof answers === 'number') into.add(formatRate(answers))
  else if (answers instanceof Map) for (const one of answers.values()) ratesSaid(one, into)
  else if (typeof answers === 'object' && answers !== null)
    for (const one of Object.values(answers)) ratesSaid(one, into)
  else if (typeof answers === 'string') for (const one of answers.match(RATE) ?? []) into.add(one)
  return into
}

/** Sums that a page makes by itself. */
export function ratesMade({ explained, linkDetails, institutions, figures }: Answers): number[] {
  const held = explained.flatMap(({ bands }) =>
    bands.map((_, n) => bands.slice(0, n + 1).reduce((all, { amount }) => all + amount, 0)),
  )
  const misses = linkDetails.flatMap(({ limits }) => limits.flows.map(({ demand, need }) => demand - need))
  const medians = [...figures.values()].flatMap((rows) =>
    [...new Set(institutions.map(({ category }) => category))].map((category) => {
      const needs = rows
        .filter(({ id }) => institutions.find((one) => one.id === id)!.category === category)
        .map(({ need }) => need)
      return needs.sort((a, b) => a - b)[needs.length >> 1] ?? 0
    }),
  )
  return [...held, ...misses, ...medians]
}

/** No rate stands on a page that nothing of the tick is written like. */
export function compareRates({ path, html }: Shown, said: ReadonlySet<string>, book: Book): void {
  for (const one of ratesIn(html))
    book.holds('a rate on a page and what the API said', said.has(one), () => `${path}: ${one}`)
}

/** Both languages say the same figures. */
export function compareLanguages(path: string, en: string, sw: string, book: Book): void {
  const sorted = (html: string): string => ratesIn(html).sort().join(', ')
  book.same('rates in English and Swahili', path, sorted(en), sorted(sw))
}
