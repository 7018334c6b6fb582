// The small network in which most cases happen: two real stores, two controllers, three edges, each a process, every
// way between them a line of ours. Demand is above what the upstream carries and changes hands all the time, so that
// rates never rest and whoever forgets to shrink before growing is seen.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { PolicyDocument } from '../../src/policy/document/document.js'
import { RevisionStore } from '../../src/policy/revisions/revisions.js'
import { connect, type Redis, untilReady } from '../../src/runtime/redis.js'
import { isRefusal } from '../../src/wire/bytes.js'
import { decodeRates } from '../../src/wire/codec.js'
import { type EdgeKeys, keys } from '../../src/wire/redis-keys.js'
import { because, type Ending } from '../harness/place.js'
import { until } from '../harness/until.js'
import { smallPlane } from '../tick/small-plane.js'
import type { Trial } from './case.js'
import type { Machine } from './edge-process.js'
import { joinGateway, macsOf, POLICY_ACL, policyAddress, type Way } from './gateways.js'
import { Line } from './line.js'
import { geography } from './model/plane.js'
import { Random } from './model/random.js'
import { ControllerProcess, EdgeProcess, Store } from './processes.js'
import { startServer } from './redis-server.js'
import { Witness } from './witness.js'

export const PLANE = 'small'
export const EDGES = ['core', 'east', 'west'] as const
export const LEASE = 6_000
export const TICK = 1_000
/** bit/s, each way; what is asked for is about twice as much. */
const UPSTREAM = 200_000_000
export const LOAD = 40_000_000
const INSTITUTIONS = 9
/** An edge is told within this time after whatever was wrong has ended. */
export const RECOVERY = 10_000

export const VOLATILE = ['--appendonly', 'no', '--maxmemory-policy', 'noeviction', '--enable-debug-command', 'local']
export const DURABLE = ['--appendonly', 'yes', '--appendfsync', 'always', '--maxmemory-policy', 'noeviction']

export interface WorldOptions {
  readonly controllers?: number
  readonly lease?: number
  /** Another plane than the small one, with the id of the small one. */
  readonly document?: PolicyDocument
  /** All edges in one process, over one line; else each has its own. */
  readonly together?: boolean
  /** Where the durable store writes; in the world's folder unless said. */
  readonly durableFolder?: string
  /** Stores with users: edges come by accounts of their own, each by its own line; these by HTTP. */
  readonly accounts?: { readonly http: readonly string[] }
  /** A replica and a Sentinel for the volatile store, and everyone finds it by them: the Sentinel's lines. */
  readonly sentinel?: (master: number) => (port: number) => string
}

export class World {
  readonly folder: string
  readonly random: Random
  readonly document: PolicyDocument
  readonly durable: Store
  readonly volatile: Store
  readonly witness: Witness
  /** Between controllers and each store, and between each edge and the volatile one. */
  readonly toDurable: Line
  readonly toVolatile: Line
  readonly lines = new Map<string, Line>()
  controllers: ControllerProcess[] = []
  readonly hosts = new Map<string, EdgeProcess>()
  /** What is looked at goes past every line. */
  readonly owner: Redis
  /** Of the volatile store where Sentinels know it; null: everyone has a line. */
  readonly address: string | null
  readonly accounts: WorldOptions['accounts'] | null
  readonly #ending: Ending
  #made = 0
  #changing: NodeJS.Timeout | null = null

  private constructor(parts: Pick<World, Parts>, ending: Ending) {
    this.accounts = parts.accounts
    const { folder, random, document, durable, volatile, witness, toDurable, toVolatile, owner, address } = parts
    this.folder = folder
    this.random = random
    this.document = document
    this.durable = durable
    this.volatile = volatile
    this.witness = witness
    this.toDurable = toDurable
    this.toVolatile = toVolatile
    this.owner = owner
    this.address = address
    this.#ending = ending
  }

  static async start(folder: string, seed: number, ending: Ending, options: WorldOptions = {}): Promise<World> {
    const { controllers = 2, lease = LEASE, document = planeOf(lease), together = false } = options
    mkdirSync(folder, { recursive: true })
    const random = new Random(seed)
    const { accounts = null } = options
    const users = (name: string, text: string): string[] => (accounts ? ['--aclfile', aclFile(folder, name, text)] : [])
    const [durable, volatile] = await Promise.all([
      Store.start(ending, {
        ...{ folder: options.durableFolder ?? join(folder, 'durable') },
        args: [...DURABLE, ...users('durable', POLICY_ACL)],
        ...(accounts && { address: policyAddress }),
      }),
      Store.start(ending, { folder: join(folder, 'volatile'), args: [...VOLATILE, ...users('volatile', EVERYBODY)] }),
    ])
    const address = options.sentinel ? await watched(folder, volatile, options.sentinel, ending) : null
    const [toDurable, toVolatile] = [
      await Line.to(durable.port, ending, random),
      await Line.to(volatile.port, ending, random),
    ]
    const witness = new Witness(geography(document, {}))
    const edges = Object.keys(document.edges)
    await witness.listen(address ?? volatile.url, PLANE, edges, ending)
    const owner = connect(address ?? volatile.url, 'supervisor')
    ending.teardown(() => owner.disconnect())
    await untilReady(owner, 10_000)
    const stores = { durable, volatile, toDurable, toVolatile, owner, address }
    const world = new World({ ...stores, folder, random, document, witness, accounts }, ending)
    await seedPolicy(accounts ? policyAddress(durable.port) : durable.url, document)
    const shared = together ? await Line.to(volatile.port, ending, random) : null
    for (const edge of edges) world.lines.set(edge, shared ?? (await Line.to(volatile.port, ending, random)))
    // The first makes what the others find; they and the edges do not wait for each other.
    await world.startController()
    const others = Array.from({ length: controllers - 1 }, () => world.startController())
    if (accounts) for (const edge of edges) await world.join(edge)
    const hosts = together ? [edges] : edges.map((edge) => [edge])
    await Promise.all([...others, ...hosts.map((some) => world.startEdges(some))])
    world.#changing = setInterval(() => world.changeLoad(), 1_500)
    ending.teardown(() => clearInterval(world.#changing!))
    await until(() => edges.every((edge) => world.isFresh(edge)), 'all edges are FRESH')
    return world
  }

  async startController(more: { readonly id?: string; readonly before?: readonly URL[]; readonly data?: string } = {}) {
    const toDurable = this.accounts ? policyAddress(this.toDurable.port) : `redis://127.0.0.1:${this.toDurable.port}`
    const controller = new ControllerProcess(
      {
        ...{ plane: join(this.folder, PLANE), data: join(this.folder, `controller-${this.#made++}`), ...more },
        env: {
          MIZANI_EDGE_KEYS: join(this.folder, 'edge-keys.json'),
          MIZANI_SEALING_KEY: join(this.folder, 'sealing-key.json'),
          ...(this.accounts && { RATES_REDIS_ADMIN_URL: this.volatile.url }),
        },
        durableUrl: toDurable,
        volatileUrl: this.address ?? `redis://127.0.0.1:${this.toVolatile.port}`,
      },
      this.#ending,
    )
    await controller.ready()
    this.controllers.push(controller)
    return controller
  }

  /** @param on another machine, or another boot of one */
  async startEdges(edges: readonly string[], on?: Machine): Promise<EdgeProcess> {
    const process = new EdgeProcess(
      {
        ...{ plane: PLANE, stateDir: this.stateDir, seed: 1, load: LOAD, ...(on && { on }) },
        edges: edges.map((edge) =>
          this.accounts
            ? { edge, env: { MIZANI_DATA: this.gateways } }
            : { edge, url: this.address ?? `redis://127.0.0.1:${this.lines.get(edge)!.port}` },
        ),
      },
      (said) => this.witness.hear(said),
      this.#ending,
    )
    for (const edge of edges) this.hosts.set(edge, process)
    await process.started()
    return process
  }

  get edges(): readonly string[] {
    return Object.keys(this.document.edges)
  }

  get stateDir(): string {
    return join(this.folder, 'edges')
  }

  /** Where what edges have joined by is kept. */
  get gateways(): string {
    return join(this.folder, 'gateways')
  }

  /** As a person does; `again`: with new secrets in place of those in use. */
  join(edge: string, { again = false } = {}): Promise<void> {
    const way: Way = this.accounts?.http.includes(edge) ? 'http' : this.lines.get(edge)!.port
    const action = again ? 'account/rotate' : 'account'
    return joinGateway(this.controllers[0]!, edge, { data: this.gateways, way, action })
  }

  keysOf(edge: string): EdgeKeys {
    return keys(PLANE).edge(edge)
  }

  changeLoad(): void {
    for (const institution of Object.keys(this.document.institutions)) {
      if (!this.random.chance(0.3)) continue
      const factor = this.random.pick([0.1, 0.5, 1, 2, 5])
      for (const host of new Set(this.hosts.values())) host.send({ institution, factor })
    }
  }

  isFresh(edge: string): boolean {
    const said = this.witness.said.get(edge)
    return said?.state === 'FRESH' && said.applied !== null
  }

  stateOf(edge: string): string | undefined {
    return this.witness.said.get(edge)?.state
  }

  /** Who leads by its own word; null: nobody says so. */
  async leader(): Promise<ControllerProcess | null> {
    for (const controller of this.controllers) {
      if (controller.runs && (await controller.status().catch(() => null))?.leads) return controller
    }
    return null
  }

  async leaderAndStandby(): Promise<[ControllerProcess, ControllerProcess]> {
    const leader = await until(() => this.leader(), 'somebody leads')
    if (this.controllers.filter(({ runs }) => runs).length < 2) await this.startController()
    return [leader, this.controllers.find((one) => one !== leader && one.runs)!]
  }

  /** Whether every edge that runs has applied what the store held a moment ago, and is FRESH. */
  async isWell(): Promise<boolean> {
    for (const edge of this.edges) {
      const bytes = await this.owner.getBuffer(this.keysOf(edge).snap).catch(() => null)
      const macs = this.accounts ? macsOf(this.gateways, edge) : null
      const snapshot = bytes === null ? null : decodeRates(bytes, { edge, macs })
      if (snapshot === null || isRefusal(snapshot)) return false
      const has = async (): Promise<boolean> => {
        const { applied = null, state } = this.witness.said.get(edge) ?? {}
        const late =
          applied === null ||
          applied.epoch < snapshot.epoch ||
          (applied.epoch === snapshot.epoch && applied.seq < snapshot.seq)
        return state === 'FRESH' && !late
      }
      for (let tries = 0; !(await has()); tries++) {
        if (tries === 30) return false
        await sleep(20)
      }
    }
    return true
  }

  /** What holds in every case, once its fault is over. */
  async verify(trial: Trial, within = RECOVERY): Promise<void> {
    await trial.soon(within, 'I7: all edges are FRESH on the newest', () => this.isWell())
    this.witness.weigh()
    const breaches = this.witness.breaches.splice(0)
    trial.check(breaches.length === 0, `I1 to I4: ${breaches.slice(0, 3).join('; ') || 'no breach'}`)
    trial.note(`${this.witness.sums} sums, ${this.witness.publications} publications`)
    const fallen = [...this.controllers, ...this.hosts.values()].filter(({ fell }) => fell).length
    trial.check(fallen === 0, `I6: ${fallen} processes fell`)
    for (const controller of this.controllers) {
      const fault = /This is a fault in Mizani|[Uu]nhandled|"level":60/.exec(controller.log())
      if (fault) trial.check(false, `I6: a controller says ${fault[0]}`)
    }
    this.controllers = this.controllers.filter(({ runs }) => runs)
  }
}

const EVERYBODY = 'user default on nopass ~* &* +@all\n'

function aclFile(folder: string, store: string, text: string): string {
  mkdirSync(join(folder, store), { recursive: true })
  const file = join(folder, store, 'users.acl')
  writeFileSync(file, text)
  return file
}

/** The store holds the policy; controllers know the plane by its name alone. */
export async function seedPolicy(durableUrl: string, document: PolicyDocument): Promise<void> {
  const redis = connect(durableUrl, 'policy')
  await untilReady(redis, 10_000)
  await new RevisionStore({ redis, plane: PLANE }).put(document, because(0))
  redis.disconnect()
}

/** The small plane, as the API would take it. */
export function planeOf(lease: number): PolicyDocument {
  const document = smallPlane({ institutions: INSTITUTIONS, upstream: UPSTREAM, lease })
  document.services.govnet!.split = 'nearest'
  return document
}

/** A replica of the store and a Sentinel over both; resolves with the address for everyone. */
async function watched(folder: string, { port }: Store, lines: NonNullable<WorldOptions['sentinel']>, ending: Ending) {
  const args = [...VOLATILE, '--replicaof', '127.0.0.1', String(port), '--repl-diskless-sync-delay', '0']
  await startServer(ending, { folder: join(folder, 'replica'), args })
  const watch = await startServer(ending, { folder: join(folder, 'watch'), sentinel: lines(port) })
  return `redis+sentinel://127.0.0.1:${watch.port}/main`
}

type Parts =
  | 'accounts'
  | 'address'
  | 'folder'
  | 'random'
  | 'document'
  | 'durable'
  | 'volatile'
  | 'witness'
  | 'toDurable'
  | 'toVolatile'
  | 'owner'
