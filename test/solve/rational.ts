// Exact fractions of whole numbers, for the oracle: no rounding, so no tolerance and no ties that are not ties.

export interface Rational {
  readonly n: bigint
  /** Positive. */
  readonly d: bigint
}

function gcd(a: bigint, b: bigint): bigint {
  let x = a < 0n ? -a : a
  let y = b
  while (y !== 0n) [x, y] = [y, x % y]
  return x
}

function of(n: bigint, d: bigint): Rational {
  const g = gcd(n, d)
  return g === 1n ? { n, d } : { n: n / g, d: d / g }
}

export const ZERO: Rational = { n: 0n, d: 1n }

/** The exact value of a finite double. */
export function rational(value: number): Rational {
  let [n, d] = [value, 1n]
  while (!Number.isInteger(n)) [n, d] = [n * 2, d * 2n]
  return of(BigInt(n), d)
}

export const number = ({ n, d }: Rational): number => {
  // Shift so that the quotient has more than 53 bits, then scale back.
  const bits = Math.max(0, 80 + d.toString(2).length - (n < 0n ? -n : n).toString(2).length)
  return Number((n << BigInt(bits)) / d) / 2 ** bits
}
export const add = (a: Rational, b: Rational): Rational =>
  a.d === b.d ? of(a.n + b.n, a.d) : of(a.n * b.d + b.n * a.d, a.d * b.d)
export const sub = (a: Rational, b: Rational): Rational => add(a, { n: -b.n, d: b.d })
export const mul = (a: Rational, b: Rational): Rational => of(a.n * b.n, a.d * b.d)
/** b must be positive. */
export const div = (a: Rational, b: Rational): Rational => of(a.n * b.d, a.d * b.n)
export const less = (a: Rational, b: Rational): boolean => a.n * b.d < b.n * a.d
export const min = (a: Rational, b: Rational): Rational => (less(b, a) ? b : a)
export const max = (a: Rational, b: Rational): Rational => (less(a, b) ? b : a)
export const isZero = (a: Rational): boolean => a.n === 0n
