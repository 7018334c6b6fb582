// Memory as one thing: the recorder, the watch and the alarm book over one folder, and what the API may ask of them.

import { join } from 'node:path'
import type { Alarm, SeenElsewhere } from '../model/alarm.js'
import type { UnixMilliseconds } from '../model/units.js'
import { anotherRound, type Clock } from '../runtime/clock.js'
import type { Logger } from '../runtime/log.js'
import { AlarmBook } from './alarm-book.js'
import { archiveThread } from './archive-thread.js'
import { type BusyHour, BusyHours } from './busy-hour.js'
import { Counters } from './counters.js'
import type { Finding } from './findings.js'
import type { RequestRules } from './guarded-request.js'
import { createHistoryThread } from './history-thread.js'
import { LeaderNotifier } from './leader-notifier.js'
import { createMail, type MailOptions } from './mail.js'
import { type Missed, missedDuring } from './missed.js'
import { momentAt, type PastMoment, type Solve } from './past.js'
import { Recorder } from './recorder.js'
import type { SolvedTick } from './tick.js'
import { Watch } from './watch.js'
import type { WebhookStore } from './webhook-store.js'
import { Webhooks } from './webhooks.js'

export interface MemoryOptions {
  /** $MIZANI_DATA/history. */
  readonly folder: string
  readonly solve: Solve
  readonly clock: Clock
  readonly log: Logger
  /** Aborted: deliveries and reading wait no longer; `stop` follows. */
  readonly ending: AbortSignal
  readonly plane: string
  readonly timezone: () => string
  readonly webhooks: WebhookStore
  readonly rules: RequestRules
  /** Null: nobody is told by e-mail. */
  readonly mail: Pick<MailOptions, 'server' | 'from' | 'to'> | null
  readonly bound: { readonly months: number; readonly bytes: number }
  /** What other parts know to be wrong now. */
  readonly others?: () => readonly Finding[]
  /** What was acknowledged at other controllers of the plane. */
  readonly seen?: () => readonly SeenElsewhere[]
}

export function openMemory(options: MemoryOptions) {
  const { folder, solve, clock, log, ending, bound, others, seen, plane, rules } = options
  const archive = archiveThread(folder, ending)
  const historian = createHistoryThread(folder, clock)
  const counters = new Counters()
  const alarms = new AlarmBook({ file: join(folder, 'alarms.jsonl'), clock, log })
  const recorder = new Recorder({ archive, clock, log, counters, bound })
  const busyHours = new BusyHours({ archive, clock, log, timezone: options.timezone })
  const recording: Pick<Recorder, 'failing' | 'size'> = recorder
  const recordFails = (): string | null => recorder.failing
  const watch = new Watch({
    book: alarms,
    clock,
    counters,
    recordFails,
    ...(others && { others }),
    ...(seen && { seen }),
  })
  const told = { folder, plane, zone: options.timezone, clock, log, ending }
  const webhooks = new Webhooks({ store: options.webhooks, rules, ...told })
  const mail = options.mail && createMail({ ...options.mail, ...told })
  const notifier = new LeaderNotifier([
    (change, alarm) => webhooks.notify(change, alarm),
    (change, alarm) => mail?.notify(change, alarm),
  ])
  alarms.onChange((change, alarm) => notifier.change(change, alarm))
  recorder.start()
  watch.start()
  busyHours.start()
  return {
    alarms,
    counters,
    webhooks,
    recorder: recording,
    /** Never rejects. */
    async see(tick: SolvedTick): Promise<void> {
      notifier.lead(tick.board.leads)
      recorder.see(tick)
      await anotherRound()
      watch.see(tick)
    },
    history: historian.ask,
    missed: (alarm: Alarm): Promise<Missed[]> => archive.missed(missedDuring(alarm, clock.wall())),
    momentAt: (at: UnixMilliseconds): Promise<PastMoment> => momentAt(archive, solve, at),
    /** Of the last seven days, as of the last hour; null until a working day is recorded in full. Costs nothing. */
    busyHour: (): BusyHour | null => busyHours.latest,
    /** What is open is written first. */
    async stop(): Promise<void> {
      watch.stop()
      busyHours.stop()
      await Promise.all([recorder.stop(), webhooks.settled(), mail?.settled()])
      await Promise.all([archive.close(), historian.close()])
    },
  }
}

export type Memory = ReturnType<typeof openMemory>
