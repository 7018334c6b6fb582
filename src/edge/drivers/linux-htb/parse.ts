// What tc says, as data: its JSON (rates in bytes/s, handles in hex) and its complaints. Checked against iproute2 6.15.

import { MAJOR, NO_PARENT, UNMAPPED_MINOR } from './layout.js'
import { type QueueOptions, queueRead } from './leaf-queue.js'

/** One HTB class as the kernel has it. Rates in bytes/s, as tc reports them. */
export interface KernelClass {
  readonly minor: number
  readonly parent: number
  readonly rate: number
  readonly ceil: number
  readonly burst: number
  readonly cburst: number
  readonly quantum: number
  readonly prio: number
  /** What waits in it, in tc's words; null: a queue of another kind, or none that was asked about. */
  readonly queue: string | null
}

/** Cumulative since the class was made, but `backlog`, which is bytes waiting now. */
export interface ClassStats {
  readonly bytes: number
  readonly packets: number
  readonly drops: number
  readonly backlog: number
}

export interface CountedClass extends ClassStats {
  readonly minor: number
  readonly parent: number
}

/** By minor. */
export type KernelTree = ReadonlyMap<number, KernelClass>
export type CountedTree = ReadonlyMap<number, CountedClass>

/** `kernel`: what every interface is born with; may be replaced. `foreign`: somebody set it up, and it is not ours. */
export type RootQdisc =
  | { readonly owner: 'kernel' | 'ours' }
  | { readonly owner: 'foreign'; readonly kind: string; readonly handle: string }

interface TcQdisc {
  kind: string
  handle: string
  parent?: string
  root?: boolean
  options?: QueueOptions & { default?: string }
  drops?: number
}

interface TcClass {
  class: string
  handle: string
  parent?: string
  root?: boolean
  prio?: number
  quantum?: number
  rate: number
  ceil: number
  burst: number
  cburst: number
  stats?: ClassStats
}

const OUR_DEFAULT = `0x${UNMAPPED_MINOR.toString(16)}`

/** Queues by the leaf they stand in. */
export type LeafQueues = ReadonlyMap<number, { readonly queue: string | null; readonly drops: number }>

/** Reads `tc -j qdisc show dev D`: who owns the root, and what waits in the leaves; with -s also what they dropped. */
export function parseQdiscs(json: string): { readonly root: RootQdisc; readonly queues: LeafQueues } {
  let first: TcQdisc | undefined
  const words = new Map<string, string>()
  const queues = new Map<number, { queue: string | null; drops: number }>()
  for (const qdisc of rowsIn<TcQdisc>(json)) {
    if (qdisc.root) first ??= qdisc
    const { kind, parent, options = {}, drops = 0 } = qdisc
    const minor = parent ? minorOf(parent) : undefined
    if (minor === undefined) continue
    // The same few words stand in two thousand leaves: they are kept once.
    const queue = queueRead(kind, options)
    if (queue !== null && !words.has(queue)) words.set(queue, queue)
    queues.set(minor, { queue: queue && words.get(queue)!, drops })
  }
  return { root: rootOwner(first), queues }
}

/** Our mark is the pair of handle 1: and default class fff0, which nobody sets by chance. */
function rootOwner(qdisc: TcQdisc | undefined): RootQdisc {
  if (!qdisc || qdisc.handle === '0:') return { owner: 'kernel' }
  const { kind, handle, options } = qdisc
  const ours = kind === 'htb' && handle === `${MAJOR}:` && options?.default === OUR_DEFAULT
  return ours ? { owner: 'ours' } : { owner: 'foreign', kind, handle }
}

/** Reads `tc -j -d class show dev D`. Classes of other qdiscs, and of other majors, are not ours to see. */
export function parseClasses(json: string, queues: LeafQueues = new Map()): KernelTree {
  const tree = new Map<number, KernelClass>()
  for (const [place, c] of ourClasses(json)) {
    const { rate, ceil, burst, cburst, quantum = 0, prio = 0 } = c
    const { queue = null } = queues.get(place.minor) ?? {}
    tree.set(place.minor, { ...place, rate, ceil, burst, cburst, quantum, prio, queue })
  }
  return tree
}

/** The same with -s: the counters alone. What a leaf's queue dropped by itself, its class does not know of. */
export function parseCounters(json: string, queues: LeafQueues = new Map()): CountedTree {
  const tree = new Map<number, CountedClass>()
  for (const [place, { stats }] of ourClasses(json)) {
    const { bytes = 0, packets = 0, drops = 0, backlog = 0 } = stats ?? {}
    const later = queues.get(place.minor)?.drops ?? 0
    tree.set(place.minor, { ...place, bytes, packets, drops: Math.max(drops, later), backlog })
  }
  return tree
}

function* ourClasses(json: string): Generator<readonly [{ readonly minor: number; readonly parent: number }, TcClass]> {
  for (const c of rowsIn<TcClass>(json)) {
    const minor = c.class === 'htb' ? minorOf(c.handle) : undefined
    if (minor === undefined) continue
    yield [{ minor, parent: c.root ? NO_PARENT : (minorOf(c.parent ?? '') ?? NO_PARENT) }, c]
  }
}

function minorOf(handle: string): number | undefined {
  const [major, minor] = handle.split(':')
  return major !== MAJOR.toString(16) || !minor ? undefined : Number.parseInt(minor, 16)
}

/**
 * The rows of a list, one by one: the largest edge has thousands of them on each device, and all at once they would be
 * most of what the agent takes. Each begins with the same key. tc prints nothing at all for some empty answers. The
 * shapes above are what tc prints; whatever else a row holds is not read.
 */
function* rowsIn<Row>(json: string): Generator<Row> {
  const text = json.trim()
  const [, head] = /^\[(\{"\w+":)/.exec(text) ?? []
  if (head === undefined) return
  const seam = `},${head}`
  for (let from = 1, at = 0; at >= 0; from = at + 2) {
    at = text.indexOf(seam, from)
    yield JSON.parse(text.slice(from, at < 0 ? text.lastIndexOf(']') : at + 1)) as Row
  }
}

/** What a complaint of tc, nft or the shell means for the rest of the work. */
export type ComplaintKind = 'device-away' | 'not-permitted' | 'tool-missing' | 'not-supported' | 'failed'

export interface Complaint {
  readonly kind: ComplaintKind
  /** The first telling line, for people. */
  readonly text: string
  readonly advice: string
}

const AWAY = /Cannot find device|No such device|does not exist/
/** Whether somebody complains that there is no such interface. */
export const saysAway = (text: string): boolean => AWAY.test(text)

const CATALOGUE: readonly (readonly [RegExp, ComplaintKind, string])[] = [
  [AWAY, 'device-away', 'is the interface there and named so?'],
  [/Operation not permitted/, 'not-permitted', 'the agent needs CAP_NET_ADMIN (AmbientCapabilities=CAP_NET_ADMIN)'],
  [/ENOENT|not found/, 'tool-missing', 'install iproute2 (tc) and nftables (nft)'],
  [/Specified qdisc kind is unknown|Operation not supported/, 'not-supported', 'the kernel lacks HTB or nftables'],
]
const NOISE = /^(Command failed -:\d+|\s*\^+|Usage:|\s|We have an error talking to the kernel)|Consider r2q change/

/** The first complaint in a tool's stderr; null: only warnings, or nothing. */
export function parseComplaint(stderr: string): Complaint | null {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '' && !NOISE.test(line))
  if (lines.length === 0) return null
  for (const [pattern, kind, advice] of CATALOGUE) {
    const text = lines.find((line) => pattern.test(line))
    if (text !== undefined) return { kind, text: text.trim(), advice }
  }
  return { kind: 'failed', text: lines[0]!.trim(), advice: 'see `tc -s class show` on the device' }
}
