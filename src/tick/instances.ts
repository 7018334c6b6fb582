// One gateway, one agent. A state folder is copied with its machine, and then two agents have one account: each would
// be told what the other asked for, and each would let through what one may. So an edge has a holder: the agent that
// was heard first. Its reports count, and messages name it; whoever else speaks as this edge is told by that name that
// it is not meant, counts for nothing, and is shown to people with its place.
//
// Another agent takes the holder's place when the holder has been silent: of the same machine, which was started anew,
// for as long as any edge may be; of another for a lease, in which everything that the holder was granted ends. Not so
// a machine that spoke while the holder did: it is a copy, and the holder's line is cut. It, and whoever else speaks,
// is let in at once where a person has said within the last hour that the holder is replaced. What is silent is judged
// by new stamps alone: an old report lies in the store for as long as nobody writes another.
//
// Who leads next finds the holder in what the store holds for the edge. Agents of older releases do not tell who they
// are: they are told apart by their boot, and a new boot is taken for the same machine. This is a net for accidents:
// who has an edge's keys can call himself what he likes.

import type { SecondAgent } from '../model/board.js'
import { type EdgeReport, machineOf } from '../model/lease.js'
import { staleAfter } from '../model/line.js'
import type { Plan } from '../model/plan.js'
import { MINUTE, type Milliseconds, type UnixMilliseconds } from '../model/units.js'
import type { Replacement } from '../policy/in-force/register.js'
import type { Clock } from '../runtime/clock.js'

interface Patience {
  /** How long an edge may be silent. */
  readonly staleAfter: Milliseconds
  readonly lease: Milliseconds
}

interface Now {
  readonly monotonic: Milliseconds
  readonly wall: UnixMilliseconds
}

type Report = Pick<EdgeReport, 'edge' | 'stamp' | 'instance' | 'place'>

interface Speaker {
  /** Null: it does not tell. */
  readonly instance: string | null
  /** Null: known from the store alone. */
  readonly boot: string | null
  readonly place: string | null
  /** Its newest stamp, and when we had that first. */
  readonly stamp: Milliseconds
  readonly heardAt: Milliseconds
  /** When it became what it is. */
  readonly since: Now
  /** It spoke, and the holder after it. */
  readonly isBeside: boolean
}

interface Known {
  readonly holder: Speaker
  /** Who else spoke, the last first: one of each machine. */
  readonly others: readonly Speaker[]
}

const NEVER = Number.NEGATIVE_INFINITY
/** Machines beside the holder that are remembered: more copies than anybody makes by accident. */
const MOST_OTHERS = 8
/** How long a replacement waits for who comes. */
const REPLACEMENT_HOLDS: Milliseconds = 60 * MINUTE

export class Instances {
  readonly #clock: Pick<Clock, 'monotonic' | 'wall'>
  readonly #known = new Map<string, Known>()
  readonly #patience = new Map<string, Patience>()
  #replaced: ReadonlyMap<string, Replacement> = new Map()
  #plan: Plan | null = null

  constructor(clock: Pick<Clock, 'monotonic' | 'wall'>) {
    this.#clock = clock
  }

  /** How long edges of this plan may be silent, and which of them a person said are replaced. */
  suit(plan: Plan, replacements: readonly Replacement[] = []): void {
    this.#replaced = new Map(replacements.map((one) => [one.edge, one]))
    if (plan === this.#plan) return
    this.#plan = plan
    this.#patience.clear()
    const { timing } = plan
    for (const { id, line } of plan.edges)
      this.#patience.set(id, { staleAfter: staleAfter(timing, line) + timing.tick, lease: timing.lease })
    for (const edge of this.#known.keys()) if (!this.#patience.has(edge)) this.#known.delete(edge)
  }

  get #now(): Now {
    return { monotonic: this.#clock.monotonic(), wall: this.#clock.wall() }
  }

  /** Whether the report counts: it is the holder's, or that of who takes its place. */
  admits(report: Report): boolean {
    const now = this.#now
    const patience = this.#patience.get(report.edge)
    if (patience === undefined) return true
    const known = this.#known.get(report.edge)
    if (known === undefined) {
      this.#known.set(report.edge, { holder: speakerOf(report, now), others: [] })
      return true
    }
    const { holder, others } = known
    if (isSame(holder, report)) {
      const next = heard(holder, report, now)
      this.#known.set(report.edge, { holder: next, others: next === holder ? others : others.map(beside) })
      return true
    }
    const before = others.find((one) => isSame(one, report) || isOfMachine(one, report))
    const other = before ? heard(before, report, now) : speakerOf(report, now)
    const isNew = other.heardAt === now.monotonic
    const takesOver = isNew && (this.#isReplaced(report.edge, holder, now) || isGone(holder, other, patience, now))
    if (takesOver) {
      const rest = others.filter((one) => one !== before)
      this.#known.set(report.edge, { holder: { ...other, since: now, isBeside: false }, others: rest })
    } else if (before) {
      this.#known.set(report.edge, { holder, others: others.map((one) => (one === before ? other : one)) })
    } else this.#known.set(report.edge, { holder, others: [...others, other].slice(-MOST_OTHERS) })
    return takesOver
  }

  /** Who leads has named the holder; null: it named nobody. */
  follow(edge: string, instance: string | null): void {
    const now = this.#now
    const known = this.#known.get(edge)
    if (instance === null || known?.holder.instance === instance) return
    const holder: Speaker = {
      ...{ instance, boot: null, place: null, stamp: NEVER, heardAt: now.monotonic, since: now, isBeside: false },
    }
    const others = (known?.others ?? []).filter((one) => one.instance !== instance)
    this.#known.set(edge, { holder, others })
  }

  /** Who speaks beside the holder, and goes on while that does. */
  secondOf(edge: string): SecondAgent | null {
    const since = this.#clock.monotonic() - (this.#patience.get(edge)?.staleAfter ?? 0)
    const second = this.#known.get(edge)?.others.find(({ isBeside, heardAt }) => isBeside && heardAt >= since)
    return second ? { place: second.place, since: second.since.wall } : null
  }

  /** By its name where that was known, so that it holds whoever leads, and is over with the one that was meant. */
  #isReplaced(edge: string, { instance, since }: Speaker, now: Now): boolean {
    const replaced = this.#replaced.get(edge)
    if (replaced === undefined || now.wall - replaced.at > REPLACEMENT_HOLDS) return false
    return replaced.instance ? replaced.instance === instance : replaced.at > since.wall
  }
}

const speakerOf = ({ instance, stamp, place }: Report, now: Now): Speaker => ({
  ...{ instance: instance ?? null, boot: stamp.boot, place: place ?? null, stamp: stamp.at },
  ...{ heardAt: now.monotonic, since: now, isBeside: false },
})

function isSame({ instance, boot }: Speaker, report: Report): boolean {
  if (instance !== null && report.instance !== undefined) return instance === report.instance
  return boot === report.stamp.boot
}

/** What is not newer was heard before. */
function heard(speaker: Speaker, report: Report, now: Now): Speaker {
  const isNew = speaker.boot !== report.stamp.boot || report.stamp.at > speaker.stamp
  return isNew ? { ...speakerOf(report, now), since: speaker.since, isBeside: speaker.isBeside } : speaker
}

/** After a restart the last words of the one that was before may still be on their way: they are not new. */
const beside = (speaker: Speaker): Speaker => (speaker.isBeside ? speaker : { ...speaker, isBeside: true })

const isOfMachine = ({ instance }: Speaker, other: { readonly instance?: string | null }): boolean =>
  instance !== null && other.instance != null && machineOf(instance) === machineOf(other.instance)

function isGone(holder: Speaker, other: Speaker, { staleAfter, lease }: Patience, now: Now): boolean {
  const silence = now.monotonic - holder.heardAt
  // Who does not tell is taken for the same machine, and its last words may come after the first of who follows.
  const isSameMachine = holder.instance === null || other.instance === null || isOfMachine(holder, other)
  return isSameMachine ? silence > staleAfter : !other.isBeside && silence > lease
}
