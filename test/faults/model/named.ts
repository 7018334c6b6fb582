// Who is named: what each controller's watch finds, held for as long as its alarm waits. One that lies must be named in
// five seconds from when who leads has heard its lie; an honest one is never said to be incredible, and one that hears
// what it is told never to say old things again.

import type { Milliseconds } from '../../../src/model/units.js'
import { ALARMS } from '../../../src/record/alarm-table.js'
import { Counters } from '../../../src/record/counters.js'
import type { Finding } from '../../../src/record/findings.js'
import type { SolvedTick } from '../../../src/record/tick.js'
import { Watch } from '../../../src/record/watch.js'
import type { Clock } from '../../../src/runtime/clock.js'
import type { Breach } from './ledger.js'
import type { Liar } from './lies.js'
import type { World } from './world.js'

const WITHIN: Milliseconds = 5_000
/** What is told of an edge that lied is told for a while after it has ended: its clock is not what it was. */
const TOLD_FOR: Milliseconds = 60_000
/** An edge that heard nothing takes so long to be believed again. */
const HEARS_AGAIN: Milliseconds = 15_000

export class Named {
  readonly breaches: Breach[] = []
  readonly #world: World
  /** By code and edge, when an alarm of it was last up somewhere. */
  readonly #seen = new Map<string, Milliseconds>()
  readonly #judged = new Set<string>()
  /** By edge and lie, when it was last excused. */
  readonly #excusedAt = new Map<string, Milliseconds>()
  /** By edge, when it lied last. */
  readonly #liedAt = new Map<string, Milliseconds>()

  constructor(world: World) {
    this.#world = world
  }

  /** For the ticks of one controller. */
  watching(clock: Clock): (tick: SolvedTick) => void {
    let first = new Map<string, Milliseconds>()
    const observe = (findings: readonly Finding[]): void => {
      const now = clock.monotonic()
      const pending = new Map<string, Milliseconds>()
      for (const finding of findings) {
        const { code, subject, cause } = finding
        const key = `${code} ${subject}`
        const since = first.get(key) ?? now
        pending.set(key, since)
        if (now - since >= ALARMS[code].raiseAfter) this.#name(code, cause, subject, now)
      }
      first = pending
    }
    const book = { observe, heed: () => undefined }
    const watch = new Watch({ book, clock, counters: new Counters(), recordFails: () => null })
    return (tick) => watch.see(tick)
  }

  #name(code: string, edge: string, subject: string, now: Milliseconds): void {
    if (!this.#world.edges.includes(edge)) return
    this.#seen.set(`${code} ${edge}`, now)
    const lies = (this.#world.liars.get(edge)?.lies.size ?? 0) > 0
    const isLiar = lies || now - (this.#liedAt.get(edge) ?? Number.NEGATIVE_INFINITY) < TOLD_FOR
    if (code === 'EDGE_CEASED') this.breaches.push({ at: now, what: `${edge} is said to have ceased without an order` })
    if (
      code === 'EDGE_UNPROVEN' &&
      now - (this.#world.store.deafAt.get(edge) ?? Number.NEGATIVE_INFINITY) > HEARS_AGAIN
    )
      this.breaches.push({ at: now, what: `${edge} is said to say old things, and hears what it is told` })
    if (code === 'EDGE_NOT_CREDIBLE' && !isLiar)
      this.breaches.push({ at: now, what: `${subject} is said to be incredible, and did not lie` })
  }

  /** Once a second. */
  check(): void {
    for (const [edge, liar] of this.#world.liars) this.#check(edge, liar)
  }

  #check(edge: string, liar: Liar): void {
    const { now, clock, store, switches } = this.#world
    if (liar.lies.size > 0) this.#liedAt.set(edge, now)
    const board = this.#world.leader()?.controller.board
    const status = board?.edges.find(({ id }) => id === edge)
    // A report that nobody takes says nothing, such as one whose stamp is older than another's.
    const silence = status?.lastReport == null ? Number.POSITIVE_INFINITY : clock.wall() - status.lastReport
    const isDeaf = !board || board.learning || store.away || silence > 2_000
    for (const lie of liar.lies.keys()) {
      const told = liar.toldSince(lie)
      if (told === undefined || lie.alarm === null) continue
      const key = `${edge} ${lie.name}`
      const seen = board && status && { status, epoch: board.serial.epoch, isOrdered: switches.has(edge) }
      const isUnheard = isDeaf || now - silence < told
      if (isUnheard || (seen && lie.excuse?.(seen))) this.#excusedAt.set(key, now)
      const since = Math.max(told, this.#excusedAt.get(key) ?? 0)
      if (now - since <= WITHIN || this.#judged.has(`${key} ${since}`)) continue
      this.#judged.add(`${key} ${since}`)
      if (!((this.#seen.get(`${lie.alarm} ${edge}`) ?? -1) >= since))
        this.breaches.push({ at: now, what: `nobody names ${edge}, which ${lie.name}` })
    }
  }
}
