// Amounts as the API writes them, added up to the cent.

import type { Schema } from '../call.js'

type Charges = Schema['LedgerMonth']['charges']

/** "USD 31,000.00": thousands are parted, whatever the language. */
export const amountSaid = (currency: string, amount: string): string => `${currency} ${parted(amount)}`

export const parted = (amount: string): string => {
  const [whole = '0', cents] = amount.replace('-', '').split('.')
  const sign = amount.startsWith('-') ? '-' : ''
  return [sign + Number(whole).toLocaleString('en'), ...(cents === undefined ? [] : [cents])].join('.')
}

const inCents = (amount: string): number => Number(amount.replace('.', ''))

function asAmount(cents: number): string {
  const digits = String(Math.abs(cents)).padStart(3, '0')
  return `${cents < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
}

/** What each institution pays, by currency; null: prices may not be seen. */
export function paidBy(charges: Charges): ReadonlyMap<string, string> | null {
  if (charges === null) return null
  const cents = new Map<string, Map<string, number>>()
  for (const { currency, shares } of charges)
    for (const { institution, amount } of shares) {
      const own = cents.get(institution) ?? new Map<string, number>()
      cents.set(institution, own.set(currency, (own.get(currency) ?? 0) + inCents(amount)))
    }
  const said = (sums: ReadonlyMap<string, number>): string =>
    [...sums].map(([currency, sum]) => `${currency} ${asAmount(sum)}`).join(', ')
  return new Map([...cents].map(([institution, sums]) => [institution, said(sums)]))
}
