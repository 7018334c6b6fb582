// From rates to the tree of HTB classes that enforces them, one tree a device. Pure.
//
// Every flow has rate = ceil = what was published; the institution's class is the sum of its flows; a leaf is
// guaranteed its class's rate and may borrow up to its flow's. So HTB borrows inside a flow and never across: who
// gets what is the allocator's business. HTB itself does not check that children fit their parent (70 + 60 under 100
// sends 130, measured): here they do by construction, and `limitedBelowPort` says what has to fit the port.
//
// Traffic that is not to be delayed (observe, bypass) runs through the same tree at rates no port of this kind
// reaches, so it is classified and counted as ever, and going over to `enforce` changes rates and nothing else.

import { burstOf, LEAST_BURST } from '../../../model/burst.js'
import { type EdgeProfile, EXPEDITED_FORWARDING, type ProfileClass, type RateRecord } from '../../../model/lease.js'
import { type BitsPerSecond, type Bytes, fromKbps, MIN_LIFELINE, toBytes } from '../../../model/units.js'
import { type Desired, isShaped } from '../../driver.js'
import {
  CONTROL_INDEX,
  CONTROL_MINOR,
  FIRST_INDEX,
  fits,
  institutionMinor,
  leafMinor,
  NO_PARENT,
  PORT_MINOR,
  serviceMinor,
  UNMAPPED_INDEX,
  UNMAPPED_MINOR,
} from './layout.js'

/** One HTB class, with all its parameters: a change that leaves one out resets it. */
export interface TreeClass {
  readonly minor: number
  /** Minor of the parent, NO_PARENT at the top. */
  readonly parent: number
  /** What it may always send: CIR of RFC 2698, bit/s at layer 2. */
  readonly rate: BitsPerSecond
  /** What it may reach by borrowing from its parent. */
  readonly ceil: BitsPerSecond
  readonly burst: Bytes
  readonly cburst: Bytes
  /** Only leaves have one. */
  readonly leaf: Leaf | null
}

export interface Leaf {
  /** Bytes a turn: what is borrowed is shared by quantum. */
  readonly quantum: Bytes
  /** 0 borrows before 1. */
  readonly prio: number
}

/** Classes by minor, parents before their children. */
export type ClassTree = ReadonlyMap<number, TreeClass>

/** "Not delayed": three times the fastest port this driver is for. HTB reads and writes such rates exactly. */
export const LIFTED_RATE: BitsPerSecond = 32e9
/** HTB and its parser work from 8 bit/s; a leaf below 8 kbit/s would hold one packet for seconds. */
export const MIN_LEAF_RATE: BitsPerSecond = 8_000

const MIN_BURST_SECONDS = 0.001
/** A burst of more than 2^32 ticks of 64 ns (274 s of its rate) wraps around in the kernel. */
const MAX_BURST_SECONDS = 200
/** A turn sends at least one packet, which is up to 64 KiB where the card or kernel gathers segments (GRO, TSO). */
const MIN_QUANTUM: Bytes = 65_536
const MAX_QUANTUM_RATIO = 16

/** Bytes a bucket of that rate holds: what any has or what is wished, within what HTB can do. */
export function htbBurst(rate: BitsPerSecond, wish: Bytes = 0): Bytes {
  const floor = Math.max(LEAST_BURST, Math.ceil(toBytes(rate) * MIN_BURST_SECONDS))
  const size = wish > 0 ? wish : burstOf(rate)
  return Math.floor(Math.min(Math.max(size, floor), Math.max(LEAST_BURST, toBytes(rate) * MAX_BURST_SECONDS)))
}

/** The class whose packets must not wait behind the others': the one that claims EF, else the first. */
export function urgentClass(classes: readonly ProfileClass[]): ProfileClass | undefined {
  return classes.find(({ dscp }) => dscp.includes(EXPEDITED_FORWARDING)) ?? classes[0]
}

/** Class rates of a flow with every class at its floor, still with the flow's rate as their sum: the largest gives. */
export function leafRates(
  rate: BitsPerSecond,
  classRates: readonly BitsPerSecond[],
  floor = MIN_LEAF_RATE,
): BitsPerSecond[] {
  const rates = classRates.map((classRate) => Math.max(classRate, floor))
  let excess = rates.reduce((sum, r) => sum + r, 0) - rate
  while (excess > 0) {
    const largest = rates.indexOf(Math.max(...rates))
    const given = Math.min(excess, rates[largest]! - floor)
    if (given <= 0) break
    rates[largest]! -= given
    excess -= given
  }
  return rates
}

/**
 * The tree of one direction, or of one device of several, which then has leaves that may be slower. Records of
 * institutions that the profile or the layout does not know are left out.
 */
export function desiredTree(desired: Desired, direction: 0 | 1, floor = MIN_LEAF_RATE): ClassTree {
  const { profile, enforcement, rates } = desired
  const lifted = enforcement === 'observe' || enforcement === 'bypass'
  const tree = new Map<number, TreeClass>()
  const port = direction === 0 ? profile.port.down : profile.port.up
  inner(tree, PORT_MINOR, NO_PARENT, lifted ? LIFTED_RATE : port)

  const flows = rates.filter((record) => record.direction === direction)
  const own = (index: number): BitsPerSecond => {
    const sum = flows.reduce((total, r) => total + (r.institution === index ? fromKbps(r.rate) : 0), 0)
    return lifted ? LIFTED_RATE : sum || profile.bootRate
  }
  const classCount = Math.max(profile.classes.length, 1)
  leaf(tree, UNMAPPED_MINOR, PORT_MINOR, own(UNMAPPED_INDEX), own(UNMAPPED_INDEX), { quantum: MIN_QUANTUM, prio: 1 })
  leaf(tree, CONTROL_MINOR, PORT_MINOR, own(CONTROL_INDEX), own(CONTROL_INDEX), { quantum: MIN_QUANTUM, prio: 0 })

  for (const [institution, records] of byInstitution(flows, profile)) {
    const free = !isShaped(desired, institution)
    const rateOf = (r: RateRecord): BitsPerSecond =>
      free ? LIFTED_RATE : Math.max(fromKbps(r.rate), classCount * floor)
    const top = institutionMinor(institution)
    inner(tree, top, PORT_MINOR, free ? LIFTED_RATE : records.reduce((sum, r) => sum + rateOf(r), 0))
    for (const record of records) flowClasses(tree, record, rateOf(record), profile.classes, free ? null : floor)
  }
  return tree
}

/** bit/s of the port's children, but of those that were lifted. */
export function limitedBelowPort(trees: readonly ClassTree[]): BitsPerSecond {
  let sum = 0
  for (const tree of trees) {
    for (const { parent, rate } of tree.values()) if (parent === PORT_MINOR && rate !== LIFTED_RATE) sum += rate
  }
  return sum
}

function byInstitution(flows: readonly RateRecord[], profile: EdgeProfile): Map<number, RateRecord[]> {
  const known = new Set(profile.institutions.map(({ index }) => index))
  const groups = new Map<number, RateRecord[]>()
  for (const record of flows) {
    if (record.institution < FIRST_INDEX || !known.has(record.institution)) continue
    if (!fits(record.institution, record.service, profile.classes.length - 1)) continue
    const group = groups.get(record.institution)
    if (group) group.push(record)
    else groups.set(record.institution, [record])
  }
  return groups
}

function flowClasses(
  tree: Map<number, TreeClass>,
  record: RateRecord,
  rate: BitsPerSecond,
  classes: readonly ProfileClass[],
  /** Of a leaf; null: nothing is delayed. */
  floor: BitsPerSecond | null,
): void {
  const { institution, service } = record
  const minor = serviceMinor(institution, service)
  inner(tree, minor, institutionMinor(institution), rate, record.burst)
  const leastWeight = Math.min(...classes.map(({ weight }) => weight))
  const urgent = urgentClass(classes)
  const guaranteed = leafRates(
    rate,
    classes.map((_, position) => fromKbps(record.classes[position] ?? 0)),
    floor ?? MIN_LEAF_RATE,
  )
  classes.forEach((trafficClass, position) => {
    const ratio = Math.min(trafficClass.weight / leastWeight, MAX_QUANTUM_RATIO)
    const share = { quantum: Math.round(MIN_QUANTUM * ratio), prio: trafficClass === urgent ? 0 : 1 }
    const leafRate = floor === null ? LIFTED_RATE : guaranteed[position]!
    leaf(tree, leafMinor(institution, service, trafficClass.index), minor, leafRate, rate, share)
  })
}

function inner(
  tree: Map<number, TreeClass>,
  minor: number,
  parent: number,
  rate: BitsPerSecond,
  wish: Bytes = 0,
): void {
  const burst = htbBurst(rate, wish)
  tree.set(minor, { minor, parent, rate, ceil: rate, burst, cburst: burst, leaf: null })
}

function leaf(
  tree: Map<number, TreeClass>,
  minor: number,
  parent: number,
  rate: BitsPerSecond,
  ceil: BitsPerSecond,
  share: Leaf,
): void {
  tree.set(minor, { minor, parent, rate, ceil, burst: htbBurst(rate), cburst: htbBurst(ceil), leaf: share })
}

/** The lifeline of any flow covers the floors of all its leaves (checked on load). */
if (MIN_LIFELINE < 4 * MIN_LEAF_RATE) throw new Error('desired.ts: a lifeline below the floors of its leaves')

/** Of all classes below the ports of these trees, wanted or standing. */
export function sumBelowPort(
  trees: readonly ReadonlyMap<number, { readonly parent: number; readonly rate: number }>[],
): number {
  let sum = 0
  for (const tree of trees) for (const { parent, rate } of tree.values()) if (parent === PORT_MINOR) sum += rate
  return sum
}
