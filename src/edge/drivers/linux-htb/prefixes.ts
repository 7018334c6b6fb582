// Address prefixes as numbers, and the one thing a packet filter needs of them: a list in which no two overlap.
//
// nft refuses a whole transaction when two intervals of a map conflict, and u32 takes the first that matches, so
// nested prefixes (a clinic inside its ministry's block) are split here: what is inside goes to the more specific
// one. Everything that reaches a filter has been parsed here first; nft would ask the DNS for an address that it
// cannot read.

import ipaddr from 'ipaddr.js'

export type Family = 4 | 6

export interface Prefix {
  readonly family: Family
  /** The network address as a number; bits beyond the length are 0. */
  readonly address: bigint
  readonly length: number
}

export interface Mapped<Value> {
  readonly prefix: Prefix
  readonly value: Value
}

export const widthOf = (family: Family): number => (family === 4 ? 32 : 128)

/** Reads "10.1.0.0/16", "fd10:5::/32" or a bare address. Host bits are cleared. Undefined: not a prefix. */
export function parsePrefix(text: string): Prefix | undefined {
  const [address = '', length, ...rest] = text.split('/')
  if (rest.length > 0 || !ipaddr.isValid(address)) return undefined
  const bytes = ipaddr.parse(address).toByteArray()
  const family = bytes.length === 4 ? 4 : 6
  if (family === 4 && !ipaddr.IPv4.isValidFourPartDecimal(address)) return undefined
  if (length !== undefined && !/^\d{1,3}$/.test(length)) return undefined
  const bits = length === undefined ? widthOf(family) : Number(length)
  if (bits > widthOf(family)) return undefined
  const host = BigInt(widthOf(family) - bits)
  const number = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
  return { family, address: (number >> host) << host, length: bits }
}

export function formatPrefix({ family, address, length }: Prefix): string {
  const bytes: number[] = []
  for (let shift = widthOf(family) - 8; shift >= 0; shift -= 8) bytes.push(Number((address >> BigInt(shift)) & 0xffn))
  return `${ipaddr.fromByteArray(bytes).toString()}/${length}`
}

/**
 * The same mapping of addresses to values as longest-prefix match gives, by prefixes that do not overlap, in order of
 * address. Of two values for one prefix the first counts.
 */
export function disjoint<Value>(entries: readonly Mapped<Value>[], family: Family): Mapped<Value>[] {
  const sorted = entries
    .filter(({ prefix }) => prefix.family === family)
    .sort((a, b) => compare(a.prefix.address, b.prefix.address) || a.prefix.length - b.prefix.length)
  const result: Mapped<Value>[] = []
  const width = widthOf(family)

  /** Writes out sorted[from..to), all of which lie inside `prefix`, where `cover` is the entry that holds the rest. */
  function split(prefix: Prefix, cover: Mapped<Value> | undefined, from: number, to: number): void {
    let first = from
    let covering = cover
    while (first < to && sorted[first]!.prefix.length === prefix.length) {
      if (first === from) covering = sorted[first]
      first++
    }
    if (first === to) {
      if (covering) result.push({ prefix, value: covering.value })
      return
    }
    const length = prefix.length + 1
    const middle = prefix.address + (1n << BigInt(width - length))
    let upper = first
    while (upper < to && sorted[upper]!.prefix.address < middle) upper++
    split({ family, address: prefix.address, length }, covering, first, upper)
    split({ family, address: middle, length }, covering, upper, to)
  }

  split({ family, address: 0n, length: 0 }, undefined, 0, sorted.length)
  return result
}

const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0)
