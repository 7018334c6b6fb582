// Our count of a month against the provider's: amounts that were typed into the price book, and percentiles that
// another counter has found, such as LibreNMS' billing (`GET /api/v0/bills`). A bill of LibreNMS is of a contract when
// its reference, customer or name is the contract's id.

import * as z from '../runtime/zod.js'
import type { LedgerMonth } from './ledger-month.js'
import { type Cents, formatCents } from './money.js'

/** LibreNMS answers numbers as numbers or as text, in bit/s. */
const bits = z.union([z.number(), z.string().regex(/^\d{1,18}(\.\d{1,18})?$/)]).transform(Number)
const bill = z.object({
  bill_id: z.union([z.number(), z.string()]).transform(String),
  bill_name: z.string().nullish(),
  bill_ref: z.string().nullish(),
  bill_custid: z.string().nullish(),
  /** Null: it has counted nothing yet. */
  rate_95th: bits.pipe(z.number().nonnegative()).nullish(),
})
/** The answer as LibreNMS gives it; what else stands in it is not looked at. */
export const libreNmsShape = z.object({ bills: z.array(bill).max(10_000) })
export type LibreNmsBills = z.output<typeof libreNmsShape>

export interface Reconciled {
  readonly contract: string
  /** kbit/s by the contract's own rule; null: nothing was counted. */
  readonly ours: number | null
  /** kbit/s; null: the other counter does not know the contract. */
  readonly theirs: number | null
  /** (theirs - ours) / ours; null where one of them is not known, or ours is 0. */
  readonly apart: number | null
  readonly bill: string | null
  readonly invoice: string | null
  readonly difference: string | null
}

export interface Reconciliation {
  readonly rows: readonly Reconciled[]
  /** Bills that belong to no contract of the month. */
  readonly unknown: readonly string[]
  /** Bills that are compared with nothing: they have counted nothing, or their contract has several. */
  readonly unclear: readonly string[]
}

export function reconcile({ usage, money }: LedgerMonth, bills: LibreNmsBills | null): Reconciliation {
  const ids = new Set(usage.contracts.map(({ contract }) => contract))
  const contractOf = (one: LibreNmsBills['bills'][number]): string | undefined =>
    [one.bill_ref, one.bill_custid, one.bill_name].find((name): name is string => !!name && ids.has(name))
  const all = bills?.bills ?? []
  const found = new Map<string, LibreNmsBills['bills']>()
  const unknown = all.filter((one) => {
    const contract = contractOf(one)
    if (contract !== undefined) found.set(contract, [...(found.get(contract) ?? []), one])
    return contract === undefined
  })
  const rows = usage.contracts.map(({ contract, billed }): Reconciled => {
    const [only] = comparable(found.get(contract) ?? [])
    const theirs = only === undefined ? null : Math.round(only.rate_95th! / 1_000)
    const charge = money.charges.find((one) => one.contract === contract)
    const text = (cents: Cents | null | undefined): string | null => (cents == null ? null : formatCents(cents))
    const { bill, invoice = null } = charge ?? {}
    const isKnown = bill !== undefined && invoice !== null
    return {
      ...{ contract, ours: billed, theirs },
      apart: theirs === null || !billed ? null : Math.round((10_000 * (theirs - billed)) / billed) / 10_000,
      ...{ bill: text(bill?.total), invoice: text(invoice) },
      difference: isKnown ? formatCents(invoice - bill.total) : null,
    }
  })
  const unclear = [...found.values()].filter((its) => comparable(its).length === 0).flat()
  return { rows, unknown: unknown.map(nameOf), unclear: unclear.map(nameOf) }
}

/** The one of a contract's bills that says what it has carried; which of several it is nobody knows. */
const comparable = (its: LibreNmsBills['bills']): LibreNmsBills['bills'] =>
  its.length === 1 ? its.filter(({ rate_95th }) => rate_95th != null) : []

const nameOf = ({ bill_id, bill_name }: LibreNmsBills['bills'][number]): string =>
  `${bill_id} ${bill_name ?? ''}`.trim()
