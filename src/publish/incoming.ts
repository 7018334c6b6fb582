// What comes in from edges: their reports. A controller hears each as it comes, for speed, and reads the newest of all
// once a tick, for truth. Whoever shouts is heard up to the size of one message, and then at the next reading.

import type { EdgeReport } from '../model/lease.js'
import type { PlanEdge } from '../model/plan.js'
import type { Bytes } from '../model/units.js'
import { messageOf } from '../runtime/errors.js'
import { MAX_CLASSES, MAX_MESSAGE_BYTES } from '../runtime/limits.js'
import type { Logger } from '../runtime/log.js'
import type { Redis } from '../runtime/redis.js'
import { isRefusal } from '../wire/bytes.js'
import type { MacsOf } from '../wire/mac.js'
import type { PlaneKeys } from '../wire/redis-keys.js'
import { ReportReader } from '../wire/report-reader.js'
import type { Freshness } from './freshness.js'
import { createJudge, readValues } from './reading.js'

/** Leaves that an edge may report beyond twice those of its plan, which may have been another a moment ago. */
const LEAVES_BESIDE = 1_024

export interface Incoming {
  /**
   * The newest report of each edge that has one we can read, but for those that were taken in as they came; and
   * listening to these edges from now on.
   */
  readReports(edges: readonly Pick<PlanEdge, 'id' | 'flows'>[]): Promise<readonly EdgeReport[]>
  /** Reports as they come; `heard` says whether it has taken one in. */
  onReport(heard: (report: EdgeReport) => boolean): void
  /** Whose reports count; before that everybody's. */
  admitBy(judge: (report: Omit<EdgeReport, 'counters' | 'isBase'>) => boolean): void
}

export function incoming(
  redis: Redis,
  subscriber: Redis,
  keys: PlaneKeys,
  log: Logger,
  macsOf: MacsOf,
  freshness: Pick<Freshness, 'admits'>,
): Incoming {
  let admits: Parameters<Incoming['admitBy']>[0] = () => true
  const reports = new ReportReader(macsOf, {
    admits: (report) => admits(report),
    isFresh: (report, key, lay) => freshness.admits(report, key, lay),
  })
  const judge = createJudge(log, 'report is refused')
  const reportOf = (edge: string, bytes: Buffer, lay: boolean): EdgeReport | null => {
    const read = reports.read(edge, bytes, { lay })
    // It is told by what it hears, and people by an alarm.
    return read === null || (isRefusal(read) && read.code === 'SECOND') ? null : judge(edge, read)
  }
  /** Up channel to its edge: what we listen to. */
  let channels: ReadonlyMap<string, string> = new Map()
  /** What came from each edge since reports were read. */
  const heardBytes = new Map<string, Bytes>()
  /** The bytes that were taken in last from each edge: as a rule the store holds the very same. */
  const taken = new Map<string, Buffer>()
  let listener: (report: EdgeReport) => boolean = () => false

  subscriber.on('messageBuffer', (channel: Buffer, message: Buffer) => {
    const edge = channels.get(channel.toString())
    if (edge === undefined) return
    const heard = (heardBytes.get(edge) ?? 0) + message.length
    heardBytes.set(edge, heard)
    const report = heard > MAX_MESSAGE_BYTES ? null : reportOf(edge, message, false)
    // A copy: what came lies in a larger piece of what the socket has read.
    if (report !== null && listener(report)) taken.set(edge, Buffer.from(message))
  })

  function listenTo(wanted: ReadonlyMap<string, string>): void {
    const added = [...wanted.keys()].filter((channel) => !channels.has(channel))
    const gone = [...channels.keys()].filter((channel) => !wanted.has(channel))
    for (const channel of gone) taken.delete(channels.get(channel)!)
    channels = wanted
    const complain = (error: unknown) => log.warn({ reason: messageOf(error) }, 'cannot listen to edges')
    if (added.length > 0) subscriber.subscribe(...added).catch(complain)
    if (gone.length > 0) subscriber.unsubscribe(...gone).catch(complain)
  }

  return {
    async readReports(edges) {
      listenTo(new Map(edges.map(({ id }) => [keys.up(id), id])))
      reports.keepOnly(new Map(edges.map(({ id, flows }) => [id, LEAVES_BESIDE + 2 * MAX_CLASSES * flows.length])))
      heardBytes.clear()
      const ids = edges.map(({ id }) => id)
      return [...(await readValues(redis, ids, keys.report))].flatMap(([edge, bytes]) =>
        taken.get(edge)?.equals(bytes) ? [] : (reportOf(edge, bytes, true) ?? []),
      )
    },
    onReport(heard) {
      listener = heard
    },
    admitBy(judge) {
      admits = judge
    },
  }
}
