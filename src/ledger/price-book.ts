// The price book: everything that is money and not yet closed. It is kept apart from the policy, because the policy is
// read, compared, exported and put back by people who may not see prices; nobody but who has the role `finance` is
// answered from it, and it changes as a whole, by compare-and-set on its version.

import type { PolicyDocument } from '../policy/document/document.js'
import type { Fault } from '../runtime/errors.js'
import { MAX_ID_LENGTH, MAX_TEXT_LENGTH } from '../runtime/limits.js'
import * as z from '../runtime/zod.js'
import type { Tariff } from './bill.js'
import { MONTH_FORM } from './billing-month.js'
import { type Cents, parseCents, parsePrice } from './money.js'
import type { Correction } from './month.js'

/** So that whatever is added up stays below 2^53 cents. */
const MOST_CENTS: Cents = 1e13
const MOST_A_MBPS = 1_000_000_000_000n
const MOST_CORRECTIONS_A_MONTH = 500
/** Contracts that have a price: those of ten years of a nation that buys a line for each of its sites. */
const MOST_TARIFFS = 5_000
const MOST_TIERS = 500
/** Months of invoices: fifty years. */
const MOST_INVOICED = 600
const MOST_CORRECTIONS = 20_000

const recordOf = <Value extends z.ZodType>(key: z.ZodString, value: Value, most: number, what: string) =>
  z.record(key, value).refine((all) => Object.keys(all).length <= most, `expected at most ${most} ${what}`)

const id = z.string().min(1).max(MAX_ID_LENGTH)
const month = z.string().regex(MONTH_FORM, 'expected a month such as 2026-11')
const price = z
  .string()
  .refine((text) => parsePrice(text) !== undefined, 'expected a price such as "12000" or "5.25", not negative')
const amount = z
  .string()
  .refine((text) => parseCents(text) !== undefined, 'expected an amount such as "12000.50"')
  .refine((text) => Math.abs(parseCents(text) ?? 0) <= MOST_CENTS, 'expected at most a hundred thousand million')
/** For each Mbit/s: a link has millions of them. */
const unitPrice = price.refine((text) => (parsePrice(text) ?? 0n) <= MOST_A_MBPS, 'expected at most a million')
const currency = z.string().regex(/^[A-Z]{3}$/, 'expected three letters of ISO 4217, such as TZS or USD')

const tariff = z.strictObject({
  currency,
  monthly: price.describe('For the committed rate, a month'),
  perMbps: unitPrice.default('0').describe('For each Mbit/s of the percentile above the committed rate, a month'),
})
const correction = z.strictObject({
  month: month.describe('The month in which it is entered; it must not be closed'),
  of: month.describe('The closed month that it is about'),
  contract: id,
  institution: id.nullable().default(null).describe('Who pays, or gets, all of it; null: all share it'),
  amount: amount.describe('Of the currency of the contract; a credit is negative'),
  reason: z.string().trim().min(1).max(MAX_TEXT_LENGTH),
})

export const priceBookShape = z
  .strictObject({
    tariffs: recordOf(id, tariff, MOST_TARIFFS, 'tariffs').default({}).describe('What contracts cost, by contract'),
    tiers: recordOf(id, price, MOST_TIERS, 'tiers')
      .default({})
      .describe('Price of a month of each tier, for rules of `tier-price`'),
    invoices: recordOf(month, recordOf(id, amount, MOST_TARIFFS, 'invoices'), MOST_INVOICED, 'months')
      .default({})
      .describe('What providers ask, by month and contract; absent: the bill of our own is shared'),
    corrections: recordOf(id, correction, MOST_CORRECTIONS, 'corrections')
      .default({})
      .describe('Entries for what a closed month got wrong, by id'),
  })
  .meta({ id: 'PriceBook', description: 'All that is money: shown to the role finance alone' })

export type PriceBook = z.output<typeof priceBookShape>
export const EMPTY_BOOK: PriceBook = { tariffs: {}, tiers: {}, invoices: {}, corrections: {} }

/** Of ISO 4217, as this Node.js knows them. */
const CURRENCIES: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'))

const noCurrency = (contract: string, currency: string): Fault => ({
  code: 'UNKNOWN',
  pointer: `/tariffs/${contract}/currency`,
  message: `${currency} is no currency of ISO 4217; write the code of the contract, such as TZS, USD or EUR`,
})

const negative = (pointer: string): Fault => ({
  code: 'RANGE',
  pointer,
  message: 'an invoice is not negative; enter a credit as a correction (corrections), whose amount may be negative',
})

/**
 * Names that lead nowhere, and entries of months that are closed; of what is new in the book alone.
 * @param kept null: the book before cannot be read, and is replaced as a whole
 */
export function bookFaults(
  book: PriceBook,
  kept: PriceBook | null,
  { contracts = {}, tiers, institutions, former = {} }: PolicyDocument,
  closed: ReadonlySet<string>,
): Fault[] {
  const faults: Fault[] = []
  const before = kept ?? EMPTY_BOOK
  const check = (pointer: string, what: string, name: string, known: object): void => {
    if (!Object.hasOwn(known, name)) faults.push({ code: 'UNKNOWN', pointer, message: `unknown ${what} "${name}"` })
  }
  const isOpen = (pointer: string, name: string): void => {
    if (kept !== null && closed.has(name))
      faults.push({ code: 'CLOSED', pointer, message: `${name} is closed; enter a correction later` })
  }
  for (const [name, { currency }] of Object.entries(book.tariffs)) {
    const old = Object.hasOwn(before.tariffs, name) ? before.tariffs[name] : undefined
    if (old === undefined) check(`/tariffs/${name}`, 'contract', name, contracts)
    if (currency !== old?.currency && !CURRENCIES.has(currency)) faults.push(noCurrency(name, currency))
  }
  for (const name of Object.keys(book.tiers))
    if (!Object.hasOwn(before.tiers, name)) check(`/tiers/${name}`, 'tier', name, tiers)
  for (const name of new Set([...Object.keys(book.invoices), ...Object.keys(before.invoices)])) {
    if (JSON.stringify(book.invoices[name]) === JSON.stringify(before.invoices[name])) continue
    isOpen(`/invoices/${name}`, name)
    for (const [of, asked] of Object.entries(book.invoices[name] ?? {})) {
      check(`/invoices/${name}/${of}`, 'contract', of, contracts)
      if ((parseCents(asked) ?? 0) < 0) faults.push(negative(`/invoices/${name}/${of}`))
    }
  }
  const entries = Object.values(book.corrections)
  for (const name of new Set(entries.map((entry) => entry.month))) {
    const { length } = entries.filter((entry) => entry.month === name)
    const message = `expected at most ${MOST_CORRECTIONS_A_MONTH} of a month, found ${length} of ${name}`
    if (length > MOST_CORRECTIONS_A_MONTH) faults.push({ code: 'LIMIT', pointer: '/corrections', message })
  }
  for (const name of new Set([...Object.keys(book.corrections), ...Object.keys(before.corrections)])) {
    const [entry, old] = [book.corrections[name], before.corrections[name]]
    if (JSON.stringify(entry) === JSON.stringify(old)) continue
    const pointer = `/corrections/${name}`
    for (const one of [entry, old]) if (one !== undefined) isOpen(`${pointer}/month`, one.month)
    if (entry === undefined) continue
    if (!closed.has(entry.of))
      faults.push({ code: 'OPEN', pointer: `${pointer}/of`, message: `${entry.of} is not closed: correct it there` })
    if (entry.month <= entry.of)
      faults.push({ code: 'ORDER', pointer: `${pointer}/month`, message: `expected a month after ${entry.of}` })
    check(`${pointer}/contract`, 'contract', entry.contract, contracts)
    if (entry.institution !== null)
      check(`${pointer}/institution`, 'institution', entry.institution, { ...institutions, ...former })
  }
  return faults
}

/** Months whose invoices or corrections are not what they were. */
export function changedMonths(book: PriceBook, before: PriceBook): string[] {
  const months = new Set<string>()
  const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other)
  for (const name of new Set([...Object.keys(book.invoices), ...Object.keys(before.invoices)]))
    if (!isSame(book.invoices[name], before.invoices[name])) months.add(name)
  for (const name of new Set([...Object.keys(book.corrections), ...Object.keys(before.corrections)])) {
    const [entry, old] = [book.corrections[name], before.corrections[name]]
    if (!isSame(entry, old)) for (const one of [entry, old]) if (one !== undefined) months.add(one.month)
  }
  return [...months].sort()
}

/** Contracts with an invoice or a correction in the month, whether they hold in it or not. */
export const contractsWithEntries = ({ invoices, corrections }: PriceBook, month: string): Set<string> =>
  new Set([
    ...Object.keys(Object.hasOwn(invoices, month) ? invoices[month]! : {}),
    ...Object.values(corrections).flatMap((entry) => (entry.month === month ? [entry.contract] : [])),
  ])

export const tariffIn = ({ tariffs }: PriceBook, contract: string): Tariff | null => {
  const found = Object.hasOwn(tariffs, contract) ? tariffs[contract]! : null
  return found && { ...found, monthly: parsePrice(found.monthly)!, perMbps: parsePrice(found.perMbps)! }
}

export const correctionsIn = ({ corrections }: PriceBook, month: string, contract: string): Correction[] =>
  Object.entries(corrections)
    .filter(([, entry]) => entry.month === month && entry.contract === contract)
    .map(([name, { amount, month: _, ...entry }]) => ({ id: name, ...entry, amount: parseCents(amount)! }))
    .sort((a, b) => (a.id < b.id ? -1 : 1))

/** What the provider asks for the month; null: nobody has said. */
export function invoiceIn({ invoices }: PriceBook, month: string, contract: string): Cents | null {
  const said = Object.hasOwn(invoices, month) ? invoices[month]! : {}
  return Object.hasOwn(said, contract) ? parseCents(said[contract]!)! : null
}
