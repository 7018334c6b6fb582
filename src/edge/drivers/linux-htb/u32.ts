// The packet filter where there is no nft: tc's own u32, one hash table an address family. It is good for as much as
// u32 can see: no rule for small acknowledgements, and upwards the sender's address only where nothing translates it
// before the WAN device (`probe` says so). Otherwise it sorts like nft.ts: institution by near prefix, service by far
// prefix, DSCP.
//
// 256 buckets by the octet in which site prefixes differ most: the third of IPv4, the sixth of IPv6 (the end of a
// /48). A longer prefix stands in one bucket, a shorter one in each that it covers. Within a bucket the first match
// counts, so the rules of a site run from special to general: far prefix and DSCP, far prefix, DSCP, the site alone.

import { createHash } from 'node:crypto'
import type { Operation } from '../../driver.js'
import { believesMarks, type Classification } from './classification.js'
import { classId, leafMinor, MAJOR } from './layout.js'
import { disjoint, type Family, type Mapped, type Prefix, widthOf } from './prefixes.js'

interface Layout {
  readonly protocol: 'ip' | 'ipv6'
  /** tc shares table ids among all filters of a qdisc, so each family has its own. */
  readonly table: number
  readonly preference: number
  /** Byte offsets of the addresses in the header. */
  readonly source: number
  readonly destination: number
  /** Which bits of the near address choose the bucket, counted from its start. */
  readonly hashFrom: number
  /** Shift and mask of the DSCP within the header's first 32 bits. */
  readonly dscpShift: number
}

const HASH_BITS = 8
const LAYOUTS: Readonly<Record<Family, Layout>> = {
  4: { protocol: 'ip', table: 0x104, preference: 14, source: 12, destination: 16, hashFrom: 16, dscpShift: 18 },
  6: { protocol: 'ipv6', table: 0x106, preference: 16, source: 8, destination: 24, hashFrom: 40, dscpShift: 22 },
}
const DSCP_MASK = 0x3f

export interface U32Filter {
  /** Names the whole text. */
  readonly mark: string
  /** Lines of a tc batch. */
  readonly lines: readonly string[]
  /** Where they lead: each class as often as a rule points at it. What a reader can see of them all. */
  readonly leads: string
}

/** What stands: the mark of what this driver loaded (nothing in u32 can carry it) and where the rules lead. */
export interface ObservedU32 {
  readonly mark: string | null
  readonly leads: string
}

export function u32Filter(c: Classification, direction: 0 | 1, device: string): U32Filter {
  const lines = [...familyLines(c, 4, direction, device), ...familyLines(c, 6, direction, device)]
  const mark = createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 12)
  return { mark, lines, leads: leadsOf(lines.join('\n')) }
}

function familyLines(c: Classification, family: Family, direction: 0 | 1, device: string): string[] {
  const { protocol, table, preference, hashFrom, source, destination } = LAYOUTS[family]
  const near = disjoint(c.near, family)
  if (near.length === 0) return []
  const start = `filter add dev ${device} parent ${MAJOR}: prio ${preference}`
  const u32 = `${start} protocol ${protocol} u32`
  const id = table.toString(16)
  const nearOffset = direction === 0 ? destination : source
  const hashMask = hex((0xff << (32 - HASH_BITS - (hashFrom % 32))) >>> 0)

  const lines = [`${start} handle ${id}: protocol ${protocol} u32 divisor ${1 << HASH_BITS}`]
  for (const { prefix, value } of near) {
    const rules = siteRules(c, value, family, direction)
    const site = matches(prefix, nearOffset)
    for (const bucket of buckets(prefix, hashFrom)) {
      const into = `${u32} ht ${id}:${bucket.toString(16)}:`
      for (const { match, minor } of rules)
        lines.push(`${into} ${[...site, ...match].join(' ')} flowid ${classId(minor)}`)
    }
  }
  // Without `ht` it stands in the root table of its preference, whatever number that got.
  const hashAt = nearOffset + Math.floor(hashFrom / 32) * 4
  lines.push(`${u32} ${all([])} hashkey mask ${hashMask} at ${hashAt} link ${id}:`)
  return lines
}

/** A rule needs one comparison at least; this one is always true. */
const ALWAYS = 'match u32 0x00000000 0x00000000 at 0'
const all = (...matches: readonly (readonly string[])[]): string => matches.flat().join(' ') || ALWAYS

interface Rule {
  readonly match: readonly string[]
  readonly minor: number
}

/** The rules of one institution, from special to general. */
function siteRules(c: Classification, institution: number, family: Family, direction: 0 | 1): Rule[] {
  const { source, destination, dscpShift } = LAYOUTS[family]
  const farOffset = direction === 0 ? source : destination
  const ofService = (service: number, far: readonly string[]): Rule[] => {
    const marks = believesMarks(c, service, direction) ? [...c.marks].filter(([, index]) => index !== c.fallback) : []
    const marked = marks.map(([mark, index]) => ({
      match: [...far, `match u32 ${hex(mark * 2 ** dscpShift)} ${hex(DSCP_MASK * 2 ** dscpShift)} at 0`],
      minor: leafMinor(institution, service, index),
    }))
    return [...marked, { match: far, minor: leafMinor(institution, service, c.fallback) }]
  }
  const far: readonly Mapped<number>[] = disjoint(c.far, family)
  return [
    ...far.flatMap(({ prefix, value }) => ofService(value, matches(prefix, farOffset))),
    ...(c.openService === null ? [] : ofService(c.openService, [])),
  ]
}

/** u32 compares words of 32 bits; an address without any bits to compare needs no match at all. */
function matches({ family, address, length }: Prefix, offset: number): string[] {
  const words: string[] = []
  for (let from = 0; from < length; from += 32) {
    const bits = Math.min(32, length - from)
    const mask = (0xffffffff << (32 - bits)) >>> 0
    const word = Number((address >> BigInt(widthOf(family) - from - 32)) & 0xffffffffn)
    words.push(`match u32 ${hex(word)} ${hex(mask)} at ${offset + from / 8}`)
  }
  return words
}

/** The buckets in which addresses of a prefix can be. */
function buckets({ family, address, length }: Prefix, hashFrom: number): number[] {
  const known = Math.min(Math.max(length - hashFrom, 0), HASH_BITS)
  const octet = Number((address >> BigInt(widthOf(family) - hashFrom - HASH_BITS)) & 0xffn)
  const first = known === 0 ? 0 : octet
  return Array.from({ length: 2 ** (HASH_BITS - known) }, (_, i) => first + i)
}

const hex = (word: number): string => `0x${word.toString(16).padStart(8, '0')}`

/**
 * u32 rules cannot be compared one by one: when they differ they are made anew. So they are when a class must go
 * (`classesGo`), because a class cannot be deleted while a rule points at it.
 */
export function u32Diff(device: string, wanted: U32Filter, observed: ObservedU32, classesGo: boolean): Operation[] {
  if (!classesGo && wanted.mark === observed.mark && wanted.leads === observed.leads) return []
  return [
    ...(observed.leads !== '' ? u32Removal(device) : []),
    ...wanted.lines.map((text) => ({ kind: 'filter' as const, text })),
  ]
}

/** Deletes, so that they come before those of classes. */
function u32Removal(device: string): Operation[] {
  return Object.values(LAYOUTS).map(({ preference, protocol }) => ({
    kind: 'delete' as const,
    text: `filter del dev ${device} parent ${MAJOR}: prio ${preference} protocol ${protocol}`,
  }))
}

/**
 * Reads the text of `tc filter show dev D parent 1:`. tc takes a rule that leads to a class that is not there, and its
 * packets then go to the default class without a word.
 */
export const leadsOf = (text: string): string => (text.match(/flowid [0-9a-f]+:[0-9a-f]+/g) ?? []).sort().join()
