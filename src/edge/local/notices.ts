// What this edge tells the controller besides rates and counters: what was found beside the shaped interfaces, an
// interface that does not carry, a certificate that ends, what others had changed. Drawn from what others here know;
// what is added is since when each has been so.

import type { EdgeReport } from '../../model/lease.js'
import type { EdgeNotice } from '../../model/notice.js'
import type { BitsPerSecond, Milliseconds, UnixMilliseconds } from '../../model/units.js'
import { MAX_NOTICES_PER_EDGE } from '../../runtime/limits.js'
import type { Repair } from '../enforcer.js'
import type { Link } from './link.js'
import type { Sight } from './lookout.js'

/** Less is what passes between two readings of one look. */
const LEAST_UNCOUNTED: BitsPerSecond = 100_000
/** How long a repair is told: longer than any edge is silent. */
const REPAIR_TOLD: Milliseconds = 60_000

export interface Around {
  readonly sight: Sight | null
  readonly link: Link
  readonly repair: Repair | null
  readonly now: UnixMilliseconds
}

type Found = Omit<EdgeNotice, 'since'> & { readonly since?: UnixMilliseconds }
type Told = Pick<EdgeReport, 'notices' | 'uncounted'>

const keyOf = ({ code, subject }: Found): string => `${code} ${subject}`

export class Notices {
  #since: ReadonlyMap<string, UnixMilliseconds> = new Map()

  tell(around: Around): Told {
    const { now, sight } = around
    const found = foundOf(around).slice(0, MAX_NOTICES_PER_EDGE)
    const notices = found.map((one) => ({ ...one, since: one.since ?? this.#since.get(keyOf(one)) ?? now }))
    this.#since = new Map(notices.map((notice) => [keyOf(notice), notice.since]))
    const [down, up] = [rateOf(sight, 'down'), rateOf(sight, 'up')]
    return { ...(notices.length > 0 ? { notices } : {}), ...(down + up > 0 ? { uncounted: { down, up } } : {}) }
  }
}

const rateOf = (sight: Sight | null, direction: 'down' | 'up'): BitsPerSecond =>
  Math.max(0, Math.round(sight?.uncounted?.[direction].rate ?? 0))

/** What leads past limits first: it is what must not be cut off. */
function foundOf({ sight, link, repair, now }: Around): Found[] {
  // What watches another machine knows of no interfaces.
  const { escapes = [], devices = [] } = sight ?? {}
  const ways = escapes.map(({ code, subject, used }): Found => ({ code, subject, used }))
  return [
    ...ways.filter(({ used }) => used),
    ...(['down', 'up'] as const).flatMap((direction): Found[] =>
      rateOf(sight, direction) >= LEAST_UNCOUNTED ? [{ code: 'UNCOUNTED', subject: direction, used: true }] : [],
    ),
    ...devices.flatMap(({ device, state }): Found[] =>
      state === 'up' ? [] : [{ code: state === 'down' ? 'UPLINK' : 'INTERFACE', subject: device, used: true }],
    ),
    ...devices.flatMap(({ device, isFull }): Found[] =>
      isFull ? [{ code: 'PORT', subject: device, used: true }] : [],
    ),
    ...(link.certificate === null ? [] : [{ code: 'CERTIFICATE', subject: link.certificate, used: true } as const]),
    ...(repair === null || now - repair.at > REPAIR_TOLD ? [] : [repairOf(repair)]),
    ...ways.filter(({ used }) => !used),
  ]
}

const repairOf = ({ at, steps, first, taken }: Repair): Found =>
  taken === null
    ? { code: 'REPAIRED', used: true, since: at, subject: `${steps} ${steps === 1 ? 'step' : 'steps'}: ${first}` }
    : { code: 'REMOVED', used: true, since: at, subject: taken }
