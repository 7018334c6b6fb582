// Money in whole cents. A unit price has up to six decimals, because carriers quote per Mbit/s; what is owed is exact
// in fractions and is rounded once, half up, when it becomes an amount.

/** Hundredths of the currency's unit, whole, also of currencies in which nobody pays with them. */
export type Cents = number

const PRICE = /^(\d{1,12})(?:\.(\d{1,6}))?$/
const MILLIONTHS = 1_000_000n

/** Millionths of a currency's unit, from "5.25". Undefined for anything else. */
export function parsePrice(text: string): bigint | undefined {
  const [, whole, decimals = ''] = PRICE.exec(text) ?? []
  return whole === undefined ? undefined : BigInt(whole) * MILLIONTHS + BigInt(decimals.padEnd(6, '0'))
}

/** price x times / per, in cents; the parts are whole and not negative, `per` is positive. */
export function amountOf(price: bigint, times: bigint, per: bigint): Cents {
  const divisor = per * (MILLIONTHS / 100n)
  return Number((2n * price * times + divisor) / (2n * divisor))
}

/** "1234.56": no separators, so that sheets read it as a number. */
export function formatCents(cents: Cents): string {
  const [sign, all] = cents < 0 ? ['-', -cents] : ['', cents]
  return `${sign}${Math.floor(all / 100)}.${String(all % 100).padStart(2, '0')}`
}

/** Undefined for what is no amount. */
export function parseCents(text: string): Cents | undefined {
  const [, sign, whole, decimals = ''] = /^(-?)(\d{1,13})(?:\.(\d{1,2}))?$/.exec(text) ?? []
  if (whole === undefined) return undefined
  const cents = Number(whole) * 100 + Number(decimals.padEnd(2, '0'))
  return sign === '-' && cents > 0 ? -cents : cents
}
