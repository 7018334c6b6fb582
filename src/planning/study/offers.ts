// What can be bought, as a sheet: a row for each step of capacity of an offer; rows of one offer are alternatives.
// An offer for a link that the plane has adds to it; any other link is a new one, and says between which nodes.
//
// All offers are laid on the policy at once, each at its largest step. What is not bought, or bought smaller, is then a
// condition of the network like any derate, so that every set is routed and solved by the production compile.

import { readFileSync } from 'node:fs'
import { type Conditions, DIRECTIONS, directed, LINK_KINDS, type LinkKind } from '../../model/network.js'
import { parseRatePair } from '../../model/units.js'
import type { PolicyDocument } from '../../policy/document/document.js'
import { validatePolicy } from '../../policy/document/validate.js'
import { type Fault, formatFault, invalid, MizaniError } from '../../runtime/errors.js'
import { didYouMean } from '../../runtime/near-word.js'
import { readSheet, type Sheet, type SheetRow } from '../../runtime/sheet.js'
import { unreadable } from '../../runtime/unreadable.js'

type Rates = { readonly down: number; readonly up: number }

export interface OfferStep {
  readonly capacity: Rates
  readonly once: number
  readonly monthly: number
  readonly leadDays: number
}

export interface Offer {
  readonly id: string
  readonly link: string
  /** Null: the plane has the link. */
  readonly fresh: {
    readonly kind: Exclude<LinkKind, 'port' | 'access'>
    readonly from: string
    readonly to: string
    readonly cost: number
    readonly groups: readonly string[]
  } | null
  /** Three letters of ISO 4217; absent: the sheet does not say. */
  readonly currency?: string
  /** Smallest first. */
  readonly steps: readonly OfferStep[]
}

const COLUMNS = [
  'offer',
  'link',
  'kind',
  'from',
  'to',
  'capacity',
  'once',
  'monthly',
  'lead_days',
  'groups',
  'cost',
  'currency',
]
const NEEDED = ['offer', 'link', 'capacity', 'once', 'monthly', 'lead_days']
const MOST_ROWS = 1_000
/** Above it sums of many offers over many months would no longer be exact. */
const MOST_MONEY = 1e12
const MOST_LEAD_DAYS = 3_650
const KINDS: readonly string[] = LINK_KINDS.filter((kind) => kind !== 'port' && kind !== 'access')

/**
 * Reads a sheet of offers.
 * @throws MizaniError OFFERS_INVALID with every fault and its line
 */
export function readOffers(file: string, document: PolicyDocument): Offer[] {
  let bytes: Uint8Array
  try {
    bytes = readFileSync(file)
  } catch (error) {
    throw new MizaniError({ code: 'FILE_UNREADABLE', message: unreadable(file, error), advice: ADVICE, exitCode: 2 })
  }
  return parseOffers(bytes, file, document)
}

const ADVICE = `Expected a CSV with the columns ${NEEDED.join(', ')}, such as config/offers/example.csv.`

export function parseOffers(bytes: Uint8Array | string, file: string, document: PolicyDocument): Offer[] {
  const { header, rows } = sheetOf(bytes, file)
  const faults: Fault[] = []
  const columns = header.map((name) => name.trim().toLowerCase().replaceAll(' ', '_'))
  for (const name of columns)
    if (!COLUMNS.includes(name))
      faults.push(faultAt(file, 1, `no column "${name}" is known${didYouMean(name, COLUMNS)}`))
  for (const [n, name] of columns.entries())
    if (columns.indexOf(name) < n) faults.push(faultAt(file, 1, `column "${name}" stands twice`))
  for (const name of NEEDED) if (!columns.includes(name)) faults.push(faultAt(file, 1, `expected a column "${name}"`))
  const found = rows.map((row) => new OfferRow(row, columns, file, document, faults))
  const offers = grouped(found)
  refuseAgainstRules(found, offers, document)
  if (found.length === 0 && faults.length === 0) faults.push(faultAt(file, 1, 'has no offers'))
  if (faults.length === 0) return offers
  faults.sort((a, b) => a.line! - b.line!)
  throw invalid('OFFERS_INVALID', `${file} has offers that cannot be read`, faults)
}

function sheetOf(bytes: Uint8Array | string, file: string): Sheet {
  try {
    return readSheet(bytes, MOST_ROWS)
  } catch (error) {
    if (!(error instanceof MizaniError) || error.code !== 'SHEET_INVALID') throw error
    const faults = error.faults.map((fault) => ({ ...fault, file }))
    throw invalid('OFFERS_INVALID', `${file} is not a sheet of offers`, faults)
  }
}

const faultAt = (file: string, line: number, message: string): Fault => ({ code: 'INVALID', file, line, message })

/** One row, its cells read; what is wrong with them is told. */
class OfferRow {
  readonly offer: string
  readonly link: string
  readonly fresh: Offer['fresh']
  readonly step: OfferStep
  readonly currency: string
  isSound = true
  readonly #row: SheetRow
  readonly #columns: readonly string[]
  readonly #file: string
  readonly #faults: Fault[]

  constructor(row: SheetRow, columns: readonly string[], file: string, document: PolicyDocument, faults: Fault[]) {
    this.#row = row
    this.#columns = columns
    this.#file = file
    this.#faults = faults
    if (row.cells.length > columns.length)
      this.refuse(`expected ${columns.length} cells, as the header has columns; found ${row.cells.length}`)
    this.offer = this.#id('offer')
    this.link = this.#id('link')
    this.currency = this.cell('currency')
    if (!/^([A-Z]{3})?$/.test(this.currency))
      this.refuse(`currency: expected three letters such as TZS or USD, found "${this.currency}"`)
    this.fresh = document.links[this.link] === undefined ? this.#fresh(document) : this.#addition()
    this.step = {
      capacity: this.#capacity(),
      ...{ once: this.#amount('once'), monthly: this.#amount('monthly'), leadDays: this.#leadDays() },
    }
  }

  cell(column: string): string {
    return this.#row.cells[this.#columns.indexOf(column)]?.trim() ?? ''
  }

  /** A column that is missing is told once, not in every row. */
  refuse(message: string, column?: string): void {
    this.isSound = false
    if (column === undefined || this.#columns.includes(column))
      this.#faults.push(faultAt(this.#file, this.#row.line, message))
  }

  #id(column: string): string {
    const text = this.cell(column)
    if (!/^[a-z0-9][a-z0-9.-]{0,62}$/.test(text)) this.refuse(`${column}: expected an id, found "${text}"`, column)
    return text
  }

  #addition(): null {
    for (const column of ['from', 'to', 'kind', 'groups', 'cost'])
      if (this.cell(column) !== '') this.refuse(`${column}: the plane has ${this.link}; leave it empty`)
    return null
  }

  #fresh({ nodes, groups, links }: PolicyDocument): NonNullable<Offer['fresh']> {
    const [from, to] = [this.cell('from'), this.cell('to')]
    const known = Object.keys(nodes)
    if (from === '' && to === '') {
      const near = didYouMean(this.link, Object.keys(links))
      this.refuse(`link: the plane has no "${this.link}"${near}; a new one says from and to`, 'link')
    } else {
      for (const [column, node] of [
        ['from', from],
        ['to', to],
      ] as const)
        if (!known.includes(node)) this.refuse(`${column}: the plane has no node "${node}"${didYouMean(node, known)}`)
    }
    const kind = this.cell('kind') || 'backbone'
    if (!KINDS.includes(kind))
      this.refuse(`kind: expected ${KINDS.join(', ')}, found "${kind}"${didYouMean(kind, KINDS)}`)
    const ridden = this.cell('groups')
      .split(/[\s;]+/)
      .filter((group) => group !== '')
    for (const group of ridden)
      if (groups[group] === undefined)
        this.refuse(`groups: the plane has no shared-risk group "${group}"${didYouMean(group, Object.keys(groups))}`)
    const cost = this.cell('cost') === '' ? 1 : this.#amount('cost')
    if (!Number.isInteger(cost) || cost < 1) this.refuse(`cost: expected a whole length of 1 or more, found ${cost}`)
    // Refused above where it is another.
    return { kind: kind as NonNullable<Offer['fresh']>['kind'], from, to, cost, groups: ridden }
  }

  #capacity(): Rates {
    const rates = parseRatePair(this.cell('capacity'))
    if (rates === undefined || rates.down <= 0 || rates.up <= 0)
      this.refuse(
        `capacity: expected a rate such as 4Gbps or 2Gbps/1Gbps, found "${this.cell('capacity')}"`,
        'capacity',
      )
    return rates ?? { down: 1, up: 1 }
  }

  #amount(column: string): number {
    const text = this.cell(column).replaceAll(/[\s']/g, '')
    if (/^\d{1,13}(\.\d{1,4})?$/.test(text) && Number(text) <= MOST_MONEY) return Number(text)
    const most = MOST_MONEY.toLocaleString('en-GB')
    this.refuse(`${column}: expected a number from 0 to ${most}, found "${this.cell(column)}"`, column)
    return 0
  }

  #leadDays(): number {
    const text = this.cell('lead_days').replaceAll(/[\s']/g, '')
    if (/^\d{1,4}$/.test(text) && Number(text) <= MOST_LEAD_DAYS) return Number(text)
    const most = MOST_LEAD_DAYS.toLocaleString('en-GB')
    this.refuse(`lead_days: expected whole days from 0 to ${most}, found "${this.cell('lead_days')}"`, 'lead_days')
    return 0
  }
}

/** What is bought is part of the policy and obeys its rules; its faults are told where the link is first offered. */
function refuseAgainstRules(rows: readonly OfferRow[], offers: readonly Offer[], document: PolicyDocument): void {
  const known = new Set(validatePolicy(document).faults.map(formatFault))
  for (const fault of validatePolicy(withAllOffers(document, offers)).faults) {
    if (known.has(formatFault(fault))) continue
    const pointer = fault.pointer ?? ''
    const [, part, name] = pointer.split('/')
    const meant = rows.filter(({ isSound }) => isSound)
    const row = meant.find(({ link }) => part === 'links' && link === name) ?? meant.find(({ fresh }) => fresh !== null)
    row?.refuse(`${pointer.replace(/^\//, '').replaceAll('/', ' ')}: ${fault.message}`)
  }
}

function grouped(rows: readonly OfferRow[]): Offer[] {
  const offers = new Map<string, { first: OfferRow; steps: OfferStep[] }>()
  const links = new Map<string, OfferRow>()
  for (const row of rows) {
    if (row.currency !== rows[0]!.currency)
      row.refuse(`currency: expected "${rows[0]!.currency}" as in the first row, found "${row.currency}"`)
    const known = offers.get(row.offer)
    const sameLink = links.get(row.link) ?? row
    links.set(row.link, sameLink)
    if (known === undefined) {
      offers.set(row.offer, { first: row, steps: [row.step] })
      if (JSON.stringify(row.fresh) !== JSON.stringify(sameLink.fresh))
        row.refuse(
          `from, to, kind, groups, cost: offer ${sameLink.offer} has another ${row.link}; give this its own id`,
        )
    } else {
      const { first } = known
      if (row.link !== first.link) row.refuse(`link: offer ${row.offer} was for ${first.link}, found ${row.link}`)
      else if (JSON.stringify(row.fresh) !== JSON.stringify(first.fresh))
        row.refuse(`from, to, kind, groups, cost: offer ${row.offer} said something else before`)
      known.steps.push(row.step)
    }
  }
  const bySize = (a: OfferStep, b: OfferStep): number => a.capacity.down - b.capacity.down
  for (const { first, steps } of offers.values()) {
    const up = steps.toSorted(bySize).map(({ capacity }) => capacity.up)
    if (up.some((rate, n) => n > 0 && rate < up[n - 1]!))
      first.refuse(`capacity: of offer ${first.offer} what is larger downwards is to be so upwards`)
  }
  // Rows of what is wrong are not held against the rules of a policy.
  const unsound = new Set(rows.flatMap(({ offer, isSound }) => (isSound ? [] : [offer])))
  return [...offers]
    .filter(([id]) => !unsound.has(id))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([
        id,
        {
          first: { link, fresh, currency },
          steps,
        },
      ]) => ({
        ...{ id, link, fresh, steps: steps.sort(bySize) },
        ...(currency !== '' && { currency }),
      }),
    )
}

/** By offer, in their order: the place of its step; -1: it is not bought. */
export type Choice = readonly number[]

/** The policy with every offer at its largest step. */
export function withAllOffers(document: PolicyDocument, offers: readonly Offer[]): PolicyDocument {
  const links = { ...document.links }
  const services = structuredClone(document.services)
  for (const { link, fresh, steps } of offers) {
    const capacity = { down: largest(steps, 'down'), up: largest(steps, 'up') }
    const known = links[link]
    if (known !== undefined) {
      const { down, up } = known.capacity
      links[link] = { ...known, capacity: { down: down + capacity.down, up: up + capacity.up } }
    } else if (fresh !== null) {
      const { kind, from, to, cost, groups } = fresh
      // As its neighbours of the kind: what may be promised of it is a rule of the operator's, not of the seller's.
      const usable = Object.values(document.links).find((other) => other.kind === kind)?.usable ?? 1
      links[link] = { ...{ kind, from, to, cost, capacity, usable, groups: [...groups] } }
      const isEntry = (id: string): boolean => document.links[id]?.kind === kind
      if (kind === 'upstream' || kind === 'exchange')
        for (const service of Object.values(services)) if (service.via.some(isEntry)) service.via.push(link)
    }
  }
  return { ...document, links, services }
}

const largest = (steps: readonly OfferStep[], direction: 'down' | 'up'): number =>
  Math.max(...steps.map(({ capacity }) => capacity[direction]))

/** What a choice leaves of the policy with all offers. */
export function conditionsOf(document: PolicyDocument, offers: readonly Offer[], choice: Choice): Conditions {
  const conditions: Record<string, number> = {}
  const links = new Set(offers.map(({ link }) => link))
  for (const link of links) {
    for (const direction of DIRECTIONS) {
      const own = document.links[link]?.capacity[direction] ?? 0
      let has = own
      let most = own
      for (const [n, { link: of, steps }] of offers.entries()) {
        if (of !== link) continue
        has += steps[choice[n]!]?.capacity[direction] ?? 0
        most += largest(steps, direction)
      }
      if (has < most) conditions[directed(link, direction)] = has / most
    }
  }
  return conditions
}

/** One for all; empty: nobody says. */
export const currencyOf = ([first]: readonly Offer[]): string => first?.currency ?? ''

/** Months of the period that is planned for. */
export const costOf = ({ once, monthly }: OfferStep, months: number): number => once + months * monthly
