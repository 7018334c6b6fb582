// The ledger's month: of every contract what was bought, carried and left idle, of every institution what it was
// promised, asked, got and missed, and why. All of that is `usage`, without an amount in it; `money` says what each
// contract costs and what each institution pays, and stands beside it, so that leaving it out is one step.

import { directed } from '../model/network.js'
import { inMinutes, SLOT, toKbps } from '../model/units.js'
import { linesOf } from '../policy/document/contract-rules.js'
import type { PolicyContract, PolicySharing } from '../policy/document/contracts.js'
import type { PolicyDocument } from '../policy/document/document.js'
import { ACCESS_PREFIX } from '../policy/document/names.js'
import type { Archive } from '../record/archive.js'
import { heldPart } from './bill.js'
import { type BillingMonth, billingMonth, heldSpan, slotsIn } from './billing-month.js'
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
import { contractsWithEntries, correctionsIn, invoiceIn, type PriceBook, tariffIn } from './price-book.js'
import {
  type HeardLines,
  type Judged,
  type ReadSeries,
  readSeries,
  type Served,
  type Spans,
  type WantedSeries,
} from './reading.js'
import type { Payer } from './sharing.js'

export interface ContractOfMonth extends MonthOfContract {
  readonly provider: string
  readonly lines: readonly string[]
  readonly services: readonly string[]
  /** What those who use it asked together, a mean over the time that was recorded; null: none was. */
  readonly asked: Directions<Kbps | null>
  /** Lines that were there and of which nothing at all was recorded. */
  readonly silent: readonly string[]
  /** The days of the month in which it held; where it did not and is still invoiced or corrected, all of it. */
  readonly from: string
  readonly before: string
}

export interface InstitutionOfMonth {
  readonly institution: string
  readonly tiers: readonly string[]
  /** kbit/s guaranteed, a mean over the month, by service. */
  readonly entitled: Readonly<Record<string, Directions<Kbps>>>
  /** kbit/s, means over the time that is known, all services and both directions together; null: none of it is. */
  readonly asked: Kbps | null
  readonly served: Kbps | null
  readonly used: Kbps | null
  readonly missed: Kbps | null
  /** Slots of five minutes in which it was seen, and slots of its time in the month. */
  readonly seen: number
  readonly slots: number
  readonly minutesBelow: number
  /** What held its flows below their guarantees, minutes of all flows, the most first. */
  readonly causes: readonly { readonly limit: string; readonly minutes: number }[]
  /** Part of the time that was seen in which its guarantees were kept; null: nothing was seen. */
  readonly attainment: number | null
  /** All that held in the month, the latest first; each is judged by its own services and days. */
  readonly agreements: readonly AgreementOfMonth[]
}

export interface AgreementOfMonth {
  readonly id: string
  readonly reference: string
  readonly services: readonly string[]
  /** What was agreed. */
  readonly attainment: number
  /** Part of the time that was seen in which the guarantees of its services were kept; null: nothing was seen. */
  readonly reached: number | null
  readonly kept: boolean | null
}

/** A line that carried nothing. */
export interface IdleLine {
  readonly line: string
  /** Whether it was recorded at all. */
  readonly isSeen: boolean
}

export interface LedgerMonth {
  readonly format: 1
  readonly plane: string
  readonly month: string
  readonly zone: string
  readonly from: string
  readonly before: string
  /** The policy whose contracts, agreements and rules are counted by: the last one in force in the month. */
  readonly policy: { readonly revision: number; readonly hash: string }
  readonly usage: {
    readonly contracts: readonly ContractOfMonth[]
    readonly institutions: readonly InstitutionOfMonth[]
    /** Of all links and access lines that were there. */
    readonly idleLines: readonly IdleLine[]
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
  readonly policy: LedgerMonth['policy']
  readonly holdings: readonly (readonly [string, readonly Holding[]])[]
  /** When the policy had each link and site. */
  readonly there: ReadonlyMap<string, Spans>
  readonly book: PriceBook
  /** What contracts' percentiles were in the closed months of the last year. */
  readonly earlier: Readonly<Record<string, readonly Kbps[]>>
}

/** Runs in the ledger's thread. */
export async function countMonth(archive: Archive, asked: MonthAsked): Promise<LedgerMonth> {
  const { document, holdings, book } = asked
  const whole = billingMonth(asked.month, document.plane.timezone)
  const contracts = Object.entries(document.contracts ?? {})
    .map(([id, contract]) => partOf(id, contract, asked))
    .filter((one) => one !== null)
    .sort((a, b) => (a.id < b.id ? -1 : 1))
  const wanted = contracts.map((one) => wantedOf(document, one, asked))
  const agreed = agreementsIn(document.agreements ?? {}, whole)
  const { series, served, lines: heard } = await readSeries(archive, wanted, { whole, judged: agreed })
  const usage: ContractOfMonth[] = []
  const charges: Charge[] = []
  const weighed = new Map<string, Payer[]>()
  for (const [at, { id, contract, month, part, isHeld }] of contracts.entries()) {
    const { carried, silent, payers, asked: wishes } = series[at]!
    const { services, only } = wanted[at]!
    const lines = linesOf(document, contract)
    const of: ContractMonth = {
      ...{ terms: termsOf(id, contract), month, carried },
      rule: ruleOf(document.sharing ?? {}, contract, part),
      payers: payersOf(holdings, { month: part, services, sites: only && new Set(lines) }, payers),
    }
    const { provider } = contract
    const span = { from: utc(part.from), before: utc(part.before) }
    usage.push({
      ...monthOf(of),
      provider,
      lines: isHeld ? lines : [],
      services,
      silent,
      asked: meansOf(wishes),
      ...span,
    })
    const prices = pricesOf(book, asked, id)
    if (prices === null) continue
    const alike = JSON.stringify([contract.sharing, contract.percent, contract.counts, span, services, only && lines])
    const weights = weighed.get(alike) ?? (of.rule === null ? [] : weigh(of, of.rule, prices.tiers))
    weighed.set(alike, weights)
    charges.push(chargeOf(of, prices, weights))
  }
  const stretches = new Map(holdings)
  // Who pays has a statement, also where they were not there in this month.
  const paying = new Set(charges.flatMap(({ shares }) => shares.map(({ id }) => id)))
  const institutions = [...new Set([...stretches.keys(), ...paying])]
    .sort()
    .map((id) => institutionOf(id, stretches.get(id) ?? [], whole, served.get(id), agreed.get(id) ?? []))
    .filter(({ institution, slots }) => slots > 0 || paying.has(institution))
  const idleLines = idleIn(asked, whole, heard)
  const span = { from: utc(whole.from), before: utc(whole.before) }
  const head = { format: 1, plane: document.plane.id, month: asked.month, zone: whole.zone, ...span } as const
  return { ...head, policy: asked.policy, usage: { contracts: usage, institutions, idleLines }, money: { charges } }
}

const meansOf = ({ down, up, recorded }: ReadSeries['asked']): Directions<Kbps | null> => {
  const mean = (kbit: number): Kbps | null => (recorded === 0 ? null : Math.round(kbit / recorded))
  return { down: mean(down), up: mean(up) }
}

const utc = (at: number): string => new Date(at).toISOString()

export const monthOfContract = (
  month: string,
  { timezone, monthFrom }: Pick<PolicyContract, 'timezone' | 'monthFrom'>,
  { plane }: Pick<PolicyDocument, 'plane'>,
): BillingMonth => billingMonth(month, timezone ?? plane.timezone, monthFrom)

interface ContractPart {
  readonly id: string
  readonly contract: PolicyContract
  readonly month: BillingMonth
  /** The days of it in which the contract held; where it did not, all of it: by them an entry is shared. */
  readonly part: BillingMonth
  readonly isHeld: boolean
}

/** Null: it neither held in the month nor has an invoice or a correction in it. */
function partOf(id: string, contract: PolicyContract, { month: of, document, book }: MonthAsked): ContractPart | null {
  const month = monthOfContract(of, contract, document)
  const isHeld = heldPart(contract, month).held > 0n
  if (!isHeld && !contractsWithEntries(book, of).has(id)) return null
  return { id, contract, month, part: isHeld ? heldSpan(contract, month) : month, isHeld }
}

function wantedOf(
  document: MonthAsked['document'],
  { contract, part: month, isHeld }: ContractPart,
  { holdings, there }: MonthAsked,
): WantedSeries {
  const lines = linesOf(document, contract)
  const isSite = (line: string): boolean => !Object.hasOwn(document.links, line)
  const inWay = (way: 'down' | 'up') => lines.map((line) => [line, directedOf(line, isSite(line), way)] as const)
  const ways = { down: inWay('down'), up: inWay('up') }
  // What its lines carried after its end is another's.
  const links = (way: 'down' | 'up') => (isHeld ? ways[way].map(([, link]) => link) : [])
  // Access lines are paid for by those whose they are.
  const own = holdings.filter(([, stretches]) =>
    stretches.some(({ sites }) => sites.some((one) => lines.includes(one))),
  )
  const only = lines.every(isSite) ? new Set(own.map(([id]) => id)) : null
  return {
    ...{ month, only, links: { down: links('down'), up: links('up') }, services: servicesOf(document, contract) },
    there: new Map([...ways.down, ...ways.up].map(([line, link]) => [link, there.get(line) ?? [month]])),
  }
}

const directedOf = (line: string, isSite: boolean, way: 'down' | 'up'): string =>
  directed(isSite ? `${ACCESS_PREFIX}${line}` : line, way)

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

interface PayersAsked {
  readonly month: BillingMonth
  readonly services: readonly string[]
  /** Sites whose lines are paid for, by whose they are while they are; null: everybody's. */
  readonly sites: ReadonlySet<string> | null
}

function payersOf(
  holdings: MonthAsked['holdings'],
  { month, services, sites: paid }: PayersAsked,
  read: ReadonlyMap<string, Directions<Series>>,
): PayerUse[] {
  const nothing = (): Series => ({
    means: new Int32Array(slotsIn(month)).fill(GAP),
    seconds: new Uint16Array(slotsIn(month)),
  })
  return holdings.flatMap(([id, stretches]) => {
    const tenures = stretches.flatMap(({ from, before, tier, promised, sites }): Tenure[] => {
      if (paid !== null && !sites.some((site) => paid.has(site))) return []
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
  agreements: readonly HeldAgreement[],
): InstitutionOfMonth {
  const tenures = stretches
    .map((one) => ({ ...one, from: slotAt(one.from, whole), before: slotAt(one.before, whole) }))
    .filter(({ from, before }) => from < before)
  const entitled: Record<string, Directions<number>> = {}
  for (const { from, before, promised } of tenures)
    for (const [service, { down, up }] of Object.entries(promised)) {
      const sum = entitled[service] ?? { down: 0, up: 0 }
      entitled[service] = { down: sum.down + down * (before - from), up: sum.up + up * (before - from) }
    }
  // What was carried is a mean over the time in which it was heard, all else over what was recorded.
  const { recorded = 0, heard = 0, below = 0 } = served ?? {}
  const mean = (kbit = 0, seconds = recorded): Kbps | null => (seconds === 0 ? null : Math.round(kbit / seconds))
  const slots = slotsIn(whole)
  return {
    institution: id,
    tiers: [...new Set(tenures.map(({ tier }) => tier))],
    entitled: Object.fromEntries(
      Object.entries(entitled).map(([service, { down, up }]) => [
        service,
        { down: Math.round(down / slots), up: Math.round(up / slots) },
      ]),
    ),
    ...{ asked: mean(served?.asked), served: mean(served?.need), used: mean(served?.carried, heard) },
    ...{ missed: mean(served?.unmet), seen: served?.slots ?? 0 },
    slots: tenures.reduce((sum, { from, before }) => sum + before - from, 0),
    minutesBelow: inMinutes(below),
    causes: causesOf(served),
    attainment: attainmentOf(served),
    agreements: agreements.map(({ services, id, reference, attainment }, at) => {
      const reached = attainmentOf(served?.judged[at])
      const kept = reached === null ? null : reached >= attainment
      return { id, reference, services, attainment, reached, kept }
    }),
  }
}

const causesOf = (served: Served | undefined): InstitutionOfMonth['causes'] =>
  [...(served?.causes ?? [])]
    .map(([limit, seconds]) => ({ limit, minutes: inMinutes(seconds) }))
    .sort((a, b) => b.minutes - a.minutes || (a.limit < b.limit ? -1 : 1))

/** Rounded down: what was not reached is not said to be. */
const attainmentOf = (of: Pick<Served, 'recorded' | 'below'> | undefined): number | null =>
  of === undefined || of.recorded === 0 ? null : Math.floor((1e6 * (of.recorded - of.below)) / of.recorded) / 1e6

interface HeldAgreement extends Judged {
  readonly id: string
  readonly reference: string
  readonly attainment: number
}

/** By institution those that held in the month, with the part of it in which they did; the latest first. */
function agreementsIn(
  agreements: NonNullable<PolicyDocument['agreements']>,
  month: BillingMonth,
): Map<string, HeldAgreement[]> {
  const held = new Map<string, HeldAgreement[]>()
  const sorted = Object.entries(agreements).sort(([x, a], [y, b]) =>
    a.from === b.from ? (x < y ? -1 : 1) : a.from < b.from ? 1 : -1,
  )
  for (const [id, agreement] of sorted) {
    const { from, before } = heldSpan(agreement, month)
    if (from >= before) continue
    const { institution, reference, services, attainment } = agreement
    const one = { id, reference, services: [...services].sort(), attainment, from, before }
    held.set(institution, [...(held.get(institution) ?? []), one])
  }
  return held
}

/** Links and access lines that were there in the month and carried nothing, or of which nothing was recorded. */
function idleIn({ document, there }: MonthAsked, whole: BillingMonth, heard: HeardLines): IdleLine[] {
  const sites = Object.keys(document.sites).map((line) => [line, true] as const)
  const links = Object.keys(document.links).map((line) => [line, false] as const)
  return [...links, ...sites].flatMap(([line, isSite]) => {
    const wasThere = there.get(line)?.some(({ from, before }) => from < whole.before && before > whole.from) ?? false
    const peaks = (['down', 'up'] as const).flatMap((way) => heard.get(directedOf(line, isSite, way))?.peak ?? [])
    return wasThere && peaks.every((peak) => peak === 0) ? [{ line, isSeen: peaks.length > 0 }] : []
  })
}
