// The links of the demonstration: what its traffic meets between institutions and what they reach. A real upstream
// drops what it cannot carry, and who sends over it backs off; so what arrives is never more than its links carry.
//
// Each simulated edge says before a step what its flows would send, and is told what of it arrives. Where more is
// wanted of a link than it carries everybody is cut in proportion. Edges take their steps one after another, so a step
// is also held to what others have left: at every instant the sum of what edges were told fits every link.
//
//   down   links --arrives--> SHAPER --through--> access line
//   up     access line --arrives--> SHAPER --through--> links

import { isBeforeShaper } from '../demand/lines.js'
import type { Reach } from '../edge/drivers/simulated.js'
import { type RateRecord, recordKey } from '../model/lease.js'
import type { Direction } from '../model/network.js'
import type { Plan, PlanEdge, PlanFamily, PlanFlow, PlanInstitution, PlanLink } from '../model/plan.js'
import type { BitsPerSecond } from '../model/units.js'
import type { Problem } from '../solve/problem.js'

const NO_CABLE = 0
const BEFORE = 1
const BEHIND = 2

/** What of a plan in force these links are made of, with the paths of its flows. */
export interface Network {
  readonly plan: Pick<Plan, 'flowIndex'> & {
    readonly flows: readonly Pick<PlanFlow, 'id' | 'direction' | 'record' | 'guarantee' | 'ceiling' | 'family'>[]
    readonly families: readonly Pick<PlanFamily, 'phi' | 'flows'>[]
    readonly links: readonly Pick<PlanLink, 'link' | 'virtual' | 'kind' | 'capacity' | 'room'>[]
    readonly institutions: readonly Pick<PlanInstitution, 'id' | 'category' | 'edges'>[]
    readonly edges: readonly Pick<PlanEdge, 'id' | 'flows'>[]
  }
  readonly problems: readonly [Pick<Problem, 'pathStart' | 'pathLink' | 'pathFraction'>, ...unknown[]]
}

/** What flows put on links: bit/s that arrive at the shaper, and what it lets through; with the sums over links. */
interface Load {
  readonly arrives: Float64Array
  readonly through: Float64Array
  readonly sums: Float64Array
}

interface Crossing {
  readonly flows: Int32Array
  readonly links: Int32Array
  /** Room to write down what other flows put on each of these links. */
  readonly others: Float64Array
}

interface Places extends Crossing {
  /** Flow of the plan for each record of the edge; -1: the plan has none. */
  readonly ofRecords: Int32Array
}

/** The links of one plan. */
class Links {
  readonly plan: Network['plan']
  readonly wanted: Load
  readonly told: Load
  readonly #path: Network['problems'][0]
  /** bit/s by link; virtual ones are no cables. */
  readonly #carries: Float64Array
  readonly #ratio: Float64Array
  /** On which side of the shaper a link is, by direction and link. */
  readonly #sides: readonly [Uint8Array, Uint8Array]
  /** By flow, which of them. */
  readonly #side: Uint8Array
  readonly #places = new WeakMap<readonly RateRecord[], Places>()

  constructor({ plan, problems }: Network, usableOf: (link: string) => number) {
    this.plan = plan
    this.#path = problems[0]
    const load = (): Load => ({
      arrives: new Float64Array(plan.flows.length),
      through: new Float64Array(plan.flows.length),
      sums: new Float64Array(plan.links.length),
    })
    this.wanted = load()
    this.told = load()
    // A cable that is cut to a part carries that part of what it was built for, not of what may be handed out.
    this.#carries = Float64Array.from(plan.links, ({ virtual, link, capacity, room }) =>
      virtual ? Number.POSITIVE_INFINITY : Math.min(capacity, room / usableOf(link)),
    )
    this.#ratio = new Float64Array(plan.links.length)
    const sides = (direction: Direction): Uint8Array =>
      Uint8Array.from(plan.links, ({ virtual, kind }) =>
        virtual ? NO_CABLE : isBeforeShaper(direction, kind) ? BEFORE : BEHIND,
      )
    this.#sides = [sides('down'), sides('up')]
    this.#side = Uint8Array.from(plan.flows, ({ direction }) => (direction === 'down' ? 0 : 1))
  }

  placesOf(edge: string, records: readonly RateRecord[]): Places {
    let places = this.#places.get(records)
    if (places === undefined) {
      const own = this.plan.edges.find(({ id }) => id === edge)?.flows ?? []
      const flowOf = new Map(own.map((f) => [recordKey(this.plan.flows[f]!.record), f]))
      const ofRecords = Int32Array.from(records, (record) => flowOf.get(recordKey(record)) ?? -1)
      places = { ofRecords, ...this.crossedBy(ofRecords.filter((f) => f >= 0)) }
      this.#places.set(records, places)
    }
    return places
  }

  /** Flows, with the links that some of them crosses. */
  crossedBy(flows: Int32Array): Crossing {
    const { pathStart, pathLink } = this.#path
    const links = new Set<number>()
    for (const f of flows) for (let q = pathStart[f]!; q < pathStart[f + 1]!; q++) links.add(pathLink[q]!)
    return { flows, links: Int32Array.from(links), others: new Float64Array(links.size) }
  }

  put(load: Load, flow: number, arrives: BitsPerSecond, through: BitsPerSecond): void {
    const { pathStart, pathLink, pathFraction } = this.#path
    for (let q = pathStart[flow]!; q < pathStart[flow + 1]!; q++) {
      const l = pathLink[q]!
      const side = this.#sideOf(flow, l)
      if (side === NO_CABLE) continue
      const more = side === BEFORE ? arrives - load.arrives[flow]! : through - load.through[flow]!
      load.sums[l]! += pathFraction[q]! * more
    }
    load.arrives[flow] = arrives
    load.through[flow] = through
  }

  /** Tells these flows anew what arrives of what they want. */
  tell({ flows, links, others }: Crossing): void {
    const [told, wanted] = [this.told.sums, this.wanted.sums]
    for (const f of flows) this.put(this.told, f, 0, 0)
    links.forEach((l, n) => {
      others[n] = told[l]!
      this.#ratio[l] = this.#carries[l]! / wanted[l]!
    })
    for (const f of flows) this.#cut(f, this.wanted)
    links.forEach((l, n) => {
      const own = told[l]! - others[n]!
      this.#ratio[l] = own > 0 ? Math.max(0, this.#carries[l]! - others[n]!) / own : 1
    })
    for (const f of flows) this.#cut(f, this.told)
  }

  /** What is left of `load` where links let only a part by, #ratio of it. */
  #cut(flow: number, load: Load): void {
    const { pathStart, pathLink } = this.#path
    const arrives = load.arrives[flow]!
    const through = load.through[flow]!
    let left = arrives
    for (let q = pathStart[flow]!; q < pathStart[flow + 1]!; q++) {
      const side = this.#sideOf(flow, pathLink[q]!)
      const lets = this.#ratio[pathLink[q]!]!
      if (side !== NO_CABLE && lets < 1) left = Math.min(left, lets * (side === BEFORE ? arrives : through))
    }
    this.put(this.told, flow, left, Math.min(left, through))
  }

  #sideOf(flow: number, link: number): number {
    return this.#sides[this.#side[flow]!]![link]!
  }
}

export class DemoLinks {
  readonly #network: () => Network | null
  readonly #usableOf: (link: string) => number
  #links: Links | null = null

  /** @param usableOf the part of a link's capacity that may be handed out */
  constructor(network: () => Network | null, usableOf: (link: string) => number) {
    this.#network = network
    this.#usableOf = usableOf
  }

  /** The network as the edge meets it. */
  at(edge: string): Reach {
    return {
      limit: (records, sends, rates) => {
        const links = this.#now()
        if (links === null) return
        const places = links.placesOf(edge, records)
        places.ofRecords.forEach((f, i) => {
          if (f >= 0) links.put(links.wanted, f, sends[i]!, Math.min(sends[i]!, rates[i]!))
        })
        links.tell(places)
        places.ofRecords.forEach((f, i) => {
          if (f >= 0) sends[i] = links.told.arrives[f]!
        })
      },
    }
  }

  /** The edge is switched off: nobody behind it sends or receives. */
  leave(edge: string): void {
    const links = this.#now()
    for (const f of links?.plan.edges.find(({ id }) => id === edge)?.flows ?? []) {
      links!.put(links!.wanted, f, 0, 0)
      links!.put(links!.told, f, 0, 0)
    }
  }

  /** Under a new plan (a cut, another route) every cable carries at once what it can of what is sent. */
  #now(): Links | null {
    const network = this.#network()
    if (network === null || network.plan === this.#links?.plan) return this.#links
    const before = this.#links
    const links = new Links(network, this.#usableOf)
    network.plan.flows.forEach(({ id }, f) => {
      const old = before?.plan.flowIndex.get(id)
      if (old !== undefined) links.put(links.wanted, f, before!.wanted.arrives[old]!, before!.wanted.through[old]!)
    })
    links.tell(links.crossedBy(Int32Array.from(network.plan.flows.keys())))
    this.#links = links
    return links
  }
}
