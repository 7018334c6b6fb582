// Reports with a memory. From version 2 a report tells what was added to counters since an earlier one that its reader
// has; here is who has it. Everyone else sees what counters have reached, or nothing, and never a wrong number.
//
// An edge builds only on a report that the controller said it has, and only on one of the last REPORTS_KEPT that it
// sent, or on what it builds on already. So the reader keeps as many, and what the newest report builds on; an edge
// does not go back. What is not known here (another reader had it, this one was restarted) says nothing of counters;
// the next message tells the edge so, and it tells everything again.
//
// One edge fills no more memory here than its plan has leaves for: beyond, its counters are not known.

import type { EdgeReport, Refusal } from '../model/lease.js'
import type { Milliseconds } from '../model/units.js'
import { REPORTS_KEPT } from '../runtime/limits.js'
import { printableLine } from '../runtime/printable.js'
import { isRefusal, refuse, refusing } from './bytes.js'
import { decodeReport, generationOf } from './codec.js'
import type { LeafColumns } from './leaf-columns.js'
import { sumOf } from './leaves.js'
import type { MacsOf } from './mac.js'
import type { ReportMessage } from './messages.js'

/** All counters of an edge as they stood in one report. */
interface Known {
  readonly at: Milliseconds
  readonly generation: number
  readonly leaves: LeafColumns
}

interface Past {
  readonly boot: string
  /** Oldest first. */
  readonly known: readonly Known[]
}

/** What decides, beside the codes that prove the author, whether a report counts. */
export interface ReportJudges {
  /** Whether it is for this agent to speak as the edge; asked before anything is made of its counters. */
  readonly admits?: (report: ReportMessage) => boolean
  /** Of a signed report: whether it is new. `key` names its key, and `lay` says that it was read from the store. */
  readonly isFresh?: (report: ReportMessage, key: string, lay: boolean) => boolean
}

export class ReportReader {
  readonly #past = new Map<string, Past>()
  readonly #macsOf: MacsOf
  readonly #judges: ReportJudges
  #most: ReadonlyMap<string, number> = new Map()

  constructor(macsOf: MacsOf = () => null, judges: ReportJudges = {}) {
    this.#macsOf = macsOf
    this.#judges = judges
  }

  /**
   * Null: it is not shown to be new, and nothing of it counts.
   * @param lay it was read from the store, where it may lie for long
   */
  read(edge: string, bytes: Uint8Array, { lay = false } = {}): EdgeReport | Refusal | null {
    return refusing(() => {
      const macs = this.#macsOf(edge)
      const decoded = decodeReport(bytes, { edge, macs })
      if (isRefusal(decoded)) return decoded
      const { admits = () => true, isFresh = () => true } = this.#judges
      const message = shown(decoded)
      if (macs !== null && !isFresh(message, macs.nameOf(generationOf(bytes)), lay)) return null
      if (!admits(message)) return refuse('SECOND', `another agent speaks as ${edge}`)
      const { counted: _, version: __, echo: ___, ...report } = message
      return { ...report, ...this.#countersOf(message) }
    })
  }

  /** Forgets all other edges; `most`: how many leaves each of these may have. */
  keepOnly(most: ReadonlyMap<string, number>): void {
    for (const edge of this.#past.keys()) if (!most.has(edge)) this.#past.delete(edge)
    this.#most = most
  }

  #countersOf(message: ReportMessage): Pick<EdgeReport, 'counters' | 'isBase'> {
    const { edge, stamp, counted } = message
    if (counted === null) return { counters: null, isBase: false }
    if (counted.kind === 'changed') return { counters: counted.leaves, isBase: false }
    const past = this.#past.get(edge)
    const known = past?.boot === stamp.boot ? past.known : []
    // The same report comes through the channel and stands in the store.
    const again = known.find(({ at }) => at === stamp.at)
    if (again) return { counters: again.leaves, isBase: true }
    const base = counted.kind === 'added' ? baseOf(known, counted.since, message.generation) : null
    if (base === undefined) return { counters: null, isBase: false }
    const leaves = base === null ? counted.leaves : sumOf(base.leaves, counted.leaves)
    if (leaves.length > (this.#most.get(edge) ?? Number.POSITIVE_INFINITY)) return { counters: null, isBase: false }
    const newest = known.at(-1)
    if (newest && stamp.at < newest.at) return { counters: leaves, isBase: false }
    const later = known.filter(({ at }) => base === null || at > base.at)
    later.push({ at: stamp.at, generation: message.generation, leaves })
    const kept = later.slice(-REPORTS_KEPT)
    this.#past.set(edge, { boot: stamp.boot, known: base === null ? kept : [base, ...kept] })
    return { counters: leaves, isBase: true }
  }
}

/** Its texts as people may be shown them: on one line each, and none of them an order to a terminal. */
function shown({ bypasses, notices, place, refusal, ...report }: ReportMessage): ReportMessage {
  return {
    ...report,
    ...{ agent: printableLine(report.agent), driver: printableLine(report.driver) },
    refusal: refusal && { ...refusal, detail: printableLine(refusal.detail) },
    ...(bypasses && { bypasses: bypasses.map((one) => ({ ...one, reason: printableLine(one.reason) })) }),
    ...(notices && { notices: notices.map((one) => ({ ...one, subject: printableLine(one.subject) })) }),
    ...(place !== undefined && { place: printableLine(place) }),
  }
}

const baseOf = (known: readonly Known[], since: Milliseconds, generation: number): Known | undefined =>
  known.find((one) => one.at === since && one.generation === generation)
