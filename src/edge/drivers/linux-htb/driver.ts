// linux-htb: shaping by the kernel of a Linux gateway. HTB on the egress of both sides (down on the LAN device, up on
// the WAN device) and a packet filter that tells it the class of every packet: nftables, or u32 where there is no
// nft.
//
// The pure core: desired.ts says what the trees shall be, nft.ts and u32.ts what the filter shall be, tree-diff.ts
// what is to be done about it. The rim: kernel.ts. Here they meet: observe, plan, apply, and after each apply read
// back and plan again, because tc reports success for things it did not do. What is left is tried once more, then
// reported as refused.
//
// Nothing is ever flushed: without a controller, or with an agent that ended, the last rates stay in force.

import type { EdgeProfile, Refusal } from '../../../model/lease.js'
import { formatRate, fromBytes } from '../../../model/units.js'
import { type Clock, systemClock } from '../../../runtime/clock.js'
import { usageError } from '../../../runtime/errors.js'
import type { Logger } from '../../../runtime/log.js'
import {
  type ApplyResult,
  type Capabilities,
  type Desired,
  type Driver,
  OPERATION_ORDER,
  type Operation,
  type Removal,
  type Stats,
  type Surroundings,
} from '../../driver.js'
import { classification } from './classification.js'
import { type Counters, createCounters } from './counters.js'
import { type ClassTree, desiredTree, portExcess } from './desired.js'
import { type Exec, type Follow, exec as systemExec, follow as systemFollow } from './exec.js'
import { createKernel, type Kernel } from './kernel.js'
import { PORT_MINOR } from './layout.js'
import type { QueueKind } from './leaf-queue.js'
import { monitorTables } from './monitor.js'
import { type NftTable, nftDiff, nftTable, tableName } from './nft.js'
import type { KernelTree } from './parse.js'
import { type FilterTool, foreignText, probe, type Side } from './probe.js'
import { createSurroundings } from './surroundings.js'
import { addRoot, removeRoot, treeDiff } from './tree-diff.js'
import { type U32Filter, u32Diff, u32Filter } from './u32.js'

export interface LinuxHtbOptions {
  /** Interface towards the institutions: its egress is `down`. */
  readonly lan: string
  /** Interface towards the network: its egress is `up`. */
  readonly wan: string
  /** Network namespace to work in; absent: this process's own. */
  readonly netns?: string
  readonly exec?: Exec
  /** Absent beside an `exec`: changes by others are found by looking alone. */
  readonly follow?: Follow
  readonly clock?: Clock
  /** `auto` takes nftables where nft is installed. */
  readonly filter?: 'auto' | FilterTool
  /** `auto` takes the best that the kernel has. */
  readonly queue?: 'auto' | QueueKind
  readonly log: Logger
}

/** By direction: down, up. */
export type Observed = readonly [Side, Side]

interface WantedFilter {
  readonly nft: NftTable
  readonly u32: U32Filter
}

const DIRECTIONS = [0, 1] as const
/** Interface names as the kernel allows them, less what would need quoting. */
const DEVICE = /^[A-Za-z][A-Za-z0-9_.-]{0,14}$/

/** @throws MizaniError, exit code 2, when the interfaces cannot be two interfaces. */
export function createLinuxHtb(options: LinuxHtbOptions): Driver<Observed> {
  const { lan, wan } = options
  for (const device of [lan, wan]) {
    if (!DEVICE.test(device)) throw usageError(`"${device}" is not the name of a network interface`)
  }
  if (lan === wan)
    throw usageError(`--lan and --wan are both "${lan}": each direction is shaped on a device of its own`)
  return new LinuxHtb(options)
}

class LinuxHtb implements Driver<Observed> {
  readonly name = 'linux-htb'
  readonly simulated = false
  readonly #devices: readonly [string, string]
  readonly #kernel: Kernel
  readonly #log: Logger
  readonly #monitor: (changed: (what: string) => void) => () => void
  #unwatch = (): void => {}
  readonly #counters: Counters
  readonly #surroundings: ReturnType<typeof createSurroundings>
  readonly #filterWish: 'auto' | FilterTool
  /** Chosen once: switching would leave the other tool's rules behind. */
  #tool: Promise<FilterTool> | undefined
  readonly #queueWish: 'auto' | QueueKind
  /** Known before the first look is over. */
  #queue: QueueKind = 'bfifo'
  #queueKnown: Promise<QueueKind> | undefined
  /** u32 cannot carry a mark, so what was loaded is remembered; a new process loads it once more. */
  readonly #u32Marks: [string | null, string | null] = [null, null]
  /** Both are made once: an agent asks for the same object before and after it applies. */
  #trees: { readonly of: Desired; readonly wanted: readonly [ClassTree, ClassTree] } | undefined
  #filters: { readonly of: EdgeProfile; readonly wanted: readonly [WantedFilter, WantedFilter] } | undefined
  /** What the plan at hand was made from. */
  #seen: Observed | undefined

  constructor({ lan, wan, netns, filter = 'auto', queue = 'auto', log, ...around }: LinuxHtbOptions) {
    const { exec = systemExec, clock = systemClock } = around
    const { follow = around.exec ? null : systemFollow } = around
    const tables = [lan, wan].map((device) => `mizani-${device}`)
    this.#monitor = (changed) => (follow ? monitorTables(tables, changed, { follow, netns, clock, log }) : () => {})
    this.#devices = [lan, wan]
    this.#queueWish = queue
    this.#kernel = createKernel(exec, netns)
    this.#log = log
    this.#counters = createCounters(clock)
    this.#surroundings = createSurroundings(this.#kernel, this.#devices)
    this.#filterWish = filter
  }

  async probe(): Promise<Capabilities> {
    return probe(this.#kernel, this.#devices, await this.#filterTool(), await this.#queueKind())
  }

  async observe(): Promise<Observed> {
    this.#queue = await this.#queueKind()
    const isNft = (await this.#filterTool()) === 'nft'
    const tableOf = (direction: 0 | 1) => this.#kernel.table(tableName(direction, this.#devices[direction]))
    const [queues, tables] = await Promise.all([
      this.#kernel.queues(...this.#devices),
      isNft ? Promise.all([tableOf(0), tableOf(1)]) : null,
    ])
    const side = async (direction: 0 | 1): Promise<Side> => {
      const { root, tree } = queues[direction]!
      if (tables) return { root, tree, filter: { tool: 'nft', table: tables[direction] } }
      const leads = root.owner === 'ours' ? await this.#kernel.u32Leads(this.#devices[direction]) : ''
      return { root, tree, filter: { tool: 'u32', mark: this.#u32Marks[direction], leads } }
    }
    this.#seen = await Promise.all([side(0), side(1)])
    return this.#seen
  }

  plan(desired: Desired, observed: Observed): readonly Operation[] {
    this.#counters.learn(desired.rates)
    if (desired.enforcement === 'hold') return []
    return inOrder(DIRECTIONS.flatMap((direction) => this.#planSide(desired, direction, observed[direction])))
  }

  async apply(operations: readonly Operation[], desired: Desired): Promise<ApplyResult<Observed>> {
    const refusal = this.#refuse(desired, this.#seen ?? (await this.observe()))
    if (refusal) return { applied: 0, refusal }
    if (operations.length === 0) return { applied: 0, refusal: null }

    let observed = await this.#bring(operations, desired)
    let left = this.plan(desired, observed)
    let complaint = ''
    if (left.length > 0) {
      complaint = await this.#carryOut(left, desired)
      observed = await this.observe()
      left = this.plan(desired, observed)
    }
    if (left.length > 0 && this.#queue !== 'bfifo' && left.every(({ text }) => text.startsWith('qdisc '))) {
      // Shaping comes before the better queue. It was said to be there, and is not, or reads otherwise than it should.
      this.#log.warn({ queue: this.#queue, first: left[0]!.text, complaint }, 'leaves have bfifo instead')
      this.#queueKnown = Promise.resolve('bfifo')
      complaint = await this.#carryOut(this.plan(desired, await this.observe()), desired)
      observed = await this.observe()
      left = this.plan(desired, observed)
    }
    const applied = operations.length - Math.min(left.length, operations.length)
    if (left.length === 0) return { applied, refusal: null, observed }
    this.#log.warn({ left: left.length, first: left[0]!.text }, complaint)
    return { applied, refusal: { code: 'DRIVER', detail: `${left.length} steps failed twice: ${complaint}` } }
  }

  async stats(): Promise<Stats> {
    const kind = await this.#queueKind()
    return this.#counters.read(await Promise.all(this.#devices.map((device) => this.#kernel.counters(device, kind))))
  }

  async surroundings(): Promise<Surroundings> {
    return this.#surroundings((await this.#filterTool()) === 'nft', await this.#queueKind())
  }

  /** Queues first: while they stand, what no filter sorts is shaped as unmapped. */
  readonly removal: Removal<Observed> = {
    plan: (observed) =>
      inOrder(
        DIRECTIONS.flatMap((direction) => {
          const device = this.#devices[direction]
          const { root, filter } = observed[direction]
          const table = filter.tool === 'nft' && filter.table !== null
          return [
            ...(root.owner === 'ours' ? [removeRoot(device)] : []),
            ...(table ? [{ kind: 'filter' as const, text: `delete table ${tableName(direction, device)}` }] : []),
          ]
        }),
      ),
    carryOut: async (operations) => {
      const complaint = await this.#kernel.run(operations)
      const left = this.removal.plan(await this.observe())
      if (left.length === 0) return null
      return { code: 'DRIVER', detail: `still there: ${left[0]!.text} (${complaint?.text ?? 'no complaint'})` }
    },
  }

  readonly watch = (changed: (what: string) => void): void => {
    this.#unwatch()
    this.#unwatch = this.#monitor(changed)
  }

  async close(): Promise<void> {
    this.#unwatch()
  }

  #filterTool(): Promise<FilterTool> {
    const wish = this.#filterWish
    const choose = async (): Promise<FilterTool> =>
      wish === 'auto' ? ((await this.#kernel.nftVersion()) === null ? 'u32' : 'nft') : wish
    this.#tool ??= choose()
    return this.#tool
  }

  #queueKind(): Promise<QueueKind> {
    this.#queueKnown ??= this.#queueWish === 'auto' ? this.#kernel.queueKind() : Promise.resolve(this.#queueWish)
    return this.#queueKnown
  }

  /**
   * Carries the steps out and reads back. After steps that change classes and queues alone, as nearly all do, filters
   * stand as they were seen before.
   */
  async #bring(operations: readonly Operation[], desired: Desired): Promise<Observed> {
    const before = this.#seen
    if (!before || operations.some(({ text }) => !/^(class change|qdisc replace) /.test(text))) {
      await this.#carryOut(operations, desired)
      return this.observe()
    }
    const named = before.map((side, direction) => ({ ...side, device: this.#devices[direction]! }))
    const [down, up] = (await this.#kernel.change(operations, named)) ?? []
    if (!down || !up) return this.observe()
    this.#seen = [
      { ...before[0], ...down },
      { ...before[1], ...up },
    ]
    return this.#seen
  }

  #planSide(desired: Desired, direction: 0 | 1, { root, tree, filter }: Side): Operation[] {
    const device = this.#devices[direction]
    const build = root.owner === 'ours' ? [] : [addRoot(device)]
    const classes = treeDiff(device, this.#wantedTrees(desired)[direction], tree, this.#queue)
    const wanted = this.#wantedFilters(desired.profile)[direction]
    if (filter.tool === 'nft') {
      const table = nftDiff(wanted.nft, filter.table)
      return [...build, ...classes, ...(table ? [table] : [])]
    }
    const classesGo = classes.some(({ kind }) => kind === 'delete')
    const rules = u32Diff(device, wanted.u32, filter, classesGo)
    const removals = rules.filter(({ kind }) => kind === 'delete')
    return [...removals, ...build, ...classes, ...rules.slice(removals.length)]
  }

  #wantedTrees(desired: Desired): readonly [ClassTree, ClassTree] {
    if (this.#trees?.of !== desired) {
      this.#trees = { of: desired, wanted: [desiredTree(desired, 0), desiredTree(desired, 1)] }
    }
    return this.#trees.wanted
  }

  #wantedFilters(profile: EdgeProfile): readonly [WantedFilter, WantedFilter] {
    if (this.#filters?.of !== profile) {
      const c = classification(profile)
      for (const reason of c.ignored) this.#log.warn({ edge: profile.edge }, `left to unmapped: ${reason}`)
      const side = (direction: 0 | 1): WantedFilter => ({
        nft: nftTable(c, direction, this.#devices[direction], this.#devices[0]),
        u32: u32Filter(c, direction, this.#devices[direction]),
      })
      this.#filters = { of: profile, wanted: [side(0), side(1)] }
    }
    return this.#filters.wanted
  }

  /** Why these rates must not be applied here; null: they may. */
  #refuse(desired: Desired, observed: Observed): Refusal | null {
    for (const direction of DIRECTIONS) {
      const { root, tree } = observed[direction]
      const device = this.#devices[direction]
      if (root.owner === 'foreign') return { code: 'FOREIGN_QDISC', detail: foreignText(device, root) }
      if (desired.enforcement !== 'enforce') continue
      const wanted = this.#wantedTrees(desired)[direction]
      const excess = portExcess(wanted)
      // A decrease is never refused for its size, and a gateway without any shaping is worse than one with too much.
      if (excess <= 0 || tree.size === 0 || sumBelowPort(wanted) <= fromBytes(sumBelowPort(tree))) continue
      const detail = `the rates on ${device} exceed its port by ${formatRate(excess)}, and what is in force too`
      return { code: 'BOUNDS', detail }
    }
    return null
  }

  /** Returns what to say of steps that turn out not to have been done. */
  async #carryOut(operations: readonly Operation[], desired: Desired): Promise<string> {
    const complaint = await this.#kernel.run(operations)
    if ((await this.#filterTool()) === 'u32' && operations.some(({ kind }) => kind === 'filter')) {
      for (const direction of DIRECTIONS) {
        this.#u32Marks[direction] = this.#wantedFilters(desired.profile)[direction].u32.mark
      }
    }
    return complaint ? `${complaint.text} (${complaint.advice})` : 'done by their word, but not found in the kernel'
  }
}

function sumBelowPort(tree: ClassTree | KernelTree): number {
  let sum = 0
  for (const { parent, rate } of tree.values()) if (parent === PORT_MINOR) sum += rate
  return sum
}

/** Stable: what each device needs stays in its own order. */
function inOrder(operations: Operation[]): Operation[] {
  return operations
    .map((operation, at) => ({ operation, at, rank: OPERATION_ORDER.indexOf(operation.kind) }))
    .sort((a, b) => a.rank - b.rank || a.at - b.at)
    .map(({ operation }) => operation)
}
