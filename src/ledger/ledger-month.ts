// The ledger's month: of every contract what was bought, carried and left idle, of every institution what it was
// promised, asked, got and missed, and why. All of that is `usage`, without an amount in it; `money` says what each
// contract costs and what each institution pays, and stands beside it, so that leaving it out is one step.

import { directed } from '../model/network.js'
import { toKbps } from '../model/units.js'
import { linesOf } from '../policy/document/contract-rules.js'
import type { PolicyAgreement, PolicyContract, PolicySharing } from '../policy/document/contracts.js'
import type { PolicyDocument } from '../policy/document/document.js'
import { ACCESS_PREFIX } from '../policy/document/names.js'
import type { Archive } from '../record/archive.js'
import { heldPart } from './bill.js'
import { type BillingMonth, billingMonth, SLOT, slotsIn } from './billing-month.js'
import { freeHours } from './free-hours.js'
import { type Holding, servicesOf } from './holdings.js'
import { parsePrice } from './money.js'
import {
  type Charge,
  type ContractMonth,
  type ContractTerms,
  chargeOf,
  type Directions,
  type MonthOfContract,
  monthOf,
  type PayerUse,
  type Prices,
  type Rule,
  type Tenure,
  weigh,
} from './month.js'
import { GAP, type Kbps, type Series } from './percentile.js'
import { correctionsIn, invoiceIn, type PriceBook, tariffIn } from './price-book.js'
import { readSeries, type Served, type WantedSeries } from './reading.js'
import type { Payer } from './sharing.js'

export interface ContractOfMonth extends MonthOfContract {
  readonly provider: string
  readonly lines: readonly string[]
  readonly services: readonly string[]
  readonly from: string
  readonly before: string
}

export interface InstitutionOfMonth {
  readonly institution: string
  readonly tiers: readonly string[]
  /** kbit/s guaranteed, a mean over the month, by service. */
  readonly entitled: Readonly<Record<string, Directions<Kbps>>>
  /** kbit/s, means over the time that was seen, all services and both directions together. */
  readonly asked: Kbps
  readonly served: Kbps
  readonly used: Kbps
  readonly missed: Kbps
  /** Slots of five minutes in which it was seen, and slots of its time in the month. */
  readonly seen: number
  readonly slots: number
  readonly minutesBelow: number
  /** What held its flows below their guarantees, minutes of all flows, the most first. */
  readonly causes: readonly { readonly limit: string; readonly minutes: number }[]
  /** Part of the time that was seen in which its guarantees were kept; null: nothing was seen. */
  readonly attainment: number | null
  readonly agreement: {
    readonly id: string
    readonly reference: string
    readonly attainment: number
    readonly kept: boolean | null
  } | null
}

export interface LedgerMonth {
  readonly format: 1
  readonly plane: string
  readonly month: string
  readonly zone: string
  readonly from: string
  readonly before: string
  readonly usage: {
    readonly contracts: readonly ContractOfMonth[]
    readonly institutions: readonly InstitutionOfMonth[]
  }
  readonly money: { readonly charges: readonly Charge[] }
}

/** All that a month is counted from, beside the record. */
export interface MonthAsked {
  readonly month: string
  readonly document: Pick<
    PolicyDocument,
    'plane' | 'links' | 'groups' | 'sites' | 'services' | 'contracts' | 'agreements' | 'sharing'
  >
  readonly holdings: readonly (readonly [string, readonly Holding[]])[]
  readonly book: PriceBook
  /** What contracts' percentiles were in the closed months of the last year. */
  readonly earlier: Readonly<Record<string, readonly Kbps[]>>
}

/** Runs in the ledger's thread. */
export async function countMonth(archive: Archive, asked: MonthAsked): Promise<LedgerMonth> {
  const { document, holdings, book } = asked
  const whole = billingMonth(asked.month, document.plane.timezone)
  const contracts = Object.entries(document.contracts ?? {})
    .map(([id, contract]) => ({ id, contract, month: monthOfContract(asked.month, contract, document) }))
    .filter(({ contract, month }) => heldPart(contract, month).held > 0n)
    .sort((a, b) => (a.id < b.id ? -1 : 1))
  const wanted = contracts.map(({ contract, month }) => wantedOf(document, contract, month, holdings))
  const { series, served } = await readSeries(archive, wanted, whole)
  const usage: ContractOfMonth[] = []
  const charges: Charge[] = []
  const weighed = new Map<string, Payer[]>()
  for (const [at, { id, contract, month }] of contracts.entries()) {
    const { carried, payers } = series[at]!
    const { services, only } = wanted[at]!
    const of: ContractMonth = {
      ...{ terms: termsOf(id, contract), month, carried },
      rule: ruleOf(document.sharing ?? {}, contract, month),
      payers: payersOf(holdings, month, services, only, payers),
    }
    const { provider } = contract
    const span = { from: utc(month.from), before: utc(month.before) }
    usage.push({ ...monthOf(of), provider, lines: linesOf(document, contract), services, ...span })
    const prices = pricesOf(book, asked, id)
    if (prices === null) continue
    const alike = JSON.stringify([
      contract.sharing,
      contract.percent,
      contract.counts,
      span,
      services,
      only && [...only],
    ])
    const weights = weighed.get(alike) ?? (of.rule === null ? [] : weigh(of, of.rule, prices.tiers))
    weighed.set(alike, weights)
    charges.push(chargeOf(of, prices, weights))
  }
  const institutions = holdings.flatMap(([id, own]) =>
    institutionOf(id, own, whole, served.get(id), document.agreements ?? {}),
  )
  const span = { from: utc(whole.from), before: utc(whole.before) }
  const head = { format: 1, plane: document.plane.id, month: asked.month, zone: whole.zone, ...span } as const
  return { ...head, usage: { contracts: usage, institutions }, money: { charges } }
}

const utc = (at: number): string => new Date(at).toISOString()

export const monthOfContract = (
  month: string,
  { timezone, monthFrom }: Pick<PolicyContract, 'timezone' | 'monthFrom'>,
  { plane }: Pick<PolicyDocument, 'plane'>,
): BillingMonth => billingMonth(month, timezone ?? plane.timezone, monthFrom)

function wantedOf(
  document: MonthAsked['document'],
  contract: PolicyContract,
  month: BillingMonth,
  holdings: MonthAsked['holdings'],
): WantedSeries {
  const lines = linesOf(document, contract)
  const isSite = (line: string): boolean => !Object.hasOwn(document.links, line)
  const inWay = (way: 'down' | 'up') =>
    lines.map((line) => directed(isSite(line) ? `${ACCESS_PREFIX}${line}` : line, way))
  // Access lines are paid for by those whose they are.
  const own = holdings.filter(([, stretches]) =>
    stretches.some(({ sites }) => sites.some((one) => lines.includes(one))),
  )
  const only = lines.every(isSite) ? new Set(own.map(([id]) => id)) : null
  return { month, only, links: { down: inWay('down'), up: inWay('up') }, services: servicesOf(document, contract) }
}

const termsOf = (id: string, { committed, percent, counts, from, until }: PolicyContract): ContractTerms => ({
  ...{ id, committed: Math.round(toKbps(committed)), percent, counts, from, until },
})

function ruleOf(
  rules: Readonly<Record<string, PolicySharing>>,
  { sharing }: PolicyContract,
  month: BillingMonth,
): Rule | null {
  const rule = sharing === null ? undefined : rules[sharing]
  if (sharing === null || rule === undefined) return null
  const parts = rule.parts.map(({ by, share }) => ({ by, share: Math.round(share * 10_000) }))
  const { free } = rule
  const isFree = free === undefined ? () => false : freeHours(free, month)
  return { id: sharing, parts, isFree }
}

function payersOf(
  holdings: MonthAsked['holdings'],
  month: BillingMonth,
  services: readonly string[],
  only: ReadonlySet<string> | null,
  read: ReadonlyMap<string, Directions<Series>>,
): PayerUse[] {
  const nothing = (): Series => ({
    means: new Int32Array(slotsIn(month)).fill(GAP),
    seconds: new Uint16Array(slotsIn(month)),
  })
  return holdings.flatMap(([id, stretches]) => {
    if (only !== null && !only.has(id)) return []
    const tenures = stretches.flatMap(({ from, before, tier, promised }): Tenure[] => {
      const taken = services.filter((service) => Object.hasOwn(promised, service))
      const [first, end] = [slotAt(from, month), slotAt(before, month)]
      if (taken.length === 0 || first >= end) return []
      const sum = (way: 'down' | 'up'): Kbps => taken.reduce((total, service) => total + promised[service]![way], 0)
      return [{ from: first, before: end, tier, promised: { down: sum('down'), up: sum('up') } }]
    })
    if (tenures.length === 0) return []
    return [{ id, tenures, carried: read.get(id) ?? { down: nothing(), up: nothing() } }]
  })
}

/** The slot of the month that begins at or after a time. */
const slotAt = (at: number, { from, before }: BillingMonth): number =>
  Math.ceil((Math.min(before, Math.max(from, at)) - from) / SLOT)

/** Null: nobody has said what the contract costs. */
function pricesOf(book: PriceBook, { month, earlier }: MonthAsked, contract: string): Prices | null {
  const tariff = tariffIn(book, contract)
  const invoice = invoiceIn(book, month, contract)
  if (tariff === null) return null
  const tiers = new Map(Object.entries(book.tiers).map(([tier, price]) => [tier, parsePrice(price)!]))
  return { tariff, tiers, invoice, corrections: correctionsIn(book, month, contract), earlier: earlier[contract] ?? [] }
}

function institutionOf(
  id: string,
  stretches: readonly Holding[],
  whole: BillingMonth,
  served: Served | undefined,
  agreements: Readonly<Record<string, PolicyAgreement>>,
): InstitutionOfMonth[] {
  const tenures = stretches
    .map((one) => ({ ...one, from: slotAt(one.from, whole), before: slotAt(one.before, whole) }))
    .filter(({ from, before }) => from < before)
  if (tenures.length === 0) return []
  const entitled: Record<string, Directions<number>> = {}
  for (const { from, before, promised } of tenures)
    for (const [service, { down, up }] of Object.entries(promised)) {
      const sum = entitled[service] ?? { down: 0, up: 0 }
      entitled[service] = { down: sum.down + down * (before - from), up: sum.up + up * (before - from) }
    }
  const mean = (kbit: number): Kbps =>
    served === undefined || served.seconds === 0 ? 0 : Math.round(kbit / served.seconds)
  const attainment = served === undefined || served.seconds === 0 ? null : 1 - served.below / served.seconds
  const slots = slotsIn(whole)
  return [
    {
      institution: id,
      tiers: [...new Set(tenures.map(({ tier }) => tier))],
      entitled: Object.fromEntries(
        Object.entries(entitled).map(([service, { down, up }]) => [
          service,
          { down: Math.round(down / slots), up: Math.round(up / slots) },
        ]),
      ),
      ...{ asked: mean(served?.asked ?? 0), served: mean(served?.need ?? 0), used: mean(served?.carried ?? 0) },
      ...{ missed: mean(served?.unmet ?? 0), seen: served?.slots ?? 0 },
      slots: tenures.reduce((sum, { from, before }) => sum + before - from, 0),
      minutesBelow: Math.round((served?.below ?? 0) / 6) / 10,
      causes: causesOf(served),
      attainment: attainment === null ? null : Math.round(attainment * 1e6) / 1e6,
      agreement: agreementOf(id, agreements, whole, attainment),
    },
  ]
}

const causesOf = (served: Served | undefined): InstitutionOfMonth['causes'] =>
  [...(served?.causes ?? [])]
    .map(([limit, seconds]) => ({ limit, minutes: Math.round(seconds / 6) / 10 }))
    .sort((a, b) => b.minutes - a.minutes || (a.limit < b.limit ? -1 : 1))

/** The agreement that holds at the end of the month, or held last in it. */
function agreementOf(
  institution: string,
  agreements: Readonly<Record<string, PolicyAgreement>>,
  month: BillingMonth,
  attainment: number | null,
): InstitutionOfMonth['agreement'] {
  const own = Object.entries(agreements)
    .filter(([, one]) => one.institution === institution && heldPart(one, month).held > 0n)
    .sort(([, a], [, b]) => (a.from < b.from ? 1 : -1))
  const [id, agreement] = own[0] ?? []
  if (id === undefined || agreement === undefined) return null
  const kept = attainment === null ? null : attainment >= agreement.attainment
  return { id, reference: agreement.reference, attainment: agreement.attainment, kept }
}
