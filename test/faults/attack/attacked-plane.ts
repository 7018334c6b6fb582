// What half-open connections attack: `mizani up` over the nation with TLS, as the shipped unit limits it, its two
// stores, and the 28 gateways of the nation, each a real agent that has joined and speaks HTTPS.

import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createHttpClient, type HttpCall } from '../../../src/runtime/http-call.js'
import type { Ending } from '../../harness/place.js'
import { ofProcess } from '../../harness/proc.js'
import { Program } from '../../harness/program.js'
import { CLI, ROOT, TAIFA } from '../../harness/root.js'
import { until } from '../../harness/until.js'
import { makeAuthority } from '../certificates.js'
import type { Says } from '../edge-process.js'
import { joinAt } from '../join.js'
import { EdgeProcess } from '../processes.js'
import { LOAD } from '../world.js'

/** The limits of the server taken away, as far as settings can. */
const NO_LIMITS = { each: 1_000_000, halfOpen: 1_000_000, proxy: 1_000_000, total: 1_000_000, headerSeconds: 30 }
const MAX_ANSWER = 16_000_000
const NEVER = 30_000

const unit = readFileSync(join(ROOT, 'config/systemd/mizani-controller.service'), 'utf8')
/** Node's flags in the shipped unit. */
const FLAGS = unit.match(/(?<=^ExecStart=.*)--[\w-]+=\d+/gm) ?? []
/** Files that the unit lets the controller open. */
export const DESCRIPTORS = Number(/^LimitNOFILE=(\d+)$/m.exec(unit)?.[1] ?? 20_000)

export interface AttackedOptions {
  readonly planted: boolean
  readonly seed: number
  /** A module that the controller loads first, such as a profiler. */
  readonly before: string | undefined
}

export class AttackedPlane {
  readonly up: Program
  readonly ca: string
  /** Data folders of the controller, and of the gateways. */
  readonly data: string
  readonly gateways: string
  edges: readonly string[] = []
  readonly #client: ReturnType<typeof createHttpClient>

  private constructor(up: Program, ca: string, folders: { readonly data: string; readonly gateways: string }) {
    this.up = up
    this.ca = ca
    this.data = folders.data
    this.gateways = folders.gateways
    this.#client = createHttpClient(up.url, ca)
  }

  static async start(
    folder: string,
    { planted, seed, before }: AttackedOptions,
    heard: (said: Says) => void,
    ending: Ending,
  ): Promise<AttackedPlane> {
    limitDescriptors()
    const authority = makeAuthority(join(folder, 'authority'))
    const folders = { data: join(folder, 'data'), gateways: join(folder, 'gateways') }
    const settings = join(folder, 'mizani.yaml')
    const http = { tls: authority.issue('127.0.0.1'), ...(planted ? { connections: NO_LIMITS } : {}) }
    writeFileSync(settings, JSON.stringify({ http }))
    const up = await new Program(['up', '--port', '0', '--no-demo', '--plane', TAIFA], ending, {
      program: [...FLAGS, ...(before === undefined ? [] : ['--import', pathToFileURL(before).href]), CLI],
      env: { MIZANI_DATA: folders.data, MIZANI_CONFIG: settings },
    }).ready()
    const plane = new AttackedPlane(up, readFileSync(authority.certificate, 'utf8'), folders)
    await until(async () => (await plane.#call('/v1/health/ready')).status === 200, 'its first tick', 50)
    await plane.#joinEdges()
    const host = new EdgeProcess(
      {
        ...{ plane: 'taifa', stateDir: join(folder, 'edges'), seed, load: LOAD },
        edges: plane.edges.map((edge) => ({ edge, env: { MIZANI_DATA: folders.gateways } })),
      },
      (said) => {
        if (said.kind === 'says') heard(said)
      },
      ending,
    )
    await host.started()
    return plane
  }

  async #joinEdges(): Promise<void> {
    const { items } = await this.get<{ items: readonly { id: string }[] }>('/v1/edges?pageSize=1000')
    this.edges = items.map(({ id }) => id)
    for (const edge of this.edges) {
      const ask = () => this.#call(`/v1/edges/${edge}/account?over=https`, { method: 'POST', body: '{}' })
      const { line } = await until(
        async () => {
          const { status, body } = await ask()
          return status < 300 && (JSON.parse(body.toString()) as { line: string })
        },
        `an account for ${edge}`,
        500,
      )
      await joinAt(line, { MIZANI_DATA: this.gateways })
    }
  }

  /** The owner of the machine. */
  get token(): string {
    return readFileSync(join(this.data, 'cli-token'), 'utf8').trim()
  }

  get port(): number {
    return Number(new URL(this.up.url).port)
  }

  /** Descriptors that the controller has open. */
  get descriptors(): number {
    return readdirSync(`/proc/${this.up.child.pid}/fd`).length
  }

  get residentMb(): number {
    const status = ofProcess(this.up.child.pid!, 'status')
    return Math.round(Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1_024)
  }

  /** Seconds of processor that the controller has taken. */
  get cpu(): number {
    const [user = 0, system = 0] = ofProcess(this.up.child.pid!, 'stat')
      .split(') ')[1]!
      .split(' ')
      .slice(11, 13)
      .map(Number)
    return (user + system) / 100
  }

  /** Over connections that are kept. @throws Error with what the controller says instead. */
  async get<T>(path: string): Promise<T> {
    return this.#read(path, await this.#call(path))
  }

  async text(path: string): Promise<string> {
    return (await this.#call(path)).body.toString()
  }

  async send<T>(method: 'POST' | 'DELETE', path: string, body: object = {}): Promise<T> {
    return this.#read(path, await this.#call(path, { method, body: JSON.stringify(body) }))
  }

  #read<T>(path: string, { status, body }: { readonly status: number; readonly body: Buffer }): T {
    const text = body.toString()
    if (status >= 300) throw new Error(`${path}: ${status} ${text.slice(0, 200)}`)
    return JSON.parse(text) as T
  }

  /** By a new connection, as a person does. @throws Error without an answer. */
  async asHonest(path: string, token = this.token): Promise<number> {
    const client = createHttpClient(this.up.url, this.ca)
    const headers = { authorization: `Bearer ${token}` }
    try {
      return (await client.call(path, { headers, silence: NEVER, most: MAX_ANSWER })).status
    } finally {
      client.close()
    }
  }

  #call(path: string, { method = 'GET', body }: Pick<HttpCall, 'method' | 'body'> = {}) {
    const headers = { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' }
    const sent = body === undefined ? {} : { body }
    return this.#client.call(path, { method, headers, ...sent, silence: NEVER, most: MAX_ANSWER })
  }
}

/** For this process and all that it starts, attackers too. */
function limitDescriptors(): void {
  const { status, stderr } = spawnSync('prlimit', [
    '--pid',
    String(process.pid),
    `--nofile=${DESCRIPTORS}:${DESCRIPTORS}`,
  ])
  if (status !== 0) throw new Error(`prlimit: ${String(stderr)}`)
}
