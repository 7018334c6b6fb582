// linux-htb: shaping by the kernel of a Linux gateway. HTB on the egress of both sides (down on the LAN device, up on the
// WAN device) and a packet filter that tells it the class of every packet: nftables, or u32 where there is no nft.
//
// The pure core: desired.ts says what the trees shall be, nft.ts and u32.ts what the filter shall be, tree-diff.ts what is
// to be done about it. The rim: kernel.ts. Here they meet: observe, plan, apply, and after each apply read back and plan
// again, because tc reports success for things it did not do. What is left is tried once more, then reported as refused.
//
// Nothing is ever flushed: without a controller, or with an agent that ended, the last rates stay in force.

import type { EdgeProfile, Refusal } from '../../../model/lease.js'
import { formatRate } from '../../../model/units.js'
import { type Clock, systemClock } from '../../../runtime/clock.js'
import { usageError } from '../../../runtime/errors.js'
import type { Logger } from '../../../runtime/log.js'
import { type Desired, type Driver, OPERATION_ORDER, type Operation } from '../../driver.js'
import { classification } from './classification.js'
import { createCounters } from './counters.js'
import { type ClassTree, desiredTree, portExcess } from './desired.js'
import { type Exec, exec as systemExec } from './exec.js'
import { createKernel } from './kernel.js'
import { PORT_MINOR } from './layout.js'
import { type NftTable, nftDiff, nftTable, tableName } from './nft.js'
import type { KernelTree } from './parse.js'
import { foreignText, probe, type Side } from './probe.js'
import { addRoot, treeDiff } from './tree-diff.js'
import { type U32Filter, u32Diff, u32Filter } from './u32.js'

export interface LinuxHtbOptions {
  /** Interface towards the institutions: its egress is `down`. */
  readonly lan: string
  /** Interface towards the network: its egress is `up`. */
  readonly wan: string
  /** Network namespace to work in; absent: this process's own. */
  readonly netns?: string
  readonly exec?: Exec
  readonly clock?: Clock
  /** `auto` takes nftables where nft is installed. */
  readonly filter?: 'auto' | 'nft' | 'u32'
  readonly log: Logger
}

/** By direction: down, up. */
export type Observed = readonly [Side, Side]

type WantedFilters = readonly [{ nft: NftTable; u32: U32Filter }, { nft: NftTable; u32: U32Filter }]

const DIRECTIONS = [0, 1] as const
/** Interface names as the kernel allows them, less what would need quoting. */
const DEVICE = /^[A-Za-z][A-Za-z0-9_.-]{0,14}$/

export function createLinuxHtb(options: LinuxHtbOptions): Driver<Observed> {
  const { lan, wan, netns, log, clock = systemClock } = options
  for (const device of [lan, wan]) {
    if (!DEVICE.test(device)) throw usageError(`"${device}" is not the name of a network interface`)
  }
  if (lan === wan)
    throw usageError(`--lan and --wan are both "${lan}": each direction is shaped on a device of its own`)

  const devices = [lan, wan] as const
  const kernel = createKernel(options.exec ?? systemExec, netns)
  /** Chosen once: switching would leave the other tool's rules behind. */
  let tool: Promise<'nft' | 'u32'> | undefined
  const chooseTool = (): Promise<'nft' | 'u32'> => {
    const { filter = 'auto' } = options
    tool ??= filter === 'auto' ? kernel.nftVersion().then((v) => (v === null ? 'u32' : 'nft')) : Promise.resolve(filter)
    return tool
  }
  /** u32 cannot carry a mark, so what was loaded is remembered; a new process loads it once more. */
  const u32Marks: (string | null)[] = [null, null]
  const counters = createCounters(clock)

  const wantedFilters = memoize((profile: EdgeProfile): WantedFilters => {
    const c = classification(profile)
    for (const reason of c.ignored) log.warn({ edge: profile.edge }, `left to unmapped: ${reason}`)
    const of = (direction: 0 | 1) => ({
      nft: nftTable(c, direction, devices[direction]),
      u32: u32Filter(c, direction, devices[direction]),
    })
    return [of(0), of(1)]
  })

  async function observeSide(direction: 0 | 1): Promise<Side> {
    const device = devices[direction]
    if ((await chooseTool()) === 'nft') {
      const [classes, table] = await Promise.all([kernel.classes(device), kernel.table(tableName(direction, device))])
      return { ...classes, filter: { tool: 'nft', table } }
    }
    const classes = await kernel.classes(device)
    const rules = classes.root.owner === 'ours' ? await kernel.u32Rules(device) : 0
    return { ...classes, filter: { tool: 'u32', mark: u32Marks[direction] ?? null, rules } }
  }

  /** What the plan at hand was made from. */
  let seen: Observed | undefined
  async function observe(): Promise<Observed> {
    seen = await Promise.all([observeSide(0), observeSide(1)])
    return seen
  }

  function plan(desired: Desired, observed: Observed): Operation[] {
    counters.learn(desired.rates)
    if (desired.enforcement === 'hold') return []
    const filters = wantedFilters(desired.profile)
    const operations = DIRECTIONS.flatMap((direction) => {
      const { root, tree, filter } = observed[direction]
      const device = devices[direction]
      const build = root.owner === 'ours' ? [] : [addRoot(device)]
      const classes = treeDiff(device, desiredTree(desired, direction), tree)
      const wanted = filters[direction]
      if (filter.tool === 'nft') return [...build, ...classes, ...present(nftDiff(wanted.nft, filter.table))]
      const classesGo = classes.some(({ kind }) => kind === 'delete')
      const rules = u32Diff(device, wanted.u32, filter, classesGo)
      const removals = rules.filter(({ kind }) => kind === 'delete')
      return [...removals, ...build, ...classes, ...rules.slice(removals.length)]
    })
    return inOrder(operations)
  }

  async function carryOut(operations: readonly Operation[], desired: Desired): Promise<string> {
    const complaint = await kernel.run(operations)
    if ((await chooseTool()) === 'u32' && operations.some(({ kind }) => kind === 'filter')) {
      for (const direction of DIRECTIONS) u32Marks[direction] = wantedFilters(desired.profile)[direction].u32.mark
    }
    return complaint ? `${complaint.text} (${complaint.advice})` : 'done by their word, but not found in the kernel'
  }

  return {
    name: 'linux-htb',
    simulated: false,

    probe: async () => probe(kernel, devices, await chooseTool(), observeSide),
    observe,
    plan,

    async apply(operations, desired) {
      const refusal = refuse(desired, seen ?? (await observe()), devices)
      if (refusal) return { applied: 0, refusal }
      if (operations.length === 0) return { applied: 0, refusal: null }

      await carryOut(operations, desired)
      let left = plan(desired, await observe())
      let complaint = ''
      if (left.length > 0) {
        complaint = await carryOut(left, desired)
        left = plan(desired, await observe())
      }
      const applied = operations.length - Math.min(left.length, operations.length)
      if (left.length === 0) return { applied, refusal: null }
      log.warn({ left: left.length, first: left[0]!.text }, complaint)
      return { applied, refusal: { code: 'DRIVER', detail: `${left.length} steps failed twice: ${complaint}` } }
    },

    stats: async () => counters.read(await Promise.all(devices.map((device) => kernel.counters(device)))),

    close: async () => {},
  }
}

/** Why these rates must not be applied here; null: they may. */
function refuse(desired: Desired, observed: Observed, devices: readonly [string, string]): Refusal | null {
  for (const direction of DIRECTIONS) {
    const { root, tree } = observed[direction]
    if (root.owner === 'foreign') return { code: 'FOREIGN_QDISC', detail: foreignText(devices[direction], root) }
    if (desired.enforcement !== 'enforce') continue
    const wanted = desiredTree(desired, direction)
    const excess = portExcess(wanted)
    // A decrease is never refused for its size, and a gateway without any shaping is worse than one with too much.
    if (excess <= 0 || tree.size === 0 || sumBelowPort(wanted) <= sumBelowPort(tree) * 8) continue
    const detail = `the rates on ${devices[direction]} exceed its port by ${formatRate(excess)}, and what is in force too`
    return { code: 'BOUNDS', detail }
  }
  return null
}

function sumBelowPort(tree: ClassTree | KernelTree): number {
  let sum = 0
  for (const { parent, rate } of tree.values()) if (parent === PORT_MINOR) sum += rate
  return sum
}

const present = <T>(value: T | null): T[] => (value === null ? [] : [value])

/** Stable: what each device needs stays in its own order. */
function inOrder(operations: Operation[]): Operation[] {
  return operations
    .map((operation, at) => ({ operation, at, rank: OPERATION_ORDER.indexOf(operation.kind) }))
    .sort((a, b) => a.rank - b.rank || a.at - b.at)
    .map(({ operation }) => operation)
}

/** Remembers the answer for the newest question: profiles change rarely, and a new one is a new object. */
function memoize<Question, Answer>(answer: (question: Question) => Answer): (question: Question) => Answer {
  let last: { question: Question; answer: Answer } | undefined
  return (question) => {
    if (last?.question !== question) last = { question, answer: answer(question) }
    return last.answer
  }
}
