// Who is named: what each controller's watch finds, held for as long as its alarm waits. One that lies must be named in
// five seconds from its lie, or from when somebody leads who can hear it; an honest one is never said to be incredible.

import type { Milliseconds } from '../../../src/model/units.js'
import { ALARMS } from '../../../src/record/alarm-table.js'
import { Counters } from '../../../src/record/counters.js'
import type { Finding } from '../../../src/record/findings.js'
import type { SolvedTick } from '../../../src/record/tick.js'
import { Watch } from '../../../src/record/watch.js'
import type { Clock } from '../../../src/runtime/clock.js'
import type { Breach } from './ledger.js'
import { EDGES } from './plane.js'
import type { World } from './world.js'

const WITHIN: Milliseconds = 5_000
/** What is told of an edge that lied is told for a while after it has ended: its clock is not what it was. */
const TOLD_FOR: Milliseconds = 60_000

export class Named {
  readonly breaches: Breach[] = []
  readonly #world: World
  /** By code and edge, when an alarm of it was last up somewhere. */
  readonly #seen = new Map<string, Milliseconds>()
  readonly #judged = new Set<string>()
  #deafUntil: Milliseconds = 0
  #orderedUntil: Milliseconds = 0
  #liedAt = Number.NEGATIVE_INFINITY

  constructor(world: World) {
    this.#world = world
  }

  /** For the ticks of one controller. */
  watching(clock: Clock): (tick: SolvedTick) => void {
    let first = new Map<string, Milliseconds>()
    const observe = (findings: readonly Finding[]): void => {
      const now = clock.monotonic()
      const pending = new Map(findings.map(({ code, subject }) => [`${code} ${subject}`, now]))
      for (const { code, subject, cause } of findings) {
        const since = first.get(`${code} ${subject}`) ?? now
        pending.set(`${code} ${subject}`, since)
        if (now - since >= ALARMS[code].raiseAfter) this.#name(code, cause, subject, now)
      }
      first = pending
    }
    const book = { observe, heed: () => undefined }
    const watch = new Watch({ book, clock, counters: new Counters(), recordFails: () => null })
    return (tick) => watch.see(tick)
  }

  #name(code: string, edge: string, subject: string, now: Milliseconds): void {
    if (!EDGES.some((id) => id === edge)) return
    this.#seen.set(`${code} ${edge}`, now)
    const { options, liar } = this.#world
    if (liar && liar.lies.size > 0) this.#liedAt = now
    const isLiar = edge === options.liar && now - this.#liedAt < TOLD_FOR
    if (code === 'EDGE_NOT_CREDIBLE' && !isLiar)
      this.breaches.push({ at: now, what: `${subject} is said to be incredible, and did not lie` })
  }

  /** Once a second. */
  check(): void {
    const { now, clock, liar, store, options, switches } = this.#world
    if (!liar) return
    const board = this.#world.leader()?.controller.board
    const heard = board?.edges.find(({ id }) => id === options.liar)?.lastReport ?? Number.NEGATIVE_INFINITY
    // A report that nobody takes says nothing, such as one whose stamp is older than another's.
    if (!board || board.learning || store.away || clock.wall() - heard > 2_000) this.#deafUntil = now
    if (switches.has(options.liar!)) this.#orderedUntil = now
    for (const lie of liar.lies.keys()) {
      const told = liar.toldSince(lie)
      if (told === undefined || lie.alarm === null) continue
      const since = Math.max(told, this.#deafUntil, lie.alarm === 'EDGE_UNORDERED' ? this.#orderedUntil : 0)
      const key = `${lie.name} ${since}`
      if (now - since <= WITHIN || this.#judged.has(key)) continue
      this.#judged.add(key)
      if (!((this.#seen.get(`${lie.alarm} ${options.liar}`) ?? -1) >= since))
        this.breaches.push({ at: now, what: `nobody names ${options.liar}, which ${lie.name}` })
    }
  }
}
