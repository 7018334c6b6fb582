// Question: of a nation's upstreams that are cut, how much reaches somebody?
//
// Goal      every upstream is cut to 30 % under institutions that send what they get and a little more, as TCP does:
//           carried over usable is at least 95 % once all is steady, and at least 90 % over the first 10 s of the cut.
// Non-goal  speed, and what TCP loses within a second. The clock is manual; controller, agents and the simulated data
//           plane with its links are the real ones.
//
// A sender raises what it offers to a quarter more than was carried in the last second, up to what it wants: a part or
// a few times of its promise, each its own. What links cannot carry never arrives (process/demo-links.ts); what is more
// than usable in a second counts as usable.

import { createHash } from 'node:crypto'
import { createAgent } from '../src/edge/agent.js'
import { createSimulatedDriver, type SimulatedDriver } from '../src/edge/drivers/simulated.js'
import { recordKey } from '../src/model/lease.js'
import { type LoadModel, type LoadSubject, promisedTo } from '../src/model/load.js'
import type { Direction } from '../src/model/network.js'
import type { PolicyDocument } from '../src/policy/document/document.js'
import { loadPlane } from '../src/policy/files/files.js'
import type { LinkState } from '../src/policy/in-force/link-state.js'
import { DemoLinks } from '../src/process/demo-links.js'
import { type ManualClock, manualClock } from '../src/runtime/clock.js'
import { shippedFile } from '../src/runtime/config.js'
import { createLogger } from '../src/runtime/log.js'
import { createSolverThreads } from '../src/tick/solver.js'
import { Bus } from './bus.js'
import { printTable, seeded } from './harness.js'

const SEED = 20261127
const CUT = 0.3
/** What a sender wants at least and at most, as a multiple of its promise. */
const WANTS = [0.1, 4] as const
/** A second later a sender tries so much more than what was carried, and never less than a packet or two. */
const GROWTH = 1.25
const LEAST = 20_000
const MOTION = 10
const STEADY = 30

/** Elastic senders behind one edge. */
class Senders {
  readonly #random: () => number
  /** institution/service/direction, in the order of the columns. */
  names: readonly string[] = []
  #wants = new Float64Array()
  #offers = new Float64Array()
  #bytes = new Float64Array()

  constructor(seed: number) {
    this.#random = seeded(seed)
  }

  readonly load = (subjects: readonly LoadSubject[]): LoadModel => {
    const [least, most] = WANTS
    this.names = subjects.map(({ institution, service, direction }) => `${institution}/${service}/${direction}`)
    this.#wants = Float64Array.from(subjects, (s) =>
      Math.min(s.ceiling, promisedTo(s) * (least + (most - least) * this.#random())),
    )
    this.#offers = this.#wants.map((want) => Math.min(want, 0.2 * want + LEAST))
    this.#bytes = new Float64Array(subjects.length)
    return { size: subjects.length, fill: (_, load) => load.set(this.#offers) }
  }

  /** After a second: bit/s that were carried of each flow. */
  async look(driver: SimulatedDriver, keyOf: (name: string) => number): Promise<Float64Array> {
    const counted = new Map<number, number>()
    for (const leaf of (await driver.stats()).leaves)
      counted.set(recordKey(leaf), (counted.get(recordKey(leaf)) ?? 0) + leaf.bytes)
    return this.#wants.map((want, i) => {
      const bytes = counted.get(keyOf(this.names[i]!)) ?? 0
      const carried = (bytes - this.#bytes[i]!) * 8
      this.#bytes[i] = bytes
      this.#offers[i] = Math.min(want, Math.max(LEAST, GROWTH * carried))
      return carried
    })
  }
}

export interface ServedResult {
  /** Carried over usable of all upstreams, downwards and upwards: second by second from the cut on. */
  readonly seconds: readonly Readonly<Record<Direction, number>>[]
  readonly usable: Readonly<Record<Direction, number>>
  /** The most that a link carried of its capacity, as the board shows it, from the second second of the cut on. */
  readonly fullest: { readonly link: string; readonly part: number }
  readonly hash: string
}

interface World {
  readonly bus: Bus
  readonly clock: ManualClock
  readonly edges: readonly { readonly id: string; readonly senders: Senders; readonly driver: SimulatedDriver }[]
  stop(): Promise<void>
}

async function openWorld(document: PolicyDocument, seed: number): Promise<World> {
  const clock = manualClock({ wall: Date.UTC(2026, 10, 25, 7) })
  const log = createLogger('bench', 'error')
  const solver = createSolverThreads()
  const bus = new Bus({ document, clock, log, solver })
  await bus.controller.tick()
  const { plan } = bus.controller.inForce!
  const links = new DemoLinks(
    () => bus.controller.inForce,
    (link) => document.links[link]?.usable ?? 1,
  )
  const edges = plan.edges.map(({ id }, k) => {
    const senders = new Senders(seed + k)
    const describe = (institution: string, service: string, direction: Direction) => {
      const name = `${institution}/${service}/${direction}`
      const flow = plan.flows[plan.flowIndex.get(name) ?? plan.flowIndex.get(`${name}@${id}`) ?? -1]
      return flow && { category: 'office', guarantee: flow.guarantee, ceiling: flow.ceiling }
    }
    const driver = createSimulatedDriver({ clock, seed, load: senders.load, reach: links.at(id), describe })
    const boot = k.toString(16).padStart(16, '0')
    const agent = createAgent({ edge: id, driver, clock, transport: bus.transport(id), stateDir: null, log, boot })
    return { id, senders, driver, agent }
  })
  for (const { agent } of edges) await agent.start()
  return {
    ...{ bus, clock, edges },
    async stop() {
      for (const { agent } of edges) await agent.stop()
      await solver.close()
    },
  }
}

/** One second of the world and of the controller; what was carried over each link of kind upstream. */
async function second({ bus, clock, edges }: World): Promise<Map<string, number>> {
  await clock.advance(1_000)
  const { plan, problems } = bus.controller.inForce!
  const [{ pathStart, pathLink, pathFraction }] = problems
  const carried = new Map(
    plan.links.flatMap(({ kind, id }) => (kind === 'upstream' ? [[id, 0] as [string, number]] : [])),
  )
  for (const { id: edge, senders, driver } of edges) {
    const flowOf = (name: string): number => plan.flowIndex.get(name) ?? plan.flowIndex.get(`${name}@${edge}`)!
    const rates = await senders.look(driver, (name) => recordKey(plan.flows[flowOf(name)]!.record))
    for (const [i, name] of senders.names.entries()) {
      const f = flowOf(name)
      for (let q = pathStart[f]!; q < pathStart[f + 1]!; q++) {
        const { id } = plan.links[pathLink[q]!]!
        if (carried.has(id)) carried.set(id, carried.get(id)! + pathFraction[q]! * rates[i]!)
      }
    }
  }
  await bus.controller.tick()
  return carried
}

const cutOf = (document: PolicyDocument, at: number): LinkState[] =>
  Object.entries(document.links).flatMap(([link, { kind }]) => {
    const word = { link, factor: CUT, held: CUT, heldUntil: 0, until: null, at, source: 'bench', reason: 'a cut' }
    return kind === 'upstream' ? [{ ...word, events: [], falls: [] }] : []
  })

/** Lets the nation settle, cuts every upstream, and watches for so many seconds. */
export async function measureServed(seconds: number, { seed = SEED, settle = 40 } = {}): Promise<ServedResult> {
  const { document } = loadPlane(shippedFile('config/taifa'))
  if (!document) throw new Error('the default plane has faults')
  const world = await openWorld(document, seed)
  const { controller } = world.bus
  for (let k = 0; k < settle; k++) await second(world)
  world.bus.links = cutOf(document, world.clock.wall())
  await controller.tick()
  const { plan } = controller.inForce!
  const usable = { down: 0, up: 0 }
  for (const { kind, direction, room } of plan.links) if (kind === 'upstream') usable[direction] += room
  const hash = createHash('sha256')
  const served: Record<Direction, number>[] = []
  let fullest = { link: '', part: 0 }
  for (let k = 0; k < seconds; k++) {
    const carried = await second(world)
    const sum = { down: 0, up: 0 }
    for (const { id, direction, room } of plan.links)
      if (carried.has(id)) sum[direction] += Math.min(room, carried.get(id)!)
    served.push({ down: sum.down / usable.down, up: sum.up / usable.up })
    const { links } = controller.board!
    hash.update(new Uint8Array(links.carried.buffer))
    if (k > 0) fullest = fullestOf(world, fullest)
  }
  await world.stop()
  return { seconds: served, usable, fullest, hash: hash.digest('hex').slice(0, 16) }
}

function fullestOf({ bus }: World, before: ServedResult['fullest']): ServedResult['fullest'] {
  const { plan, links } = bus.controller.board!
  let fullest = before
  plan.links.forEach(({ id, virtual, kind, capacity, state }, l) => {
    const part = links.carried[l]! / (capacity * (kind === 'upstream' && state === 'derated' ? CUT : 1))
    if (!virtual && part > fullest.part) fullest = { link: id, part }
  })
  return fullest
}

export const meanOf = (seconds: ServedResult['seconds'], direction: Direction): number =>
  seconds.reduce((sum, part) => sum + part[direction], 0) / seconds.length

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const { seconds, usable, fullest, hash } = await measureServed(MOTION + STEADY)
  const percent = (part: number): string => `${(100 * part).toFixed(1)} %`
  const phases = [
    ['the first 10 s of the cut', seconds.slice(0, MOTION), 0.9],
    ['steady', seconds.slice(MOTION), 0.95],
  ] as const
  const rows = phases.map(([name, part, goal]) => {
    const [down, up] = [meanOf(part, 'down'), meanOf(part, 'up')]
    return [name, percent(down), percent(up), percent(goal), Math.min(down, up) >= goal ? 'reached' : 'MISSED']
  })
  printTable(['carried over usable', 'down', 'up', 'goal', ''], rows)
  const by = (direction: Direction): string => seconds.map((part) => Math.round(100 * part[direction])).join(' ')
  console.log(`second by second, %: down ${by('down')}`)
  console.log(`                     up   ${by('up')}`)
  const gigabits = (rate: number): string => (rate / 1e9).toFixed(2)
  console.log(
    `usable ${gigabits(usable.down)} Gbit/s down, ${gigabits(usable.up)} up, of upstreams cut to ${percent(CUT)}`,
  )
  console.log(`no link carried more than ${percent(fullest.part)} of its capacity (${fullest.link})`)
  console.log(`seed ${SEED}, result ${hash}`)
  if (rows.some((row) => row.includes('MISSED'))) process.exitCode = 1
}
