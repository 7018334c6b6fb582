// The alarm book: findings come in each tick, alarms go out, few and steady.
//
//   hysteresis   a finding must last before it is an alarm, and be gone for a while before the alarm ends
//   one cause    findings of one code join the alarm that has their cause already, or one of their code that is not
//                older than two minutes: what starts together has one cause, be it one cable and 28 edges
//   events       what has no duration is found for as long as it can be seen, told once, and lasts until somebody has
//                seen it
//   memory       every change is a line in history/alarms.jsonl, so alarms, who saw them and what they noted outlive
//                the process

import { type Acknowledgement, type Alarm, SEVERITIES, type SeenElsewhere, type WordedAlarm } from '../model/alarm.js'
import type { UnixMilliseconds } from '../model/units.js'
import type { Clock } from '../runtime/clock.js'
import { MizaniError } from '../runtime/errors.js'
import type { Logger } from '../runtime/log.js'
import * as z from '../runtime/zod.js'
import type { AlarmKind } from './alarm-kind.js'
import { ALARMS, type AlarmCode, worded } from './alarm-table.js'
import type { Finding } from './findings.js'
import { Journal } from './journal.js'

const JOIN_WITHIN = 120_000
/** Alarms that are over: years of them. They are counted, not dated: a wrong clock must not take them away. */
const MOST_KEPT = 10_000
const MOST_MEMBERS = 1_000
/** Lines beyond the last of each alarm, before the file is written anew. */
const SLACK = 1_000

export type AlarmChange = 'raised' | 'acknowledged' | 'cleared'

interface Open {
  alarm: Alarm
  readonly causes: Set<string>
  /** When each member was last found. */
  readonly seen: Map<string, UnixMilliseconds>
}

const lineShape = z.object({
  id: z.string(),
  code: z.string(),
  severity: z.enum(SEVERITIES),
  members: z.array(z.string()),
  regions: z.array(z.string()),
  since: z.number(),
  cleared: z.number().nullable(),
  acknowledged: z.object({ by: z.string(), at: z.number(), note: z.string() }).nullable(),
  causes: z.array(z.string()).default([]),
  short: z.record(z.string(), z.object({ promised: z.number(), usable: z.number() })).optional(),
  said: z.record(z.string(), z.string()).optional(),
})

export class AlarmBook {
  readonly #journal: Journal<z.infer<typeof lineShape>>
  readonly #clock: Clock
  readonly #open = new Map<string, Open>()
  readonly #past = new Map<string, Alarm>()
  /** First sight of findings that are not alarms yet, by code and subject. */
  #pending = new Map<string, UnixMilliseconds>()
  readonly #listeners: ((change: AlarmChange, alarm: WordedAlarm) => void)[] = []
  /** Events of the past, by code and subject. */
  readonly #told = new Set<string>()
  /** Changed in this turn; whether it began in it. */
  readonly #touched = new Map<Open, boolean>()
  #made = 0
  /** When findings were last taken in. */
  #looked = 0

  constructor({ file, clock, log }: { readonly file: string; readonly clock: Clock; readonly log: Logger }) {
    this.#journal = new Journal({ file, shape: lineShape, log })
    this.#clock = clock
    this.#read()
  }

  onChange(listener: (change: AlarmChange, alarm: WordedAlarm) => void): void {
    this.#listeners.push(listener)
  }

  /** Open alarms, the newest first. */
  open(): WordedAlarm[] {
    return [...this.#open.values()].map((open) => this.#worded(open)).reverse()
  }

  /** All that are remembered, the newest first. */
  all(): WordedAlarm[] {
    return [...[...this.#past.values()].map((alarm) => worded(alarm)), ...this.open()].sort(
      (a, b) => b.since - a.since || (a.id < b.id ? 1 : -1),
    )
  }

  find(id: string): WordedAlarm | undefined {
    const open = this.#open.get(id)
    const past = this.#past.get(id)
    return open ? this.#worded(open) : past && worded(past)
  }

  /** Takes in all that is found wrong now. */
  observe(findings: readonly Finding[], now: UnixMilliseconds = this.#clock.wall()): void {
    this.#looked = now
    const pending = new Map<string, UnixMilliseconds>()
    for (const finding of findings) {
      const holder = this.#holderOf(finding)
      if (holder) {
        holder.seen.set(finding.subject, now)
        this.#noteMore(holder, finding)
        continue
      }
      const key = keyOf(finding)
      if (this.#told.has(key)) continue
      const first = Math.min(this.#pending.get(key) ?? now, now)
      if (now - first >= ALARMS[finding.code].raiseAfter) this.#enter(finding, now)
      else pending.set(key, first)
    }
    this.#pending = pending
    for (const open of [...this.#open.values()]) this.#letGo(open, now)
  }

  /** What is over already takes the note as well: in the morning, of the night. @throws MizaniError NOT_FOUND. */
  acknowledge(id: string, by: string, note: string): WordedAlarm {
    const acknowledged = { by, at: this.#clock.wall(), note }
    const open = this.#open.get(id)
    if (open) {
      this.#acknowledge(open, acknowledged)
      return this.#worded(open)
    }
    const past = this.#past.get(id)
    if (!past) throw notFound(`There is no alarm "${id}".`)
    if (past.acknowledged !== null) throw notFound(`That alarm is over, and ${past.acknowledged.by} has seen it.`)
    const noted = { ...past, acknowledged }
    this.#past.set(id, noted)
    this.#write({ alarm: noted, causes: [] })
    return worded(noted)
  }

  /** What was seen at another controller is seen here: alarms of the same code and member that had begun by then. */
  heed(seen: readonly SeenElsewhere[]): void {
    for (const { code, members, by, at, note } of seen) {
      for (const open of [...this.#open.values()]) {
        const { alarm } = open
        if (alarm.code !== code || alarm.acknowledged !== null || alarm.since > at) continue
        if (members.some((member) => open.seen.has(member))) this.#acknowledge(open, { by, at, note })
      }
    }
  }

  #acknowledge(open: Open, acknowledged: Acknowledgement): void {
    open.alarm = { ...open.alarm, acknowledged }
    if (kindOf(open.alarm).event) this.#end(open, acknowledged.at)
    else this.#write(open)
    this.#notify('acknowledged', open)
  }

  #holderOf({ code, subject }: Finding): Open | undefined {
    for (const open of this.#open.values()) if (open.alarm.code === code && open.seen.has(subject)) return open
    return undefined
  }

  #enter(finding: Finding, now: UnixMilliseconds): void {
    const { code, subject, cause, region } = finding
    const own = [...this.#open.values()].filter(({ alarm }) => alarm.code === code)
    const joined =
      own.find(({ causes }) => causes.has(cause)) ?? own.find(({ alarm }) => Math.abs(now - alarm.since) < JOIN_WITHIN)
    const open = joined ?? this.#begin(code, now)
    open.seen.set(subject, now)
    open.causes.add(cause)
    const { members, regions } = open.alarm
    open.alarm = {
      ...open.alarm,
      members: members.length < MOST_MEMBERS ? [...members, subject] : members,
      regions: region === null || regions.includes(region) ? regions : [...regions, region],
    }
    this.#noteMore(open, finding)
    this.#touch(open, joined === undefined)
  }

  /** What changes while it lasts is said as it is now; nobody is told twice. Of members that are listed only. */
  #noteMore(open: Open, { subject, short, said }: Finding): void {
    const { alarm } = open
    const known = alarm.short?.[subject]
    const isSum = short !== undefined && !(known?.promised === short.promised && known.usable === short.usable)
    const isSaid = said !== undefined && said !== alarm.said?.[subject]
    if (!(isSum || isSaid) || !alarm.members.includes(subject)) return
    open.alarm = {
      ...alarm,
      ...(isSum && { short: { ...alarm.short, [subject]: short } }),
      ...(isSaid && { said: { ...alarm.said, [subject]: said } }),
    }
    this.#touch(open, false)
  }

  #begin(code: AlarmCode, since: UnixMilliseconds): Open {
    const id = `${new Date(since).toISOString().slice(0, 16).replace(/\D/g, '')}-${(++this.#made).toString(36)}`
    const alarm: Alarm = {
      ...{ id, code, severity: ALARMS[code].severity, members: [], regions: [], since },
      ...{ cleared: null, acknowledged: null },
    }
    const open = { alarm, causes: new Set<string>(), seen: new Map<string, UnixMilliseconds>() }
    this.#open.set(id, open)
    return open
  }

  /** Written, and said when it is new, at the end of this turn: when all that started together has joined. */
  #touch(open: Open, isNew: boolean): void {
    if (this.#touched.size === 0) queueMicrotask(() => this.#settle())
    this.#touched.set(open, isNew || this.#touched.get(open) === true)
  }

  #settle(): void {
    const touched = [...this.#touched]
    this.#touched.clear()
    for (const [open, isNew] of touched) {
      // Told before it is written, here and at its end: after a kill in between it is told twice rather than never.
      if (isNew) this.#notify('raised', open)
      this.#write(open)
    }
  }

  #letGo(open: Open, now: UnixMilliseconds): void {
    const { clearAfter, event } = kindOf(open.alarm)
    if (event) return
    for (const [member, at] of open.seen) {
      // The clock was set back: what was seen then was seen by now.
      if (at > now) open.seen.set(member, now)
      if (at >= now - clearAfter) return
    }
    open.alarm = { ...open.alarm, cleared: now }
    this.#notify('cleared', open)
    this.#end(open, now)
  }

  #end(open: Open, at: UnixMilliseconds): void {
    open.alarm = { ...open.alarm, cleared: at }
    this.#open.delete(open.alarm.id)
    this.#keep(open.alarm)
    this.#write(open)
  }

  #keep(alarm: Alarm): void {
    this.#past.set(alarm.id, alarm)
    if (kindOf(alarm).event) for (const subject of alarm.members) this.#told.add(keyOf({ code: alarm.code, subject }))
  }

  #notify(change: AlarmChange, open: Open): void {
    const alarm = this.#worded(open)
    for (const listener of this.#listeners) listener(change, alarm)
  }

  /** An event is never gone: it has happened. */
  #worded({ alarm, seen }: Open): WordedAlarm {
    if (kindOf(alarm).event) return worded(alarm)
    const found = alarm.members.filter((member) => (seen.get(member) ?? 0) >= this.#looked)
    // Members are listed up to a number; whoever is found beyond it is found.
    let last = 0
    for (const at of seen.values()) last = Math.max(last, at)
    return worded(alarm, { found: found.length > 0 ? found : alarm.members, gone: last >= this.#looked ? null : last })
  }

  #write({ alarm, causes }: { readonly alarm: Alarm; readonly causes: Iterable<string> }): void {
    this.#journal.append(lineOf(alarm, causes))
    if (this.#journal.length > 2 * (this.#past.size + this.#open.size) + SLACK) this.#compact()
  }

  #compact(): void {
    const tooMany = [...this.#past.keys()].slice(0, -MOST_KEPT)
    for (const id of tooMany) this.#past.delete(id)
    const open = [...this.#open.values()].map(({ alarm, causes }) => lineOf(alarm, causes))
    this.#journal.rewrite([...[...this.#past.values()].map((alarm) => lineOf(alarm, [])), ...open])
  }

  /** The last line of each alarm counts. */
  #read(): void {
    const latest = new Map(this.#journal.read().map((line) => [line.id, line]))
    const now = this.#clock.wall()
    for (const { causes, ...alarm } of latest.values()) {
      this.#made++
      if (alarm.cleared === null) {
        const seen = new Map(alarm.members.map((member) => [member, now]))
        this.#open.set(alarm.id, { alarm, causes: new Set(causes), seen })
      } else this.#keep(alarm)
    }
    if (this.#journal.length > latest.size) this.#compact()
  }
}

function lineOf({ members, regions, ...rest }: Alarm, causes: Iterable<string>): z.infer<typeof lineShape> {
  return { ...rest, members: [...members], regions: [...regions], causes: [...causes] }
}

const notFound = (message: string): MizaniError => new MizaniError({ code: 'NOT_FOUND', remedy: 'drop', message })
const kindOf = ({ code }: Alarm): AlarmKind => (ALARMS as Record<string, AlarmKind>)[code] ?? ALARMS.CERTIFICATE_FAILING
const keyOf = ({ code, subject }: { readonly code: string; readonly subject: string }): string => `${code} ${subject}`
