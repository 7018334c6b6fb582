// Chance that can be repeated: each stream of numbers is named, so that what one thing meets in one year does not depend
// on which other things there are, in which order they are asked, or by whom. Two plans that are compared meet the same
// luck (common random numbers).

import { createHash } from 'node:crypto'

/** The next number, above 0 and below 1. */
export type Stream = () => number

/** By what a stream is named: a whole number of 32 bits. */
export const numberOf = (name: string): number => createHash('sha256').update(name).digest().readUInt32LE(0)

/** Of Chris Doty-Humphrey's sfc32 (PractRand; public domain): 128 bits of state, a counter among them. */
export function stream([first, second, third]: readonly [number, number, number]): Stream {
  let [a, b, c, counter] = [first | 0, second | 0, third | 0, 1]
  const next = (): number => {
    const sum = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    return sum >>> 0
  }
  // As its author says: so long until all of the state depends on all of the names.
  for (let n = 0; n < 15; n++) next()
  return () => (next() + 0.5) / 2 ** 32
}

/**
 * One number for each of `count` draws, each from a stratum of its own of (0, 1), in an order by chance: a column of a
 * Latin hypercube (McKay, Beckman, Conover, Technometrics 21, 1979). What happens in one year of a hundred happens in
 * one draw of a hundred, and not in none or three.
 */
export function stratified(count: number, next: Stream): Float64Array {
  const column = Float64Array.from({ length: count }, (_, n) => n)
  for (let n = count - 1; n > 0; n--) {
    const other = Math.floor(next() * (n + 1))
    ;[column[n], column[other]] = [column[other]!, column[n]!]
  }
  return column.map((stratum) => (stratum + next()) / count)
}

const polynomial = (x: number, ...of: readonly number[]): number => of.reduceRight((sum, each) => sum * x + each, 0)

/** The standard normal value that a part u lies below: algorithm AS 241, PPND7 (Wichura, 1988); seven digits. */
export function normalQuantile(u: number): number {
  const q = u - 0.5
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q
    const above = polynomial(r, 3.3871327179, 50.434271938, 159.29113202, 59.10937472)
    return (q * above) / polynomial(r, 1, 17.895169469, 78.757757664, 67.1875636)
  }
  const r = Math.sqrt(-Math.log(Math.min(u, 1 - u)))
  const tail =
    r <= 5
      ? polynomial(r - 1.6, 1.4234372777, 2.75681539, 1.3067284816, 0.17023821103) /
        polynomial(r - 1.6, 1, 0.7370016425, 0.12021132975)
      : polynomial(r - 5, 6.657905115, 3.081226386, 0.42868294337, 0.017337203997) /
        polynomial(r - 5, 1, 0.24197894225, 0.012258202635)
  return q < 0 ? -tail : tail
}

/** The least count that a part u of a Poisson distribution does not exceed. */
export function poissonQuantile(mean: number, u: number): number {
  let term = Math.exp(-mean)
  let sum = term
  let count = 0
  while (sum < u && term > 0) {
    count++
    term *= mean / count
    sum += term
  }
  return count
}
