// The steps from the classes a device has to the classes it shall have, in the order in which each is safe:
//
//   deletes     deepest first: a class with children cannot go
//   decreases   deepest first: HTB obeys children, so what they may send falls before what their parent may
//   adds        parents first: tc would silently put a class with a missing parent at the top, outside every limit
//   increases   parents first
//
// The comparison knows what the kernel rounds (bytes/s, bursts in ticks of 64 ns), so a second diff after a good
// apply is empty. A change always carries every parameter, because tc resets those that are left out.

import { fromBytes, toBytes } from '../../../model/units.js'
import { OPERATION_ORDER, type Operation } from '../../driver.js'
import type { ClassTree, TreeClass } from './desired.js'
import { classId, MAJOR, NO_PARENT, UNMAPPED_MINOR } from './layout.js'
import { newQueue, type QueueKind, queueFor } from './leaf-queue.js'
import { classDeletion } from './others.js'
import type { KernelClass, KernelTree } from './parse.js'

const TICK_SECONDS = 64e-9

/** Puts our HTB at the root of a device that has only what the kernel gave it. */
export const addRoot = (device: string): Operation => ({
  kind: 'add',
  text: `qdisc add dev ${device} root handle ${MAJOR}: htb default ${UNMAPPED_MINOR.toString(16)} r2q 1000`,
})

/** The same in place of a queue that somebody else put there. */
export const replaceRoot = (device: string): Operation => ({
  kind: 'add',
  text: addRoot(device).text.replace(' add ', ' replace '),
})

/** What waits in it is lost. */
export const removeRoot = (device: string): Operation => ({ kind: 'delete', text: `qdisc del dev ${device} root` })

export function treeDiff(
  device: string,
  desired: ClassTree,
  observed: KernelTree,
  kind: QueueKind = 'bfifo',
): Operation[] {
  const doomed = misplaced(desired, observed)
  const deletes = deepestFirst([...doomed], (minor) => depth(observed, minor)).map((minor) => ({
    kind: 'delete' as const,
    text: classDeletion(device, minor),
  }))
  const decreases: Operation[] = []
  const adds: Operation[] = []
  const increases: Operation[] = []

  for (const wanted of desired.values()) {
    const has = doomed.has(wanted.minor) ? undefined : observed.get(wanted.minor)
    if (!has) {
      adds.push({ kind: 'add', text: classText('add', device, wanted) })
      if (wanted.leaf) adds.push({ kind: 'add', text: queueText('add', device, wanted, kind, null) })
      continue
    }
    if (!alike(wanted, has)) {
      const grows =
        wanted.rate > fromBytes(has.rate) || (wanted.rate === fromBytes(has.rate) && wanted.ceil > fromBytes(has.ceil))
      const text = classText('change', device, wanted)
      if (grows) increases.push({ kind: 'increase', text })
      else decreases.unshift({ kind: 'decrease', text })
    }
    if (wanted.leaf && queueFor(kind, wanted.ceil) !== has.queue) {
      increases.push({ kind: 'increase', text: queueText('replace', device, wanted, kind, has.queue) })
    }
  }
  return [...deletes, ...decreases, ...adds, ...increases]
}

/** Classes that are not wanted or hang in the wrong place, and whatever hangs below those. */
function misplaced(desired: ClassTree, observed: KernelTree): Set<number> {
  const doomed = new Set<number>()
  for (const { minor, parent } of observed.values()) {
    const wanted = desired.get(minor)
    if (!wanted || wanted.parent !== parent) doomed.add(minor)
  }
  for (let before = -1; before !== doomed.size; ) {
    before = doomed.size
    for (const { minor, parent } of observed.values()) if (doomed.has(parent)) doomed.add(minor)
  }
  return doomed
}

function depth(tree: KernelTree, minor: number): number {
  let steps = 0
  for (let at = tree.get(minor); at && at.parent !== NO_PARENT; at = tree.get(at.parent)) steps++
  return steps
}

const deepestFirst = (minors: number[], depthOf: (minor: number) => number): number[] =>
  minors.sort((a, b) => depthOf(b) - depthOf(a) || a - b)

function alike(wanted: TreeClass, has: KernelClass): boolean {
  return (
    Math.floor(toBytes(wanted.rate)) === has.rate &&
    Math.floor(toBytes(wanted.ceil)) === has.ceil &&
    within(wanted.burst, has.burst, has.rate) &&
    within(wanted.cburst, has.cburst, has.ceil) &&
    (wanted.leaf === null || (wanted.leaf.quantum === has.quantum && wanted.leaf.prio === has.prio))
  )
}

const within = (wanted: number, has: number, bytesPerSecond: number): boolean =>
  Math.abs(wanted - has) <= Math.ceil(bytesPerSecond * TICK_SECONDS) + 2

/** One line of a `tc -batch`, every parameter named. */
function classText(verb: 'add' | 'change', device: string, c: TreeClass): string {
  const parent = c.parent === NO_PARENT ? `${MAJOR}:` : classId(c.parent)
  const share = c.leaf ? ` quantum ${c.leaf.quantum} prio ${c.leaf.prio}` : ''
  return (
    `class ${verb} dev ${device} parent ${parent} classid ${classId(c.minor)} htb` +
    ` rate ${c.rate}bit ceil ${c.ceil}bit burst ${c.burst} cburst ${c.cburst}${share}`
  )
}

/**
 * The handle repeats the minor. Where something stands already none is named: the kernel refuses to put a queue of
 * another kind under the same handle, and one of the same kind keeps its own. `standing`: what stands there.
 */
function queueText(
  verb: 'add' | 'replace',
  device: string,
  { minor, ceil }: TreeClass,
  kind: QueueKind,
  standing: string | null,
): string {
  const at = `qdisc ${verb} dev ${device} parent ${classId(minor)}`
  const queue = queueFor(kind, ceil)
  const text = standing?.startsWith(`${kind} `) ? queue : newQueue(queue)
  return verb === 'add' ? `${at} handle ${minor.toString(16)}: ${text}` : `${at} ${text}`
}

/** Stable: what each device needs stays in its own order. */
export function inOrder(operations: Operation[]): Operation[] {
  return operations
    .map((operation, at) => ({ operation, at, rank: OPERATION_ORDER.indexOf(operation.kind) }))
    .sort((a, b) => a.rank - b.rank || a.at - b.at)
    .map(({ operation }) => operation)
}
