// An edge that lies: what it says instead of what is so, and the alarm that must name it within five seconds. It says
// it in the bytes of a report, or counts it in its kernel; what it enforces is nobody's business but its own.

import type { EdgeStatus } from '../../../src/model/board.js'
import type { RefusalCode } from '../../../src/model/lease.js'
import { LAST_TIME } from '../../../src/model/units.js'
import type { AlarmCode } from '../../../src/record/alarm-table.js'
import type { Clock } from '../../../src/runtime/clock.js'
import type { RateMessage, SentReport } from '../../../src/wire/messages.js'
import type { Gateway } from './gateway.js'

/** What the lie is told with. */
export interface Told {
  readonly report: SentReport
  /** The newest content that it was granted. */
  readonly newest: RateMessage | null
  /** What it said that it had applied when it began to lie so. */
  readonly applied: SentReport['applied']
  /** How long it has lied so, ms. */
  readonly since: number
}

/** What is known of the edge by who leads, under which epoch, and whether the edge has orders. */
export interface Seen {
  readonly status: EdgeStatus
  readonly epoch: number
  readonly isOrdered: boolean
}

export interface Lie {
  readonly name: string
  /** Null: it cannot be told from truth, and does no more than truth would. */
  readonly alarm: AlarmCode | null
  /** What makes truth of it, or shows nothing of it yet. */
  readonly excuse?: (seen: Seen) => boolean
  readonly tell?: (told: Told) => Partial<SentReport>
  /** What its kernel counts besides, bit/s of each flow of an institution. */
  readonly counts?: (institution: number, now: number) => number
  /** Of this link it says that it is down. */
  readonly link?: string
}

const applied = (epoch: number, seq: number): Pick<SentReport, 'applied'> => ({
  applied: { epoch, seq, crc: 1, profile: '0'.repeat(16) },
})
const ordered = ({ isOrdered }: Seen): boolean => isOrdered
/** Under another term more may have been told than who leads now knows of. */
const ofAnotherTerm = ({ status, epoch }: Seen): boolean => status.applied?.epoch !== epoch
/** There is nothing new to apply, or it says why not. */
const mayRest = ({ status: { lag, state, enforcement, refusal } }: Seen): boolean =>
  lag === 0 || state !== 'FRESH' || enforcement !== 'enforce' || refusal !== null
const refusing = (code: RefusalCode): Partial<SentReport> => ({ refusal: { code, detail: 'it says so' } })

export const LIES: readonly Lie[] = [
  { name: 'says bypass', alarm: 'EDGE_UNORDERED', excuse: ordered, tell: () => ({ enforcement: 'bypass' }) },
  { name: 'says hold', alarm: 'EDGE_UNORDERED', excuse: ordered, tell: () => ({ enforcement: 'hold' }) },
  {
    name: 'lifts an institution',
    alarm: 'EDGE_BYPASSED',
    excuse: ordered,
    tell: () => ({
      bypasses: [2, 3, 4].map((institution) => ({ institution, since: 0, until: LAST_TIME, reason: 'it says so' })),
    }),
  },
  { name: 'says it refuses', alarm: 'EDGE_REFUSING', tell: () => refusing('DRIVER') },
  { name: 'says SAFE', alarm: 'EDGE_SAFE', tell: () => ({ state: 'SAFE' }) },
  { name: 'counts what cannot be', alarm: 'EDGE_NOT_CREDIBLE', counts: () => 30e9 },
  { name: 'counts what it may carry', alarm: null, counts: () => 10e6 },
  {
    name: 'counts now here, now there',
    alarm: null,
    counts: (institution, now) => (institution % 5 === Math.floor(now / 2_500) % 5 ? 30e6 : 0),
  },
  {
    name: 'stamps run ahead',
    alarm: 'EDGE_NOT_CREDIBLE',
    tell: ({ report: { stamp }, since }) => ({ stamp: { ...stamp, at: stamp.at + 3 * since } }),
  },
  {
    name: 'begins anew each time',
    alarm: 'EDGE_NOT_CREDIBLE',
    tell: ({ report: { stamp } }) => ({
      stamp: { ...stamp, boot: Math.floor(stamp.at).toString(16).padStart(16, 'f') },
    }),
  },
  {
    name: 'applied what nobody told',
    alarm: 'EDGE_NOT_CREDIBLE',
    excuse: ofAnotherTerm,
    tell: ({ newest }) => (newest ? applied(newest.epoch, newest.seq + 1_000_000) : {}),
  },
  {
    name: 'applied at once',
    alarm: null,
    tell: ({ newest }) => (newest ? applied(newest.epoch, newest.seq) : {}),
  },
  { name: 'applies nothing more', alarm: 'EDGE_NOT_YIELDING', excuse: mayRest, tell: ({ applied }) => ({ applied }) },
  { name: 'applied nothing ever', alarm: 'EDGE_NOT_YIELDING', excuse: mayRest, tell: () => ({ applied: null }) },
  { name: 'says STALE', alarm: null, tell: () => ({ state: 'STALE' }) },
  { name: 'says a link is down', alarm: 'EDGE_NOT_CREDIBLE', link: 'transit' },
  { name: 'counts nothing', alarm: null, tell: () => ({ counters: null, base: null }) },
]

export class Liar {
  readonly #gateway: Gateway
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #since = new Map<Lie, number>()
  readonly #appliedThen = new Map<Lie, SentReport['applied']>()
  readonly #heardSince = new Map<Lie, number>()

  constructor(gateway: Gateway, clock: Pick<Clock, 'monotonic'>) {
    this.#gateway = gateway
    this.#clock = clock
  }

  /** What it lies about now, and since when. */
  get lies(): ReadonlyMap<Lie, number> {
    return this.#since
  }

  /** Since when it has said so in each report: of two lies about one thing only the later is told. */
  toldSince(lie: Lie): number | undefined {
    return lie.link ? this.#since.get(lie) : this.#heardSince.get(lie)
  }

  begin(lie: Lie, now: number): boolean {
    if (this.#since.has(lie)) return false
    this.#since.set(lie, now)
    this.#appliedThen.delete(lie)
    this.#count()
    return true
  }

  end(lie: Lie): void {
    this.#since.delete(lie)
    this.#heardSince.delete(lie)
    this.#count()
  }

  #count(): void {
    const lies = [...this.#since.keys()]
    this.#gateway.invents = (institution) =>
      lies.reduce((sum, { counts }) => sum + (counts?.(institution, this.#clock.monotonic()) ?? 0), 0)
  }

  tell(report: SentReport, newest: RateMessage | null, now: number): SentReport {
    const parts = [...this.#since].map(([lie, since]) => {
      const applied = this.#appliedThen.get(lie) ?? report.applied
      this.#appliedThen.set(lie, applied)
      return [lie, lie.tell?.({ report, newest, applied, since: now - since }) ?? {}] as const
    })
    const told: SentReport = Object.assign({ ...report }, ...parts.map(([, part]) => part))
    for (const [lie, part] of parts) {
      const fields = Object.keys(part) as (keyof SentReport)[]
      const isCounted = told.counters !== null && told.stamp.boot === report.stamp.boot
      const isTold = lie.counts ? isCounted : fields.length > 0 && fields.every((field) => told[field] === part[field])
      if (!isTold) this.#heardSince.delete(lie)
      else if (!this.#heardSince.has(lie)) this.#heardSince.set(lie, now)
    }
    return told
  }
}
