// linux-htb: shaping by the kernel of a Linux gateway. HTB on the egress of both sides (down on the LAN devices, up on
// the WAN devices; division.ts says how much of a flow each has) and a packet filter that tells it the class of every
// packet: nftables, or u32 where there is no nft.
//
// The pure core: desired.ts says what the trees shall be, nft.ts and u32.ts what the filter shall be, tree-diff.ts
// what is to be done about it. The rim: kernel.ts. Here they meet: observe, plan, apply, and after each apply read
// back and plan again, because tc reports success for things it did not do. What is left is tried once more, then
// reported as refused.
//
// Nothing is ever flushed: without a controller, or with an agent that ended, the last rates stay in force.

import type { EdgeProfile, Refusal } from '../../../model/lease.js'
import { type BitsPerSecond, formatRate, fromBytes, type Milliseconds } from '../../../model/units.js'
import { type Clock, systemClock, type Timer } from '../../../runtime/clock.js'
import { messageOf } from '../../../runtime/errors.js'
import type { Logger } from '../../../runtime/log.js'
import type {
  ApplyResult,
  Capabilities,
  Desired,
  Driver,
  Operation,
  Removal,
  Stats,
  Surroundings,
} from '../../driver.js'
import { classification } from './classification.js'
import { type Counters, createCounters } from './counters.js'
import { type ClassTree, desiredTree, limitedBelowPort, sumBelowPort } from './desired.js'
import { type Device, devicesOf, type Interfaces, namesOf } from './devices.js'
import { createDivision, type Division } from './division.js'
import { type Exec, type Follow, exec as systemExec, follow as systemFollow } from './exec.js'
import { createKernel, type Kernel, ofPresent, type Queues } from './kernel.js'
import type { QueueKind } from './leaf-queue.js'
import { monitorKernel } from './monitor.js'
import { type NftTable, nftDiff, nftTable, tableName } from './nft.js'
import { Others } from './others.js'
import { type FilterTool, foreignText, probe, type Side } from './probe.js'
import { createSurroundings } from './surroundings.js'
import { addRoot, inOrder, removeRoot, replaceRoot, treeDiff } from './tree-diff.js'
import { type U32Filter, u32Diff, u32Filter } from './u32.js'

export interface LinuxHtbOptions {
  /** Interfaces towards the institutions: their egress is `down`. */
  readonly lan: Interfaces
  /** Interfaces towards the network: their egress is `up`. */
  readonly wan: Interfaces
  /** What some of them can carry at most, by name. */
  readonly ports?: Readonly<Record<string, BitsPerSecond>>
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

/** By device. */
export type Observed = readonly Side[]

/** Of the tool that is used: the texts of the other are as long as all that is kept beside them. */
interface WantedFilter {
  readonly nft: NftTable | null
  readonly u32: U32Filter | null
}

const DIRECTIONS = [0, 1] as const
/** Where a flow is divided over devices it is looked at so often what arrives on which. */
const DIVIDE_EVERY: Milliseconds = 1_000
/** So long after a change the monitor may still tell of it. */
const OWN_ECHO: Milliseconds = 300

/** @throws MizaniError, exit code 2, when the interfaces cannot be shaped together. */
export const createLinuxHtb = (options: LinuxHtbOptions): Driver<Observed> => new LinuxHtb(options)

class LinuxHtb implements Driver<Observed> {
  readonly name = 'linux-htb'
  readonly simulated = false
  readonly #devices: readonly Device[]
  readonly #kernel: Kernel
  readonly #clock: Clock
  readonly #log: Logger
  readonly #monitor: (changed: (what: string) => void, again: () => void) => () => void
  #unwatch = (): void => {}
  readonly #counters: Counters
  readonly #division: Division
  /** Says that shares have moved; nobody listens before it is watched. */
  #moved = (): void => {}
  #readAt: Milliseconds = Number.NEGATIVE_INFINITY
  /** Shares rest while they are set: what is read back is compared with what was meant. */
  #isApplying = false
  #away: ReadonlySet<string> = new Set()
  readonly #surroundings: ReturnType<typeof createSurroundings>
  readonly #filterWish: 'auto' | FilterTool
  /** Chosen once: switching would leave the other tool's rules behind. */
  #tool: Promise<FilterTool> | undefined
  readonly #queueWish: 'auto' | QueueKind
  /** Known before the first look is over. */
  #queue: QueueKind = 'bfifo'
  #queueKnown: Promise<QueueKind> | undefined
  /** By device: u32 cannot carry a mark, so what was loaded is remembered; a new process loads it once more. */
  readonly #u32Marks: (string | null)[]
  /** Both are made once: an agent asks for the same object before and after it applies. */
  #trees: { readonly of: readonly Desired[]; readonly wanted: readonly ClassTree[] } | undefined
  #filters:
    | { readonly of: EdgeProfile; readonly tool: FilterTool; readonly wanted: readonly WantedFilter[] }
    | undefined
  /** What the plan at hand was made from. */
  #seen: Observed | undefined
  readonly #others = new Others()
  #appliedAt: Milliseconds = Number.NEGATIVE_INFINITY

  constructor({ lan, wan, ports, netns, filter = 'auto', queue = 'auto', log, ...around }: LinuxHtbOptions) {
    const { exec = systemExec, clock = systemClock } = around
    const { follow = around.exec ? null : systemFollow } = around
    this.#devices = devicesOf(lan, wan, ports)
    const tables = this.#devices.map(({ device }) => `mizani-${device}`)
    const isOwn = (): boolean => this.#isApplying || clock.monotonic() - this.#appliedAt < OWN_ECHO
    const watched = { tables, devices: this.#devices.map(({ device }) => device), isOwn }
    this.#monitor = (changed, again) =>
      follow ? monitorKernel(watched, { changed, again }, { follow, netns, clock, log }) : () => {}
    this.#queueWish = queue
    this.#kernel = createKernel(exec, netns)
    this.#clock = clock
    this.#log = log
    this.#counters = createCounters(clock, this.#devices)
    this.#division = createDivision(this.#devices)
    this.#surroundings = createSurroundings(this.#kernel, this.#devices, this.#division.full)
    this.#u32Marks = this.#devices.map(() => null)
    this.#filterWish = filter
  }

  async probe(): Promise<Capabilities> {
    return probe(this.#kernel, this.#devices, await this.#filterTool(), await this.#queueKind())
  }

  async observe(): Promise<Observed> {
    this.#queue = await this.#queueKind()
    const isNft = (await this.#filterTool()) === 'nft'
    const [queues, tables] = await Promise.all([
      ofPresent(this.#devices, (device) => this.#kernel.queues(device)),
      isNft ? Promise.all(this.#devices.map((d) => this.#kernel.table(tableName(d.direction, d.device)))) : null,
    ])
    this.#noteAway(queues)
    const side = async (one: Device, k: number): Promise<Side> => {
      const { root, tree } = queues[k] ?? NOTHING
      const stands = { ...one, root, tree, isAway: !queues[k] }
      if (tables) return { ...stands, filter: { tool: 'nft', table: tables[k]! } }
      const leads = root.owner === 'ours' ? await this.#kernel.u32Leads(one.device) : ''
      return { ...stands, filter: { tool: 'u32', mark: this.#u32Marks[k]!, leads } }
    }
    this.#seen = this.#others.compare(await Promise.all(this.#devices.map(side)))
    return this.#seen
  }

  readonly takenAway = (): string | null => this.#others.takenAway()

  plan(desired: Desired, observed: Observed): readonly Operation[] {
    this.#counters.learn(desired.rates)
    // In hold what stands is left as it is; what is gone, as after a reboot, is made again of the rates that are held.
    const isLeft = (side: Side): boolean =>
      side.isAway || (desired.enforcement === 'hold' && (desired.rates.length === 0 || stands(side)))
    if (observed.every(isLeft)) return []
    const trees = this.#wantedTrees(desired, observed)
    const filters = this.#wantedFilters(desired.profile, observed[0]!.filter.tool)
    return inOrder(observed.flatMap((side, k) => (isLeft(side) ? [] : this.#planSide(side, trees[k]!, filters[k]!))))
  }

  async apply(operations: readonly Operation[], desired: Desired): Promise<ApplyResult<Observed>> {
    this.#isApplying = true
    return this.#apply(operations, desired).finally(() => {
      this.#isApplying = false
      this.#appliedAt = this.#clock.monotonic()
    })
  }

  async #apply(operations: readonly Operation[], desired: Desired): Promise<ApplyResult<Observed>> {
    const refusal = this.#refuse(desired, this.#seen ?? (await this.observe()))
    if (refusal) return { applied: 0, refusal }
    if (operations.length === 0) return { applied: 0, refusal: null }

    let observed = await this.#bring(operations, desired)
    let left = this.plan(desired, observed)
    let complaint = ''
    if (left.length > 0 && operations.every(isChange)) {
      // Somebody may have taken away what these steps were to change: all of it is looked at.
      observed = await this.observe()
      left = this.plan(desired, observed)
    }
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
    const trees = await ofPresent(this.#devices, (device) => this.#kernel.counters(device, kind))
    this.#readAt = this.#clock.monotonic()
    if (!this.#isApplying && this.#division.learn(trees, this.#readAt)) this.#moved()
    return this.#counters.read(trees)
  }

  async surroundings(): Promise<Surroundings> {
    return this.#surroundings((await this.#filterTool()) === 'nft', await this.#queueKind())
  }

  /** Queues first: while they stand, what no filter sorts is shaped as unmapped. */
  readonly removal: Removal<Observed> = {
    plan: (observed) =>
      inOrder(
        observed.flatMap(({ device, direction, root, filter }) => {
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

  readonly watch = (changed: (what: string) => void, moved: () => void, again: () => void): void => {
    this.#unwatch()
    this.#moved = moved
    const ends = [this.#monitor(changed, again), this.#division.isNeeded ? this.#followLoad() : () => {}]
    this.#unwatch = () => {
      for (const end of ends) end()
      this.#moved = () => {}
    }
  }

  async close(): Promise<void> {
    this.#unwatch()
  }

  /** Counters are read for reports, on slow lines too seldom. */
  #followLoad(): () => void {
    let timer: Timer
    let isOver = false
    const again = (): void => {
      timer = this.#clock.setTimer(DIVIDE_EVERY, async () => {
        if (this.#clock.monotonic() - this.#readAt > DIVIDE_EVERY / 2)
          await this.stats().catch((error: unknown) => this.#log.debug({ reason: messageOf(error) }, 'shares stay'))
        if (!isOver) again()
      })
    }
    again()
    return () => {
      isOver = true
      timer.cancel()
    }
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

  #noteAway(queues: readonly (Queues | null)[]): void {
    const away = new Set(this.#devices.flatMap(({ device }, k) => (queues[k] ? [] : [device])))
    for (const device of away) {
      if (!this.#away.has(device))
        this.#log.error({ device }, 'there is no such interface: what it had goes to the others')
    }
    for (const device of this.#away) if (!away.has(device)) this.#log.info({ device }, 'this interface is there again')
    this.#away = away
  }

  /**
   * Carries the steps out and reads back. After steps that change classes and queues alone, as nearly all do, filters
   * stand as they were seen before.
   */
  async #bring(operations: readonly Operation[], desired: Desired): Promise<Observed> {
    const before = this.#seen
    if (!before || !operations.every(isChange)) {
      await this.#carryOut(operations, desired)
      return this.observe()
    }
    const present = before.filter(({ isAway }) => !isAway)
    const queues = await this.#kernel.change(operations, present)
    if (!queues) return this.observe()
    this.#seen = this.#others.compare(before.map((side) => ({ ...side, ...queues[present.indexOf(side)] })))
    return this.#seen
  }

  #planSide({ device, root, tree, filter }: Side, wantedTree: ClassTree, wanted: WantedFilter): Operation[] {
    const build = root.owner === 'ours' ? [] : [root.owner === 'kernel' ? addRoot(device) : replaceRoot(device)]
    const classes = treeDiff(device, wantedTree, tree, this.#queue)
    if (filter.tool === 'nft') {
      const table = wanted.nft && nftDiff(wanted.nft, filter.table)
      return [...build, ...classes, ...(table ? [table] : [])]
    }
    const classesGo = classes.some(({ kind }) => kind === 'delete')
    const rules = wanted.u32 ? u32Diff(device, wanted.u32, filter, classesGo) : []
    const removals = rules.filter(({ kind }) => kind === 'delete')
    return [...removals, ...build, ...classes, ...rules.slice(removals.length)]
  }

  #wantedTrees(desired: Desired, observed: Observed): readonly ClassTree[] {
    const standing = observed.map(({ isAway, tree }) => (isAway ? null : tree))
    const of = this.#division.of(desired, standing)
    if (this.#trees?.of !== of) {
      const wanted = this.#devices.map(({ direction }, k) =>
        desiredTree(of[k]!, direction, this.#division.floor(direction)),
      )
      this.#trees = { of, wanted }
    }
    return this.#trees.wanted
  }

  #wantedFilters(profile: EdgeProfile, tool: FilterTool): readonly WantedFilter[] {
    if (this.#filters?.of !== profile || this.#filters.tool !== tool) {
      const c = classification(profile)
      for (const reason of c.ignored) this.#log.warn({ edge: profile.edge }, `left to unmapped: ${reason}`)
      const ends = { lan: namesOf(this.#devices, 0), wan: namesOf(this.#devices, 1) }
      const wanted = this.#devices.map(({ device, direction }) => ({
        nft: tool === 'nft' ? nftTable(c, direction, device, ends) : null,
        u32: tool === 'u32' ? u32Filter(c, direction, device) : null,
      }))
      this.#filters = { of: profile, tool, wanted }
    }
    return this.#filters.wanted
  }

  /** Why these rates must not be applied here; null: they may. */
  #refuse(desired: Desired, observed: Observed): Refusal | null {
    for (const { device, root } of observed) {
      if (root.owner !== 'foreign' || this.#others.mayReplace(device, root)) continue
      return { code: 'FOREIGN_QDISC', detail: foreignText(device, root) }
    }
    if (desired.enforcement !== 'enforce') return null
    const trees = this.#wantedTrees(desired, observed)
    for (const direction of DIRECTIONS) {
      const its = observed.flatMap((side, k) => (side.direction === direction && !side.isAway ? [k] : []))
      const wanted = its.map((k) => trees[k]!)
      const standing = its.map((k) => observed[k]!.tree)
      const { down, up } = desired.profile.port
      const excess = limitedBelowPort(wanted) - (direction === 0 ? down : up)
      // A decrease is never refused for its size, and a gateway without any shaping is worse than one with too much.
      const stands = standing.some((tree) => tree.size > 0)
      if (excess <= 0 || !stands || sumBelowPort(wanted) <= fromBytes(sumBelowPort(standing))) continue
      const names = its.map((k) => observed[k]!.device).join(' and ')
      const detail = `the rates on ${names} exceed its port by ${formatRate(excess)}, and what is in force too`
      return { code: 'BOUNDS', detail }
    }
    return null
  }

  /** Returns what to say of steps that turn out not to have been done. */
  async #carryOut(operations: readonly Operation[], desired: Desired): Promise<string> {
    this.#others.spare(operations)
    const complaint = await this.#kernel.run(operations)
    if ((await this.#filterTool()) === 'u32' && operations.some(({ kind }) => kind === 'filter')) {
      for (const [k, { u32 }] of this.#wantedFilters(desired.profile, 'u32').entries()) this.#u32Marks[k] = u32!.mark
    }
    return complaint ? `${complaint.text} (${complaint.advice})` : 'done by their word, but not found in the kernel'
  }
}

/** A step after which filters and the root stand as before: it adds and deletes nothing. */
const isChange = ({ text }: Operation): boolean => /^(class change|qdisc replace dev \S+ parent) /.test(text)

/** Whether it shapes: with rules of u32 nobody but who made them knows that they are gone. */
const stands = ({ root, tree, filter }: Side): boolean =>
  root.owner === 'ours' && tree.size > 0 && (filter.tool === 'u32' || filter.table !== null)

const NOTHING: Queues = { root: { owner: 'kernel' }, tree: new Map() }
