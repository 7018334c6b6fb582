// What really happened, for the invariants that hold in every case:
//
//   I1  what an edge has applied never goes back, restarts included
//   I2  one controller an epoch, publications without a gap in it
//   I3  on every link, at every instant, the rates in force fit
//   I4  nobody is at 0, nobody above its ceiling
//
// (I5, acknowledged policy, belongs to the cases that write; I6, nobody falls, and I7, all are well again soon, to the
// world.) The controller is not asked: rates are what drivers have taken, on the machine's one monotonic clock.

import { setTimeout as sleep } from 'node:timers/promises'
import { recordKey, type Serial } from '../../src/model/lease.js'
import type { Milliseconds } from '../../src/model/units.js'
import { connect, type Redis } from '../../src/runtime/redis.js'
import { isRefusal } from '../../src/wire/bytes.js'
import { decodeRates } from '../../src/wire/codec.js'
import { keys } from '../../src/wire/redis-keys.js'
import type { Ending } from '../harness/place.js'
import type { Says, Stands } from './edge-process.js'
import type { Geography } from './model/plane.js'

interface Grant {
  readonly name: string
  readonly links: ReadonlyMap<string, number>
  /** kbit/s. */
  readonly ceiling: number
}

/** Rates are whole kbit/s and shares of a split are not. */
const ROUNDING = 2_000

export class Witness {
  readonly breaches: string[] = []
  readonly said = new Map<string, Says>()
  /** What each edge has in force, by recordKey, kbit/s; kernels outlive agents. */
  readonly standing = new Map<string, ReadonlyMap<number, number>>()
  readonly events: (Says | Stands)[] = []
  /** Publications that were heard, and who leads each epoch. */
  publications = 0
  readonly leaders = new Map<number, string>()
  #last: Serial | null = null
  /** The test itself speaks on the channels: what is heard is no publication. */
  #isIgnoring = false
  /** Sums that were made. */
  sums = 0
  readonly #grants = new Map<string, Grant>()
  readonly #room: ReadonlyMap<string, number>
  /** When each edge last changed, on the machine's clock. */
  readonly #changed = new Map<string, number>()
  readonly #pending: Stands[] = []

  constructor({ plan, problem, room }: Geography) {
    this.#room = room
    for (const edge of plan.edges) {
      for (const f of edge.flows) {
        const links = new Map<string, number>()
        for (let q = problem.pathStart[f]!; q < problem.pathStart[f + 1]!; q++) {
          const link = plan.links[problem.pathLink[q]!]!
          if (!link.virtual) links.set(link.id, problem.pathFraction[q]!)
        }
        const { record, id, ceiling } = plan.flows[f]!
        this.#grants.set(`${edge.id} ${recordKey(record)}`, { name: id, links, ceiling: ceiling / 1_000 })
      }
    }
  }

  hear(said: Says | Stands): void {
    this.events.push(said)
    if (said.kind === 'stands') return void this.#pending.push(said)
    const before = this.said.get(said.edge)
    this.said.set(said.edge, { ...said, applied: said.applied ?? before?.applied ?? null })
    const [was, is] = [before?.applied, said.applied]
    if (was && is && (is.epoch < was.epoch || (is.epoch === was.epoch && is.seq < was.seq)))
      this.breaches.push(`I1: ${said.edge} went back from ${was.epoch}.${was.seq} to ${is.epoch}.${is.seq}`)
  }

  /** Hears what is published to every edge; `open` before anything is. */
  async listen(url: string, plane: string, edges: readonly string[], ending: Ending): Promise<void> {
    const names = keys(plane)
    const subscriber = connect(url, 'controller-subscriber')
    const head = connect(url, 'controller')
    ending.teardown(() => {
      subscriber.disconnect()
      head.disconnect()
    })
    // What was said while the subscriber was away is no gap.
    subscriber.on('close', () => {
      this.#last = null
    })
    subscriber.on('messageBuffer', (channel: Buffer, bytes: Buffer) => {
      const edge = edges.find((one) => names.down(one) === channel.toString())
      const serial = edge === undefined ? null : serialOf(bytes, edge)
      if (serial !== null) this.#published(serial, head, names.head)
    })
    const hear = (): Promise<unknown> => subscriber.subscribe(...edges.map((edge) => names.down(edge)))
    subscriber.on('ready', () => void hear().catch(() => undefined))
  }

  /** While `speak` puts bytes of its own on the channels. */
  async unheard(speak: () => Promise<void>): Promise<void> {
    this.#isIgnoring = true
    await speak()
    // What was said last is still on its way.
    await sleep(300)
    this.#isIgnoring = false
    this.#last = null
  }

  #published({ epoch, seq }: Serial, head: Redis, key: string): void {
    if (this.#isIgnoring) return
    const last = this.#last
    if (last?.epoch === epoch && last.seq === seq) return
    this.publications++
    const follows = last === null || (epoch === last.epoch ? seq === last.seq + 1 : seq === 1)
    if (!follows) this.breaches.push(`I2: ${epoch}.${seq} after ${last.epoch}.${last.seq}`)
    this.#last = { epoch, seq }
    void head.hmget(key, 'epoch', 'leader').then(
      ([now, leader]) => {
        if (Number(now) !== epoch || !leader) return
        const before = this.leaders.get(epoch) ?? leader
        if (before !== leader) this.breaches.push(`I2: epoch ${epoch} has two writers, ${before} and ${leader}`)
        this.leaders.set(epoch, leader)
      },
      () => undefined,
    )
  }

  /**
   * Sums every link at every change since the last time. Messages of two processes may come in another order than they
   * were said: whoever asks while they still come leaves those of the last moment for the next time.
   * @param before on the machine's clock
   */
  weigh(before: Milliseconds = Number.POSITIVE_INFINITY): void {
    const all = this.#pending.splice(0).sort((a, b) => a.at - b.at)
    this.#pending.push(...all.filter(({ at }) => at >= before))
    for (const { edge, at, rates, enforcement } of all) {
      if (at >= before) break
      this.#changed.set(edge, at)
      if (enforcement !== 'enforce' && enforcement !== 'hold') {
        this.standing.delete(edge)
        continue
      }
      this.standing.set(edge, new Map(rates))
      for (const [key, kbps] of rates) {
        const grant = this.#grants.get(`${edge} ${key}`)
        if (!grant) continue
        if (!(kbps > 0)) this.breaches.push(`I4: ${grant.name} at ${edge} is at ${kbps} kbit/s`)
        if (kbps > grant.ceiling + 1) this.breaches.push(`I4: ${grant.name} is at ${kbps} of ${grant.ceiling} kbit/s`)
      }
      this.#sum(at)
    }
  }

  #sum(at: number): void {
    const load = new Map<string, number>()
    for (const [edge, rates] of this.standing) {
      for (const [key, kbps] of rates) {
        for (const [link, part] of this.#grants.get(`${edge} ${key}`)?.links ?? [])
          load.set(link, (load.get(link) ?? 0) + part * kbps * 1_000)
      }
    }
    this.sums += load.size
    for (const [link, sum] of load) {
      const room = this.#room.get(link)!
      if (sum > room + ROUNDING)
        this.breaches.push(
          `I3: ${link} carries ${Math.round(sum)} of ${Math.round(room)} bit/s at ${Math.round(at)} ` +
            `(${this.#partsOf(link, at)})`,
        )
    }
  }

  /** What of it each edge has, and since when. */
  #partsOf(link: string, at: number): string {
    const parts = [...this.standing].map(([edge, rates]) => {
      let sum = 0
      for (const [key, kbps] of rates) sum += (this.#grants.get(`${edge} ${key}`)?.links.get(link) ?? 0) * kbps * 1_000
      const { state, applied } = this.said.get(edge) ?? {}
      const since = Math.round(at - this.#changed.get(edge)!)
      return `${edge} ${Math.round(sum)} for ${since} ms, ${state} ${applied?.epoch}.${applied?.seq}`
    })
    return parts.join('; ')
  }
}

const [EPOCH_AT, SEQ_AT] = [8, 16]

/** Of what is signed the head alone is read: whether the key is right is for its edge to judge. */
function serialOf(bytes: Buffer, edge: string): Serial | null {
  const message = decodeRates(bytes, { edge })
  if (!isRefusal(message)) return message
  if (message.code !== 'MAC') return null
  return { epoch: Number(bytes.readBigUInt64BE(EPOCH_AT)), seq: Number(bytes.readBigUInt64BE(SEQ_AT)) }
}
