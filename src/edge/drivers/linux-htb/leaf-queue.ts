// What waits in a leaf of the tree: fq_codel or cake where the kernel has one of them, so that flows inside a leaf do
// not wait behind each other, and otherwise a plain queue. Each is bounded in bytes: a limit in packets would hold 19
// MB where packets are gathered.
//
// fq_codel comes first because there are two thousand leaves at the largest edge: with 128 flows it takes 9 kB each,
// while cake takes 0.9 MB however it is set (eight tins of 1,024 flows). Both drop as they send, which HTB does not
// see: their drops are counted at the queue (kernel.ts).
//
// Not run: fq_codel and cake, which no kernel here has. Their words are those of tc-fq_codel(8) and tc-cake(8), what is
// read back is what iproute2's q_fq_codel.c and q_cake.c print.

import { FRAME } from '../../../model/burst.js'
import { type BitsPerSecond, type Bytes, toBytes } from '../../../model/units.js'

/** The best first. */
export const QUEUE_KINDS = ['fq_codel', 'cake', 'bfifo'] as const
export type QueueKind = (typeof QUEUE_KINDS)[number]

/** A queue that could not hold one gathered packet would drop every one of them. */
const MIN_QUEUE: Bytes = 65_536
const MAX_QUEUE: Bytes = 32 * 1024 * 1024
/** Queues hold between this and twice this, so that their limits need not follow every change of a rate. */
const MIN_QUEUE_SECONDS = 0.025
/** What the kernel charges a waiting packet is about twice what it has on the line. */
const MEMORY_RATIO = 2
const CODEL_TARGET_MS = 5
const CODEL_INTERVAL_MS = 100
/** A queue always holds the packet that is being sent: CoDel must not take that for a standing queue. */
const TARGET_FRAMES = 1.5
/** More than one leaf's share of concurrent flows is hashed together; the kernel's own choice is 1,024. */
const CODEL_FLOWS = 128
const CODEL_PACKETS = 10_240

/** Bytes a leaf may queue: the power of two between 25 and 50 ms at its ceil, within bounds. */
export function queueLimit(ceil: BitsPerSecond): Bytes {
  const least = toBytes(ceil) * MIN_QUEUE_SECONDS
  return Math.min(Math.max(2 ** Math.ceil(Math.log2(least)), MIN_QUEUE), MAX_QUEUE)
}

/** The queue of a leaf with this ceil in tc's words, less what only a new one may be told. */
export function queueFor(kind: QueueKind, ceil: BitsPerSecond): string {
  const limit = queueLimit(ceil)
  if (kind === 'bfifo') return `bfifo limit ${limit}`
  if (kind === 'cake') return `cake unlimited besteffort memlimit ${MEMORY_RATIO * limit}`
  const frames = (TARGET_FRAMES * FRAME * 8_000) / ceil
  const target = frames <= CODEL_TARGET_MS ? CODEL_TARGET_MS : 2 ** Math.ceil(Math.log2(frames))
  return codelText(CODEL_PACKETS, target, CODEL_INTERVAL_MS + target - CODEL_TARGET_MS, MEMORY_RATIO * limit)
}

const codelText = (packets: number, target: number, interval: number, memory: Bytes): string =>
  `fq_codel limit ${packets} target ${target}ms interval ${interval}ms memory_limit ${memory}`

/** The same for a queue that is not there yet: the kernel refuses to be told the number of flows later. */
export const newQueue = (queue: string): string =>
  queue.startsWith('fq_codel ') ? `${queue} flows ${CODEL_FLOWS}` : queue

/** Options of a queue as `tc -j qdisc show` has them. */
export interface QueueOptions {
  readonly limit?: number
  readonly target?: number
  readonly interval?: number
  readonly memory_limit?: number
  readonly diffserv?: string
  readonly bandwidth?: string | number
  readonly memlimit?: number
}

/** What stands, in the words of `queueFor`; null: none of the three. CoDel counts in ticks of 1,024 ns. */
export function queueRead(kind: string, o: QueueOptions): string | null {
  const ms = (microseconds = 0): number => Math.round(microseconds / 1_000)
  if (kind === 'bfifo') return `bfifo limit ${o.limit ?? 0}`
  if (kind === 'cake') return `cake ${o.bandwidth ?? ''} ${o.diffserv ?? ''} memlimit ${o.memlimit ?? 0}`
  return kind === 'fq_codel' ? codelText(o.limit ?? 0, ms(o.target), ms(o.interval), o.memory_limit ?? 0) : null
}
