// Somebody who means well, among them: asks for the status ten times a second, rolls back every few seconds, and reads
// from the metrics how late ticks were. A rollback is on disk before it is answered, so the disk is tried beside it.

import { open } from 'node:fs/promises'
import { Agent, get } from 'node:http'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf } from '../../../src/runtime/errors.js'
import type { ControllerProcess, Status } from '../processes.js'
import { TOKEN } from '../processes.js'

const ASK = 100
const ROLL_BACK = 20_000
/** Of an answer that does not come. */
const NEVER = 30_000
const LATENESS = 'mizani_tick_lateness_seconds'

/** Of how many ticks each bound was kept, by the bound in ms. */
export type Lateness = ReadonlyMap<number, number>

export class Prober {
  readonly #machine: ControllerProcess
  readonly #folder: string
  readonly #agent = new Agent({ keepAlive: true })
  readonly statuses: number[] = []
  readonly rollbacks: number[] = []
  /** How long it took the disk to sync a few bytes, ms. */
  readonly syncs: number[] = []
  readonly epochs = new Set<string>()
  readonly faults: string[] = []
  /** Of a tick from its reports to its publication, ms. */
  readonly durations = new Map<number, number>()
  #before: Lateness = new Map()

  /** @param folder on the disk that the machine's stores are on */
  constructor(machine: ControllerProcess, folder: string) {
    this.#machine = machine
    this.#folder = folder
  }

  /** Two revisions to go back and forth between, and the count of ticks so far. */
  async prepare(): Promise<void> {
    const { api } = this.#machine
    const path = '/v1/policy/institutions/hosp-mnh-upanga'
    const { etag, body } = await api.call('GET', path)
    const part = body as { labels: object }
    const next = { ...part, labels: { ...part.labels, ticket: 'attack' } }
    const put = await api.call('PUT', `${path}?reason=attack&confirmWithin=0`, next, { etag })
    if (put.status !== 200) throw new Error(JSON.stringify(put.body))
    this.#before = await this.#lateness()
  }

  async probe(time: number): Promise<void> {
    const end = performance.now() + time
    const asking = setInterval(() => void this.#status(), ASK)
    const syncing = this.#sync(end)
    try {
      for (let k = 0; performance.now() < end; k++) {
        await this.#rollback(1 + (k % 2))
        await sleep(Math.min(ROLL_BACK, Math.max(0, end - performance.now())))
      }
    } finally {
      clearInterval(asking)
      await syncing
      await sleep(1_000)
    }
  }

  /** Of the ticks since `prepare`. */
  async lateness(): Promise<Lateness> {
    const now = await this.#lateness()
    return new Map([...now].map(([bound, count]) => [bound, count - (this.#before.get(bound) ?? 0)]))
  }

  /** Counted from when it was to be asked: who waits for one answer does not forget to ask for the next. */
  async #status(): Promise<void> {
    const began = performance.now()
    const found = await this.#get<Status & { tick: { lastMs: number } }>('/v1/status').catch((error: unknown) => {
      this.faults.push(`status: ${String(error)}`)
      return null
    })
    this.statuses.push(found === null ? NEVER : performance.now() - began)
    if (found === null) return
    this.epochs.add(`${found.leader} ${found.epoch}`)
    this.durations.set(found.seq, found.tick.lastMs)
  }

  async #sync(end: number): Promise<void> {
    const file = await open(join(this.#folder, 'synced'), 'w')
    while (performance.now() < end) {
      const began = performance.now()
      await file.write('synced')
      await file.datasync()
      this.syncs.push(performance.now() - began)
      await sleep(250)
    }
    await file.close()
  }

  /** By a connection of its own, as each command has. */
  async #rollback(to: number): Promise<void> {
    const began = performance.now()
    const alone = { headers: { connection: 'close' } }
    const path = `/v1/policy/revisions/${to}/rollback`
    const answer = await this.#machine.api.call('POST', path, undefined, alone).catch((error: unknown) => {
      this.faults.push(`rollback: ${messageOf(error)}`)
      return null
    })
    this.rollbacks.push(answer === null ? NEVER : performance.now() - began)
    if (answer !== null && answer.status !== 200)
      this.faults.push(`rollback: ${answer.status} ${JSON.stringify(answer.body).slice(0, 200)}`)
  }

  async #lateness(): Promise<Lateness> {
    const text = await this.#text('/metrics')
    const found = text.matchAll(new RegExp(`^${LATENESS}_bucket\\{le="([^"]+)"\\} (\\d+)`, 'gm'))
    return new Map(
      [...found].map(([, bound, count]) => [1_000 * Number(bound === '+Inf' ? Infinity : bound), Number(count)]),
    )
  }

  /** Turns by route that held the thread for long: how many were above 20 and 50 ms, of how many. */
  async longTurns(): Promise<readonly string[]> {
    const text = await this.#text('/metrics')
    const counts = new Map<string, Map<string, number>>()
    for (const [, bound, route, count] of text.matchAll(
      /^mizani_http_turn_seconds_bucket\{le="([^"]+)",route="([^"]+)"\} (\d+)/gm,
    ))
      counts.set(route!, (counts.get(route!) ?? new Map()).set(bound!, Number(count)))
    return [...counts].flatMap(([route, of]) => {
      const beyond = (bound: string): number => of.get('+Inf')! - of.get(bound)!
      const [all, twenty, fifty, hundred] = [of.get('+Inf')!, beyond('0.02'), beyond('0.05'), beyond('0.1')]
      return twenty === 0 ? [] : [`${route}: of ${all} above 20 ms ${twenty}, 50 ms ${fifty}, 100 ms ${hundred}`]
    })
  }

  async #get<T>(path: string): Promise<T> {
    return JSON.parse(await this.#text(path)) as T
  }

  #text(path: string): Promise<string> {
    const { agent } = { agent: this.#agent }
    const headers = { authorization: `Bearer ${TOKEN}` }
    return new Promise((resolve, reject) => {
      const asked = get(this.#machine.url + path, { agent, headers, timeout: NEVER }, (answer) => {
        let text = ''
        answer.setEncoding('utf8').on('data', (part) => (text += part))
        answer.on('end', () =>
          answer.statusCode === 200 ? resolve(text) : reject(new Error(`${answer.statusCode} ${text}`)),
        )
      })
      asked.on('error', reject).on('timeout', () => asked.destroy(new Error('no answer')))
    })
  }
}
