// What each device is to enforce of what the edge is to enforce: the same where it is the only one of its direction,
// else its share of every flow (shares.ts), as told by what the devices have counted.
//
// A process that was just started finds the shares in the kernel and goes on with them. A device that is away has none;
// when it is back it begins with the floor, and is given more when something arrives there.

import { FRAME } from '../../../model/burst.js'
import type { EdgeProfile, RateRecord } from '../../../model/lease.js'
import {
  type BitsPerSecond,
  fromBytes,
  fromKbps,
  type KilobitsPerSecond,
  type Milliseconds,
  toKbps,
  toSeconds,
} from '../../../model/units.js'
import { MAX_CLASSES } from '../../../runtime/limits.js'
import { type Desired, isShaped } from '../../driver.js'
import { LIFTED_RATE, MIN_LEAF_RATE } from './desired.js'
import { type Device, LEAST_SHARE } from './devices.js'
import { minorOf, PORT_MINOR } from './layout.js'
import type { ClassStats, CountedTree, KernelTree } from './parse.js'
import { classesOf, divided, FULL, nextParts, type Offered, withinPorts } from './shares.js'

/** By device; null: it is away. */
type Trees = readonly (KernelTree | null)[]
type Counted = readonly (CountedTree | null)[]

export interface Division {
  /** By device. The same objects come again as long as nothing has changed. */
  of(desired: Desired, standing: Trees): readonly Desired[]
  /** Takes note of what was counted; true: it should be divided otherwise now. */
  learn(trees: Counted, at: Milliseconds): boolean
  /** Whether anything has to be divided at all. */
  readonly isNeeded: boolean
  /** Of a leaf. */
  floor(direction: 0 | 1): BitsPerSecond
  /** By device: it has all that it may carry, and of what was to be divided something is left. */
  full(): readonly boolean[]
}

/** Between two readings that are compared: what arrives comes in lumps. */
const LEAST_SPAN: Milliseconds = 500
/** Of what is usual, in seconds. */
const MEMORY = 8

interface Divided {
  readonly rate: KilobitsPerSecond
  /** By device of the direction, those that are away with 0. */
  readonly parts: readonly KilobitsPerSecond[]
  /** What arrives there of late. */
  readonly usual: readonly KilobitsPerSecond[]
}

export function createDivision(devices: readonly Device[]): Division {
  const sides = ([0, 1] as const).map((direction) => new Side(devices, direction))
  let last: {
    readonly of: Desired
    readonly moves: number
    readonly away: string
    readonly all: readonly Desired[]
  } | null = null
  let moves = 0

  return {
    isNeeded: sides.some(({ isAlone }) => !isAlone),
    floor: (direction) => fromKbps(sides[direction]!.floor) / MAX_CLASSES,
    full: () => devices.map((_, k) => sides.some((side) => side.full.has(k))),
    of(desired, standing) {
      const away = standing.map((tree) => (tree ? '' : '-')).join(' ')
      if (last?.of === desired && last.moves === moves && last.away === away) return last.all
      const all = devices.map((): Desired => desired)
      for (const side of sides) side.divide(desired, standing, all)
      last = { of: desired, moves, away, all }
      return all
    },
    learn(trees, at) {
      const moved = sides.map((side) => side.learn(trees, at)).includes(true)
      if (moved) moves++
      return moved
    },
  }
}

/** The devices of one direction. */
class Side {
  readonly isAlone: boolean
  /** Of a flow on each of its devices. */
  readonly floor: KilobitsPerSecond
  /** Among all devices, those that are full while something is left. */
  full: ReadonlySet<number> = new Set()
  readonly #direction: 0 | 1
  readonly #devices: readonly Device[]
  /** Where each stands among all devices. */
  readonly #places: readonly number[]
  readonly #flows = new Map<number, Divided>()
  #counted: { readonly at: Milliseconds; readonly of: readonly ReadonlyMap<number, ClassStats>[] } | null = null

  constructor(devices: readonly Device[], direction: 0 | 1) {
    this.#direction = direction
    this.#places = devices.flatMap((device, k) => (device.direction === direction ? [k] : []))
    this.#devices = this.#places.map((k) => devices[k]!)
    this.isAlone = this.#devices.length === 1
    this.floor = toKbps(this.isAlone ? MIN_LEAF_RATE * MAX_CLASSES : LEAST_SHARE)
  }

  /** Writes what its devices are to enforce into `all`. */
  divide(desired: Desired, standing: Trees, all: Desired[]): void {
    if (this.isAlone && this.#devices[0]!.port === null) return
    const trees = this.#places.map((k) => standing[k] ?? null)
    const here = trees.flatMap((tree, one) => (tree ? [one] : []))
    const present = here.length > 0 ? here : trees.map((_, one) => one)
    const records = desired.rates.filter(({ direction }) => direction === this.#direction)
    const others = desired.rates.filter(({ direction }) => direction !== this.#direction)
    const parts = records.map((record) =>
      divided(record.rate, this.#weights(minorOf(record), trees, present), this.floor),
    )
    this.#remember(records, parts, present)

    const ports = present.map((one) => toKbps(this.#portAt(desired.profile, one)))
    const isLimited = records.map(({ institution }) => isShaped(desired, institution))
    const limited = parts.filter((_, k) => isLimited[k])
    const fitting = withinPorts(limited, ports, this.floor)
    const isLeft = sumOf(limited.flat()) > sumOf(fitting.flat())
    const isFull = (at: number): boolean => ports[at]! - sumOf(fitting.map((its) => its[at]!)) < this.floor
    this.full = new Set(isLeft ? present.filter((_, at) => isFull(at)).map((one) => this.#places[one]!) : [])
    const cut = new Map(limited.map((its, k) => [its, fitting[k]!]))
    for (const [at, one] of present.entries()) {
      const rates = [...records.map((record, k) => partOf(record, (cut.get(parts[k]!) ?? parts[k]!)[at]!)), ...others]
      all[this.#places[one]!] = { ...desired, profile: this.#profileAt(desired.profile, one, present.length), rates }
    }
  }

  learn(trees: Counted, at: Milliseconds): boolean {
    if (this.isAlone || (this.#counted && at - this.#counted.at < LEAST_SPAN)) return false
    const before = this.#counted
    const counts = this.#places.map((k) => countsOf(trees[k] ?? null))
    this.#counted = { at, of: counts }
    if (!before) return false
    const seconds = toSeconds(at - before.at)
    let moved = false
    for (const [minor, flow] of this.#flows) {
      const { rate, parts } = flow
      const present = parts.flatMap((_, one) => (trees[this.#places[one]!] ? [one] : []))
      if (present.length < 2) continue
      const mine = present.map((one) => parts[one]!)
      const offered = present.map((one, k): Offered => {
        const now = offeredBy(before.of[one]!.get(minor), counts[one]!.get(minor), mine[k]!, seconds)
        const usual = flow.usual[one]! + (now.arrived - flow.usual[one]!) * Math.min(1, seconds / MEMORY)
        return { ...now, usual: usual < 1 ? 0 : usual }
      })
      const next = nextParts(rate, mine, offered, this.floor)
      const byDevice = (of: readonly number[]) => parts.map((_, one) => of[present.indexOf(one)] ?? 0)
      this.#flows.set(minor, { rate, parts: byDevice(next), usual: byDevice(offered.map(({ usual }) => usual)) })
      moved ||= next !== mine
    }
    return moved
  }

  /** Of a rate that has changed each keeps its part; of one that is new each has what stands, or all alike. */
  #weights(minor: number, trees: Trees, present: readonly number[]): number[] {
    const known = this.#flows.get(minor)
    return present.map((one) => known?.parts[one] ?? standingIn(trees[one] ?? null, minor))
  }

  #remember(records: readonly RateRecord[], parts: readonly (readonly number[])[], present: readonly number[]): void {
    const before = new Map(this.#flows)
    const none = this.#devices.map(() => 0)
    this.#flows.clear()
    for (const [k, record] of records.entries()) {
      const minor = minorOf(record)
      // Several of the edge's own share a class.
      const beside = this.#flows.get(minor) ?? { rate: 0, parts: none, usual: before.get(minor)?.usual ?? none }
      const sum = beside.parts.map((part, one) => part + (parts[k]![present.indexOf(one)] ?? 0))
      this.#flows.set(minor, { ...beside, rate: beside.rate + record.rate, parts: sum })
    }
  }

  #portAt(profile: EdgeProfile, one: number): number {
    const port = this.#direction === 0 ? profile.port.down : profile.port.up
    return Math.min(port, this.#devices[one]!.port ?? port)
  }

  /** What a flow without a record has is divided too. */
  #profileAt(profile: EdgeProfile, one: number, count: number): EdgeProfile {
    const port = this.#portAt(profile, one)
    const bootRate = Math.floor(profile.bootRate / count)
    return { ...profile, bootRate, port: { ...profile.port, [this.#direction === 0 ? 'down' : 'up']: port } }
  }
}

const sumOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)

function partOf(record: RateRecord, rate: KilobitsPerSecond): RateRecord {
  const burst = record.rate > 0 ? Math.floor((record.burst * rate) / record.rate) : record.burst
  return { ...record, rate, burst, classes: classesOf(record.classes, rate) }
}

function standingIn(tree: KernelTree | null, minor: number): KilobitsPerSecond {
  const rate = fromBytes(tree?.get(minor)?.rate ?? 0)
  return rate >= LIFTED_RATE ? 0 : toKbps(rate)
}

/** By flow, from its leaves: classes that are nobody's parent. */
function countsOf(tree: CountedTree | null): ReadonlyMap<number, ClassStats> {
  const counts = new Map<number, { -readonly [K in keyof ClassStats]: ClassStats[K] }>()
  const parents = new Set<number>()
  for (const { parent } of tree?.values() ?? []) parents.add(parent)
  for (const { minor, parent, bytes, packets, drops, backlog } of tree?.values() ?? []) {
    if (parents.has(minor)) continue
    const flow = parent === PORT_MINOR ? minor : parent
    const count = counts.get(flow)
    if (!count) counts.set(flow, { bytes, packets, drops, backlog })
    else {
      count.bytes += bytes
      count.packets += packets
      count.drops += drops
      count.backlog += backlog
    }
  }
  return counts
}

const NOTHING: ClassStats = { bytes: 0, packets: 0, drops: 0, backlog: 0 }

function offeredBy(before = NOTHING, now = NOTHING, part: KilobitsPerSecond, seconds: number): Omit<Offered, 'usual'> {
  // A device that was made anew counts from 0.
  const since = now.bytes < before.bytes || now.packets < before.packets ? NOTHING : before
  const bytes = now.bytes - since.bytes
  const packets = now.packets - since.packets
  const drops = Math.max(0, now.drops - since.drops)
  const carried = toKbps(fromBytes(bytes)) / seconds
  const more = now.backlog - since.backlog + drops * (packets > 0 ? bytes / packets : FRAME)
  return {
    arrived: Math.max(0, carried + toKbps(fromBytes(more)) / seconds),
    waits: (now.backlog > 0 || drops > 0) && carried >= FULL * part,
  }
}
