// The ledger as it is shown: amounts as text with two decimals, and of money only what the caller may see. Who may see
// none is given none: there is no field from which an amount would have to be taken away later.

import type { Text } from '../model/network.js'
import type { ContractOfMonth, InstitutionOfMonth, LedgerMonth } from './ledger-month.js'
import { type Cents, formatCents } from './money.js'
import type { Charge } from './month.js'
import type { Share } from './sharing.js'
import type { Closing } from './store.js'

/** Whose amounts the caller may see: nobody's, everybody's with what contracts cost, or those of these institutions. */
export type Sees = 'nothing' | 'all' | { readonly own: ReadonlySet<string> }

export interface ShareView {
  readonly institution: string
  readonly amount: string
  readonly parts: readonly { readonly by: string; readonly instead: string | null; readonly amount: string }[]
}

export interface ChargeView {
  readonly contract: string
  readonly currency: string
  /** Null: who sees only some institutions does not see what the contract costs. */
  readonly cost: {
    readonly fixed: string
    /** Null: nothing was counted. */
    readonly overage: string | null
    readonly bill: string
    readonly invoice: string | null
    /** What the provider asks beyond our own bill. */
    readonly difference: string | null
    /** Null likewise. */
    readonly idle: string | null
    readonly total: string
    readonly unshared: string
    /** kbit/s. */
    readonly commitAdvice: number | null
    readonly corrections: readonly {
      readonly id: string
      readonly of: string
      readonly institution: string | null
      readonly amount: string
      readonly reason: string
    }[]
  } | null
  readonly shares: readonly ShareView[]
}

export interface MonthView {
  readonly month: string
  readonly zone: string
  readonly from: string
  readonly before: string
  readonly closing: { readonly at: string; readonly by: string; readonly fingerprint: string } | null
  readonly contracts: readonly ContractOfMonth[]
  readonly institutions: readonly InstitutionOfMonth[]
  /** Null: the caller may not see prices. */
  readonly charges: readonly ChargeView[] | null
  /** Why it cannot be closed yet, and what of it is not recorded; null: it is closed, or not the caller's to close. */
  readonly toClose: {
    readonly missing: readonly string[]
    readonly gaps: readonly string[]
    readonly words: { readonly missing: readonly Text[]; readonly gaps: readonly Text[] }
  } | null
}

export const closingView = (closing: Closing | null): MonthView['closing'] =>
  closing && { at: new Date(closing.at).toISOString(), by: closing.by, fingerprint: closing.fingerprint }

export function monthView({ usage, money, ...head }: LedgerMonth, closing: Closing | null, sees: Sees): MonthView {
  const { month, zone, from, before } = head
  const charges = sees === 'nothing' ? null : chargesFor(money.charges, sees)
  const { contracts, institutions } = usage
  return {
    ...{ month, zone, from, before },
    closing: closingView(closing),
    contracts,
    institutions,
    charges,
    toClose: null,
  }
}

/** Of some institutions' money nothing shows that it has no part of. */
const chargesFor = (charges: readonly Charge[], sees: Exclude<Sees, 'nothing'>): ChargeView[] =>
  charges.map((charge) => chargeView(charge, sees)).filter(({ shares }) => sees === 'all' || shares.length > 0)

function chargeView(charge: Charge, sees: Exclude<Sees, 'nothing'>): ChargeView {
  const { contract, bill, shares } = charge
  const own = sees === 'all' ? shares : shares.filter(({ id }) => sees.own.has(id))
  return {
    contract,
    currency: bill.currency,
    cost: sees === 'all' ? costView(charge) : null,
    shares: own.map(shareView),
  }
}

const shareView = ({ id, amount, parts }: Share): ShareView => ({
  institution: id,
  amount: formatCents(amount),
  parts: parts.map((part) => ({ ...part, amount: formatCents(part.amount) })),
})

const textOf = (cents: Cents | null): string | null => (cents === null ? null : formatCents(cents))

const costView = ({
  bill,
  invoice,
  idleCost,
  total,
  unshared,
  commitAdvice,
  corrections,
}: Charge): ChargeView['cost'] => ({
  ...{ fixed: formatCents(bill.fixed), overage: textOf(bill.overage), bill: formatCents(bill.total) },
  invoice: textOf(invoice),
  difference: invoice === null ? null : formatCents(invoice - bill.total),
  ...{ idle: textOf(idleCost), total: formatCents(total), unshared: formatCents(unshared), commitAdvice },
  corrections: corrections.map(({ id, of, institution, amount, reason }) => ({
    ...{ id, of, institution, reason },
    amount: formatCents(amount),
  })),
})

/** One institution's month. */
export interface StatementView extends Pick<MonthView, 'month' | 'zone' | 'from' | 'before' | 'closing'> {
  readonly institution: InstitutionOfMonth
  /** Null: the caller may not see what it pays. */
  readonly charges:
    | readonly (ShareView & {
        readonly contract: string
        readonly provider: string
        readonly rule: string | null
        readonly currency: string
      })[]
    | null
  /** By currency; null likewise. */
  readonly totals: Readonly<Record<string, string>> | null
}

/** Null: it has no part in the month. */
export function statementView(
  { usage, money, ...head }: LedgerMonth,
  closing: Closing | null,
  id: string,
  sees: Sees,
): StatementView | null {
  const institution = usage.institutions.find((one) => one.institution === id)
  if (institution === undefined) return null
  const { month, zone, from, before } = head
  const about = { month, zone, from, before, closing: closingView(closing), institution }
  if (sees === 'nothing' || (sees !== 'all' && !sees.own.has(id))) return { ...about, charges: null, totals: null }
  const own = money.charges.flatMap(({ contract, bill, shares }) => {
    const share = shares.find((one) => one.id === id)
    const of = usage.contracts.find((one) => one.contract === contract)
    return share === undefined || of === undefined ? [] : [{ share, of, currency: bill.currency }]
  })
  const cents: Record<string, number> = {}
  for (const { share, currency } of own) cents[currency] = (cents[currency] ?? 0) + share.amount
  const charges = own.map(({ share, of: { contract, provider, rule }, currency }) => ({
    ...{ contract, provider, rule, currency },
    ...shareView(share),
  }))
  const totals = Object.fromEntries(Object.entries(cents).map(([currency, sum]) => [currency, formatCents(sum)]))
  return { ...about, charges, totals }
}
