// The processes of a world: controllers and edges as they are run, and a store that comes back on its port. Each can be
// killed, stopped and continued; who ends without being told to is noted.

import { fork } from 'node:child_process'
import { Caller } from '../harness/caller.js'
import { type Ending, freePort } from '../harness/place.js'
import { Child, Program } from '../harness/program.js'
import { CLI, compiled } from '../harness/root.js'
import { until } from '../harness/until.js'
import type { EdgeOrder, LoadOrder, Says, Stands } from './edge-process.js'
import { type Server, type ServerOptions, startServer } from './redis-server.js'

export const TOKEN = 'a-token-for-the-tests-of-faults-only'
export interface ControllerOptions {
  readonly durableUrl: string
  readonly volatileUrl: string
  /** Of the plane, by whose last part it is known. */
  readonly plane: string
  readonly data: string
  readonly id?: string
  /** Of Node. */
  readonly flags?: readonly string[]
  /** Modules that are loaded first. */
  readonly before?: readonly URL[]
  readonly env?: Readonly<Record<string, string>>
  /** `up` has stores of its own. */
  readonly command?: 'controller' | 'up'
  /** Instead of the command line. */
  readonly program?: string
}

export interface Status {
  readonly leader: string
  readonly leads: boolean
  readonly learning: boolean
  readonly epoch: string
  readonly seq: number
  readonly revision: number
}

export class ControllerProcess extends Program {
  /** The API, as an administrator. */
  readonly api = new Caller(() => this.url, TOKEN)
  /** Its data folder. */
  readonly data: string

  constructor(options: ControllerOptions, ending: Ending) {
    const {
      durableUrl,
      volatileUrl,
      plane,
      data,
      id,
      flags = [],
      before = [],
      env = {},
      command = 'controller',
    } = options
    const stores = command === 'up' ? {} : { REDIS_URL: durableUrl, RATES_REDIS_URL: volatileUrl }
    super([command, '--port', '0', '--plane', plane, ...(id === undefined ? [] : ['--id', id])], ending, {
      program: [...flags, ...before.flatMap((module) => ['--import', module.href]), options.program ?? CLI],
      env: { MIZANI_DATA: data, MIZANI_ADMIN_TOKEN: TOKEN, ...stores, ...env },
    })
    this.data = data
  }

  /** Resolves when its first tick has ended. @throws Error with its words when it ends instead. */
  override async ready(): Promise<this> {
    await super.ready()
    const isReady = async (): Promise<boolean> => (await this.api.call('GET', '/v1/health/ready')).status === 200
    await until(isReady, 'its first tick', 50)
    return this
  }

  status(): Promise<Status> {
    return this.api.get('/v1/status')
  }
}

export class EdgeProcess extends Child {
  readonly edges: readonly string[]
  readonly #started: Promise<void>

  /** @param within words that start a program elsewhere: in a network namespace */
  constructor(order: EdgeOrder, heard: (said: Stands | Says) => void, ending: Ending, within: readonly string[] = []) {
    const [execPath = '', ...execArgv] = [...within, process.execPath]
    const child = fork(compiled('test/faults/edge-process.ts'), { execPath, execArgv })
    super(child, ending)
    this.edges = order.edges.map(({ edge }) => edge)
    this.#started = new Promise((resolve) => {
      child.on('message', (said: Stands | Says | { kind: 'started' }) => {
        if (said.kind === 'started') resolve()
        else heard(said)
      })
    })
    child.send(order)
  }

  /** Resolves when each agent has in force what it remembers. */
  started(): Promise<void> {
    return this.#started
  }

  send(order: LoadOrder): void {
    // Who was killed a moment ago may not be known to be dead.
    if (this.child.connected) this.child.send(order, () => undefined)
  }
}

/** A Redis server that always comes back on the same port. */
export class Store {
  readonly port: number
  readonly #options: ServerOptions
  readonly #ending: Ending
  #server: Server | null = null

  private constructor(options: ServerOptions, port: number, ending: Ending) {
    this.#options = options
    this.port = port
    this.#ending = ending
  }

  static async start(ending: Ending, options: ServerOptions): Promise<Store> {
    const store = new Store(options, options.port ?? (await freePort()), ending)
    await store.start()
    return store
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`
  }

  get pid(): number {
    return this.#server!.child.pid!
  }

  get runs(): boolean {
    const { exitCode, signalCode } = this.#server!.child
    return exitCode === null && signalCode === null
  }

  async start(more: Partial<ServerOptions> = {}): Promise<void> {
    this.#server = await startServer(this.#ending, { ...this.#options, ...more, port: this.port })
  }

  kill(): Promise<void> {
    return this.#server!.end('SIGKILL')
  }

  stop(): void {
    process.kill(this.pid, 'SIGSTOP')
  }

  goOn(): void {
    process.kill(this.pid, 'SIGCONT')
  }
}
