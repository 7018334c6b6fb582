// The processes of a world: controllers and edges as they are run, and a store that comes back on its port. Each can be
// killed, stopped and continued; who ends without being told to is noted.

import { type ChildProcess, fork, spawn } from 'node:child_process'
import { CLI, compiled, ROOT } from '../harness/root.js'
import type { Ending } from './case.js'
import type { EdgeOrder, LoadOrder, Says, Stands } from './edge-process.js'
import { freePort, type Server, type ServerOptions, startServer, until } from './redis-server.js'

export const TOKEN = 'a-token-for-the-tests-of-faults-only'
/** Tries of 10 ms: a process starts slowly on a machine that does other things. */
const PATIENCE = 6_000

export class Child {
  readonly child: ChildProcess
  /** Ended by us; anything else is a fault. */
  #told = false

  constructor(child: ChildProcess, ending: Ending) {
    this.child = child
    ending.teardown(() => this.kill())
  }

  get runs(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null
  }

  get fell(): boolean {
    return !this.runs && !this.#told
  }

  kill(signal: NodeJS.Signals = 'SIGKILL'): void {
    this.#told = true
    if (this.runs) this.child.kill(signal)
  }

  stop(): void {
    this.child.kill('SIGSTOP')
  }

  goOn(): void {
    this.child.kill('SIGCONT')
  }
}

export interface ControllerOptions {
  readonly durableUrl: string
  readonly volatileUrl: string
  /** Of the plane, by whose last part it is known. */
  readonly plane: string
  readonly data: string
  readonly id?: string
  /** Modules that are loaded first. */
  readonly before?: readonly URL[]
  readonly env?: Readonly<Record<string, string>>
  /** `up` has stores of its own. */
  readonly command?: 'controller' | 'up'
}

export interface Status {
  readonly leader: string
  readonly leads: boolean
  readonly learning: boolean
  readonly epoch: string
  readonly seq: number
  readonly revision: number
}

export class ControllerProcess extends Child {
  readonly log: () => string
  #url = ''

  constructor(options: ControllerOptions, ending: Ending) {
    const { durableUrl, volatileUrl, plane, data, id, before = [], env = {}, command = 'controller' } = options
    const imports = before.flatMap((module) => ['--import', module.href])
    const named = id === undefined ? [] : ['--id', id]
    const child = spawn(process.execPath, [...imports, CLI, command, '--port', '0', '--plane', plane, ...named], {
      cwd: ROOT,
      env: {
        ...{ PATH: process.env.PATH ?? '', MIZANI_DATA: data, MIZANI_ADMIN_TOKEN: TOKEN },
        ...(command === 'up' ? {} : { REDIS_URL: durableUrl, RATES_REDIS_URL: volatileUrl }),
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    super(child, ending)
    let text = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (part) => (text += part))
    this.log = () => text
  }

  /** Resolves when its first tick has ended. @throws Error with its words when it ends instead. */
  async ready(): Promise<this> {
    const said = /"url":"([^"]+)"[^\n]*"msg":"ready"/
    const soon = (what: string, holds: () => boolean | Promise<boolean>): Promise<void> =>
      until(
        () => {
          if (!this.runs) throw new Error(this.log())
          return holds()
        },
        what,
        PATIENCE,
      )
    await soon('a controller is ready', () => said.test(this.log()))
    this.#url = said.exec(this.log())![1]!
    await soon('its first tick', async () => (await this.call('/v1/health/ready')).ok)
    return this
  }

  get url(): string {
    return this.#url
  }

  /** The API, as an administrator. */
  call(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json', ...init.headers }
    return fetch(this.#url + path, { ...init, headers })
  }

  /** @throws Error with what the API said when it did not do it. */
  async ask<T>(path: string, init: RequestInit = {}): Promise<T> {
    const response = await this.call(path, init)
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    return (await response.json()) as T
  }

  post<T>(path: string, body: unknown): Promise<T> {
    return this.ask(path, { method: 'POST', body: JSON.stringify(body) })
  }

  status(): Promise<Status> {
    return this.ask('/v1/status')
  }
}

export class EdgeProcess extends Child {
  readonly edges: readonly string[]
  readonly #started: Promise<void>

  constructor(order: EdgeOrder, heard: (said: Stands | Says) => void, ending: Ending) {
    const child = fork(compiled('test/faults/edge-process.ts'), { execArgv: [] })
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
