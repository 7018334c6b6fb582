// What others do at the interfaces that this driver shapes: which queues are theirs to keep, and what of ours they have
// taken away. That is the difference between two readings, less what the driver deleted itself in between. A rate that
// somebody changed is no such thing: the next plan sets it right.

import type { Operation } from '../../driver.js'
import { classId } from './layout.js'
import type { RootQdisc } from './parse.js'
import type { Side } from './probe.js'

/** Queues that limit nothing: whoever put one in the place of ours did not mean to shape. */
const PLAIN: ReadonlySet<string> = new Set(['pfifo', 'bfifo', 'pfifo_fast', 'fq', 'fq_codel', 'sfq', 'mq', 'noqueue'])

export class Others {
  #last: readonly Side[] = []
  /** Deletions of the driver since the last reading. */
  #own = new Set<string>()
  #taken: string[] = []
  /** Interfaces at whose root ours has stood since the driver began. */
  readonly #held = new Set<string>()

  /** Steps of the driver itself, before they are done. */
  spare(operations: readonly Operation[]): void {
    for (const { kind, text } of operations) if (kind === 'delete') this.#own.add(text)
  }

  /** Takes a reading in and gives it back. */
  compare<Reading extends readonly Side[]>(now: Reading): Reading {
    const gone = now.flatMap((side, k) => goneOf(this.#last[k], side, this.#own) ?? [])
    this.#taken.push(...gone.filter((text) => !this.#taken.includes(text)))
    for (const { device, root } of now) if (root.owner === 'ours') this.#held.add(device)
    this.#own = new Set()
    this.#last = now
    return now
  }

  /** What was found gone since this was asked last; null: nothing. */
  takenAway(): string | null {
    return this.#taken.splice(0).join('; ') || null
  }

  /** Whether a root queue of somebody else may go: it took the place of ours, and limits nothing. */
  mayReplace(device: string, root: RootQdisc): boolean {
    return root.owner === 'foreign' && this.#held.has(device) && PLAIN.has(root.kind)
  }
}

/** Null: nothing. An interface that was away at either reading is told elsewhere. */
function goneOf(had: Side | undefined, now: Side, own: ReadonlySet<string>): string | null {
  if (!had || had.isAway || now.isAway || had.root.owner !== 'ours' || had.tree.size === 0) return null
  const { device, root } = now
  if (root.owner === 'foreign') return `${device}: the whole tree, in its place a ${root.kind} queue (${root.handle})`
  if (root.owner === 'kernel') return `${device}: the whole tree`
  const missing = [...had.tree.keys()].filter((minor) => !now.tree.has(minor) && !own.has(classDeletion(device, minor)))
  // A reading of classes alone does not tell that their root is gone.
  if (missing.length === had.tree.size) return `${device}: the whole tree`
  if (missing.length > 0) {
    const more = missing.length > 1 ? ` and ${missing.length - 1} more` : ''
    return `${device}: class ${classId(missing[0]!)}${more}`
  }
  const isOwn = [...own].some((text) => text.startsWith(`filter del dev ${device} `))
  return hasFilter(had) && !hasFilter(now) && !isOwn ? `${device}: the packet filter` : null
}

/** The step that deletes a class. */
export const classDeletion = (device: string, minor: number): string =>
  `class del dev ${device} classid ${classId(minor)}`

const hasFilter = ({ filter }: Side): boolean => (filter.tool === 'nft' ? filter.table !== null : filter.leads !== '')
