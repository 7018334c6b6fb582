// The edges of the demonstration: one real agent for each edge of the plane, on a real store connection with the rights
// of that edge and no others, over a simulated data plane. Only the traffic is made up.

import { createAgent } from '../edge/agent.js'
import { createSimulatedDriver, type Describe, type SimulatedDriver } from '../edge/drivers/simulated.js'
import { createSubscriber } from '../edge/subscriber.js'
import type { Clock } from '../runtime/clock.js'
import type { Logger } from '../runtime/log.js'
import { DemoLinks, type Network } from './demo-links.js'

/** Same seed, same traffic at the same time of day. */
const SEED = 394_554

export interface DemoOptions {
  readonly plane: string
  /** The plan in force, for how much each institution would send, and over which links. */
  network(): Network | null
  /** The part of a link's capacity that may be handed out. */
  usableOf(link: string): number
  /** Store URL of each edge, with its own user and password. */
  readonly urls: ReadonlyMap<string, string>
  readonly clock: Clock
  readonly log: Logger
}

interface DemoEdge {
  readonly driver: SimulatedDriver
  stop(): Promise<void>
}

export class DemoEdges {
  readonly #options: DemoOptions
  readonly #running = new Map<string, DemoEdge>()
  readonly #factors = new Map<string, number>()
  readonly #links: DemoLinks

  constructor(options: DemoOptions) {
    this.#options = options
    this.#links = new DemoLinks(options.network, options.usableOf)
  }

  async startAll(): Promise<void> {
    await Promise.all([...this.#options.urls.keys()].map((edge) => this.startEdge(edge)))
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.#running.keys()].map((edge) => this.stopEdge(edge)))
  }

  /** Multiplies what the institution offers at every edge that serves it; false: none does. */
  setLoad(institution: string, factor: number): boolean {
    this.#factors.set(institution, factor)
    const found = [...this.#running.values()].map(({ driver }) => driver.setFactor(institution, factor))
    if (found.includes(true)) return true
    // An edge that has only just come back does not know its sites yet; the load waits for it.
    const edges = this.#options.network()?.plan.institutions.find(({ id }) => id === institution)?.edges ?? []
    return edges.some((edge) => this.#options.urls.has(edge))
  }

  async startEdge(edge: string): Promise<boolean> {
    const { urls, plane, clock, log } = this.#options
    const url = urls.get(edge)
    if (url === undefined) return false
    if (this.#running.has(edge)) return true
    const reach = this.#links.at(edge)
    const driver = createSimulatedDriver({ clock, seed: SEED, describe: this.#describeAt(edge), reach })
    for (const [institution, factor] of this.#factors) driver.setFactor(institution, factor)
    const quiet = log.child({ edge }, { level: 'warn' })
    const transport = createSubscriber({ url, plane, edge, clock, log: quiet })
    // A machine that is made up has no disk: it starts low each time.
    const agent = createAgent({ edge, driver, clock, transport, stateDir: null, log: quiet })
    this.#running.set(edge, { driver, stop: () => agent.stop() })
    await agent.start()
    return true
  }

  async stopEdge(edge: string): Promise<boolean> {
    const running = this.#running.get(edge)
    this.#running.delete(edge)
    await running?.stop()
    this.#links.leave(edge)
    return running !== undefined
  }

  #describeAt(edge: string): Describe {
    return (institution, service, direction) => {
      const plan = this.#options.network()?.plan
      if (!plan) return undefined
      const name = `${institution}/${service}/${direction}`
      const flow = plan.flows[plan.flowIndex.get(name) ?? plan.flowIndex.get(`${name}@${edge}`) ?? -1]
      if (!flow) return undefined
      const family = plan.families[flow.family]
      const category = plan.institutions.find(({ id }) => id === institution)?.category ?? 'other'
      const scale = family ? family.phi[family.flows.indexOf(plan.flowIndex.get(flow.id)!)]! : 1
      return { category, guarantee: flow.guarantee, ceiling: flow.ceiling, scale }
    }
  }
}
