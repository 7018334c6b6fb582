// What the cases of stopping are played with: stores behind lines, a controller on them that tells people, edges that
// poll and pages that listen, and the one question of them all: how long from SIGTERM to gone.

import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect as dial } from 'node:net'
import { join } from 'node:path'
import { SHUTDOWN_TIME } from '../../src/runtime/limits.js'
import { ofProcess, processes } from '../harness/proc.js'
import type { Program } from '../harness/program.js'
import { TAIFA } from '../harness/root.js'
import type { Trial } from './case.js'
import { Line } from './line.js'
import { NEAR } from './near.js'
import { ControllerProcess, Store, TOKEN } from './processes.js'
import { type HookServer, hookServer, MANNERS, type MailServer, mailServer } from './receivers.js'
import { DURABLE, LEASE, PLANE, planeOf, seedPolicy } from './world.js'

const SHIPPED = TAIFA
const VOLATILE = ['--appendonly', 'no', '--maxmemory-policy', 'noeviction']
const LETTERS = 20

/** SIGTERM, and how long until it is gone; checks the time, the code and that nothing had to be broken off by force. */
export async function goes(trial: Trial, what: string, one: Program): Promise<number> {
  const { child, log } = one
  one.kill('SIGTERM')
  const took = await trial.soon(SHUTDOWN_TIME, `${what}: gone`, () => !one.runs)
  if (child.exitCode !== 0) trial.note(log().slice(-600))
  trial.check(child.exitCode === 0, `${what}: it ended by itself (${child.exitCode ?? child.signalCode})`)
  const fault = /Ended by force[^\n]*|This is a fault in Mizani|[Uu]nhandled[^\n]*|request failed[^\n]*/.exec(log())
  trial.check(fault === null, `${what}: no fault is told${fault === null ? '' : `: ${fault[0]}`}`)
  return took
}

/** Who has a letter at all: one cut may be more than one alarm. */
const toldBy = ({ took }: MailServer): Set<string> => new Set(took.map((letter) => letter.split(' ', 1)[0]!))

export class Office {
  readonly mail: MailServer
  readonly hooks: HookServer
  /** Null: `mizani up` with stores of its own. */
  readonly stores: { readonly durable: Store; readonly volatile: Store } | null
  readonly lines: { readonly durable: Line; readonly volatile: Line } | null
  readonly #trial: Trial
  controller!: ControllerProcess

  private constructor(trial: Trial, parts: Pick<Office, 'mail' | 'hooks' | 'stores' | 'lines'>) {
    this.#trial = trial
    this.mail = parts.mail
    this.hooks = parts.hooks
    this.stores = parts.stores
    this.lines = parts.lines
  }

  static async open(trial: Trial, command: 'controller' | 'up' = 'controller'): Promise<Office> {
    const [mail, hooks] = [await mailServer(trial), await hookServer(trial)]
    if (command === 'up') return new Office(trial, { mail, hooks, stores: null, lines: null }).#started()
    const [durable, volatile] = await Promise.all([
      Store.start(trial, { folder: join(trial.folder, 'durable'), args: DURABLE }),
      Store.start(trial, { folder: join(trial.folder, 'volatile'), args: VOLATILE }),
    ])
    const lines = {
      durable: await Line.to(durable.port, trial, trial.random),
      volatile: await Line.to(volatile.port, trial, trial.random),
    }
    await seedPolicy(durable.url, planeOf(LEASE))
    return new Office(trial, { mail, hooks, stores: { durable, volatile }, lines }).#started()
  }

  async #started(): Promise<Office> {
    const settings = {
      webhooks: { allow: [NEAR] },
      mail: {
        ...{ host: '127.0.0.1', port: this.mail.port, from: 'mizani@example.tz' },
        to: Array.from({ length: LETTERS }, (_, k) => ({ address: `noc-${k}@example.tz` })),
      },
    }
    // JSON is YAML.
    writeFileSync(this.#settings, JSON.stringify(settings))
    await this.startAgain()
    return this
  }

  get #settings(): string {
    return join(this.#trial.folder, 'settings.yaml')
  }

  get data(): string {
    return join(this.#trial.folder, 'data')
  }

  /** Another one on the same stores; the one of this office unless it has a folder of its own. */
  async start(data = this.data, more: Readonly<Record<string, string>> = {}): Promise<ControllerProcess> {
    const { stores, lines } = this
    const [durableUrl, volatileUrl] = [lines?.durable, lines?.volatile].map((line) => `redis://127.0.0.1:${line?.port}`)
    const plane = stores === null ? SHIPPED : join(this.#trial.folder, PLANE)
    const order = { durableUrl: durableUrl!, volatileUrl: volatileUrl!, plane, data }
    const before = [new URL('near.js', import.meta.url)]
    const env = {
      ...{ MIZANI_CONFIG: this.#settings, MIZANI_EDGE_KEYS: join(this.#trial.folder, 'edge-keys.json') },
      ...{ MIZANI_SEALING_KEY: join(this.#trial.folder, 'sealing-key.json'), ...more },
    }
    const command = stores === null ? 'up' : 'controller'
    return new ControllerProcess({ ...order, before, env, command }, this.#trial).ready()
  }

  async startAgain(): Promise<void> {
    this.controller = await this.start()
  }

  /** An upstream is lost: everybody is told, each has the letter or has been asked to take it. */
  async alarm(link = 'transit'): Promise<void> {
    for (const manner of MANNERS) await this.controller.api.post('/v1/webhooks', { url: this.hooks.url(manner) })
    await this.controller.api.post(`/v1/links/${link}/state`, { event: 'lost', state: 'down', reason: 'cut' })
    const isTried = (): boolean => this.mail.asked.size === LETTERS && new Set(this.hooks.came).size >= MANNERS.length
    await this.#trial.soon(20_000, 'an attempt is made for each letter', isTried)
  }

  /** After a restart all take their letters, each once, and those that were taken before are not told again. */
  async letters(trial: Trial): Promise<void> {
    const before = [...this.hooks.took]
    this.mail.mend()
    this.hooks.mend()
    await this.startAgain()
    const isTold = (): boolean => toldBy(this.mail).size >= LETTERS && new Set(this.hooks.took).size >= MANNERS.length
    await trial.soon(20_000, 'everybody is told', isTold)
    // Time for a second telling, if there is one.
    await new Promise((done) => setTimeout(done, 1_500))
    const { took } = this.mail
    trial.check(
      new Set(took).size === took.length && toldBy(this.mail).size === LETTERS,
      `${took.length} letters for ${LETTERS}, each once`,
    )
    const twice = this.hooks.took.filter((letter, k, all) => all.indexOf(letter) !== k)
    trial.check(twice.length === 0, `${this.hooks.took.length} calls taken, ${twice.join(', ') || 'none'} twice`)
    trial.check(
      before.some((letter) => letter.startsWith('takes its time')),
      'a slow answer was waited for',
    )
  }

  /** Polls of an edge without a way to the store, each shown what is far ahead; resolves with what they will answer. */
  async polls(edge: string, count: number): Promise<Promise<number>[]> {
    const { token } = await this.controller.api.post<{ token: string }>(`/v1/edges/${edge}/account`, {})
    const { api } = await this.controller.api.post<{ api: { token: string } }>(`/v1/edges/${edge}/credentials`, {
      token,
    })
    const headers = { authorization: `Bearer ${api.token}`, 'if-none-match': '"900000000000000.1"' }
    const url = `${this.controller.url}/v1/edges/${edge}/rates?wait=30`
    const polls = Array.from({ length: count }, () =>
      fetch(url, { headers }).then(
        ({ status }) => status,
        () => 0,
      ),
    )
    await this.#trial.soon(5_000, `${count} polls wait`, async () => {
      const first = await Promise.race([...polls, new Promise<number>((done) => setTimeout(done, 300, -1))])
      return first === -1
    })
    return polls
  }

  /** Streams of events; every tenth reader reads nothing. Resolves, when all are open, with when the others ended. */
  async streams(count: number): Promise<() => Promise<unknown>> {
    const { port } = new URL(this.controller.url)
    const overs: Promise<unknown>[] = []
    await Promise.all(
      Array.from({ length: count }, async (_, k) => {
        const socket = dial(Number(port), '127.0.0.1')
        socket.on('error', () => undefined)
        const over = once(socket, 'close')
        socket.write(`GET /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`)
        await once(socket, 'data')
        if (k % 10 === 0) return void socket.pause()
        socket.resume()
        overs.push(over)
      }),
    )
    return () => Promise.all(overs)
  }
}

/** Servers of a data folder that still run, by their command lines. */
export const serversIn = (folder: string): number[] =>
  processes().filter(
    (pid) => /redis/.test(ofProcess(pid, 'cmdline')) && ofProcess(pid, 'environ').includes(`MIZANI_DATA=${folder}`),
  )
