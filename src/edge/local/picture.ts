// What an engineer at the box sees: each site with the rates in force, since when, what waits and what was dropped,
// and in one sentence why. Drawn from the agent alone, so it is as true with the controller away.
//
// Rates belong to institutions: two sites of one institution at this edge share theirs, and both rows say so.

import { type EdgeProfile, type LocalBypass, type Refusal, recordKey } from '../../model/lease.js'
import { DIRECTIONS, type Direction, type Enforcement, type Text } from '../../model/network.js'
import type { EdgeNotice } from '../../model/notice.js'
import { CONTROL, UNMAPPED } from '../../model/plan.js'
import { type Promised, type Reason, reasonInWords } from '../../model/reason.js'
import {
  type BitsPerSecond,
  type Bytes,
  fromKbps,
  type Milliseconds,
  toSeconds,
  type UnixMilliseconds,
} from '../../model/units.js'
import { type Desired, isShaped, type Stats } from '../driver.js'
import { classId, minorOf } from '../drivers/linux-htb/layout.js'
import type { DatedRefusal, Repair } from '../enforcer.js'
import { orderedAt } from '../goal.js'
import type { History, WouldLimit } from '../history.js'
import type { Content, Phase } from '../lease-keeper.js'
import type { ToldReasons } from '../memory.js'
import type { ReportHead } from '../reporter.js'
import type { Link } from './link.js'
import type { Sight } from './lookout.js'

/** The agent at one moment, as it knows itself. */
export interface Picture {
  readonly head: ReportHead
  readonly at: UnixMilliseconds
  readonly profile: EdgeProfile | null
  /** What stands, read back; null: nothing of ours. */
  readonly inForce: Desired | null
  readonly history: History
  readonly step: Phase['step']
  /** The newest content that was taken; null: none, or none that is remembered. */
  readonly granted: Content | null
  /** Why flows have their rates, as the controller said last; null: it did not. */
  readonly told: ToldReasons | null
  readonly lastContact: UnixMilliseconds | null
  readonly leaseLeft: Milliseconds | null
  /** Of a message, of the driver. */
  readonly lastRefusals: readonly [DatedRefusal | null, DatedRefusal | null]
  readonly lastRepair: Repair | null
  readonly counters: Stats | null
  readonly link: Link
  /** Unmapped traffic and the gateway's own are not limited here, whatever was told. */
  readonly sitesOnly: boolean
}

/** One flow of a site's institution, in the terms of people. */
export interface FlowRow {
  readonly service: string
  readonly direction: Direction
  /** In force; null: not limited. */
  readonly rate: BitsPerSecond | null
  readonly safe: BitsPerSecond
  readonly since: UnixMilliseconds | null
  /** What passes now; null: not known yet. */
  readonly throughput: BitsPerSecond | null
  /** What the policy promises it and up to what it may have, on all edges together; null: not told. */
  readonly promised: Promised | null
  /** What the controller says that it has run into; null: nothing, or it was not told. */
  readonly limit: Reason | null
  /** The same in the controller's words, and what is promised; null: not told. */
  readonly reason: Text | null
  /** Of tc, where the kernel shapes: the flow's own, over its classes. */
  readonly classId: string | null
  readonly sent: Bytes
  readonly queue: Bytes
  readonly drops: number
  /** Only where nothing is enforced: what this rate would have held back. */
  readonly wouldLimit: WouldLimit | null
}

export interface SiteRow {
  readonly site: string
  readonly institution: string
  readonly prefixes: readonly string[]
  readonly flows: readonly FlowRow[]
  readonly why: string
}

export interface EdgeStatusPage {
  readonly edge: string
  readonly agent: string
  readonly driver: string
  readonly simulated: boolean
  /** Which agent this is of those that may speak as this edge, and where; null: it does not tell. */
  readonly instance: string | null
  readonly place: string | null
  /** What it tells the controller besides, as there. */
  readonly notices: readonly EdgeNotice[]
  readonly at: UnixMilliseconds
  readonly state: ReportHead['state']
  readonly enforcement: Enforcement
  /** What the controller ordered. */
  readonly ordered: Enforcement | null
  /** When that ends by itself, and what the edge does from then on; null: it does not end. */
  readonly ends: { readonly at: UnixMilliseconds; readonly next: Enforcement } | null
  readonly applied: { readonly epoch: number; readonly seq: number } | null
  readonly revision: number | null
  readonly lastContact: UnixMilliseconds | null
  readonly leaseLeft: Milliseconds | null
  /** Of the way to the rates: why nothing comes, and what is to be done about our certificate. */
  readonly link: Link
  readonly refusal: Refusal | null
  readonly lastRefusal: DatedRefusal | null
  /** What others had changed here and was put right. */
  readonly lastRepair: Repair | null
  readonly bypasses: readonly (Omit<LocalBypass, 'institution'> & { readonly institution: string | null })[]
  readonly observedSince: UnixMilliseconds | null
  /** When the counters were read; null: not yet. */
  readonly countersAt: UnixMilliseconds | null
  /** As of when the reasons of rates are so; null: none were told. */
  readonly reasonsAt: UnixMilliseconds | null
  /** Beside what is shaped; null: nobody looks, or has looked yet. */
  readonly beside: Sight | null
  readonly sites: readonly SiteRow[]
}

/** The same page for the terminal, for `--json` and for whatever else asks at the local socket. */
export function statusPage(picture: Picture, beside: Sight | null = null): EdgeStatusPage {
  const { head, profile, granted } = picture
  const { edge, agent, driver, simulated, state, enforcement, applied, refusal } = head
  return {
    ...{ edge, agent, driver, simulated, at: picture.at, state, enforcement, refusal },
    ...{ instance: head.instance ?? null, place: head.place ?? null, notices: head.notices ?? [] },
    ordered: profile && orderedAt(profile, picture.at),
    ends: endOf(profile, picture.at),
    applied: applied && { epoch: applied.epoch, seq: applied.seq },
    revision: granted?.revision ?? null,
    lastContact: picture.lastContact,
    leaseLeft: picture.leaseLeft,
    link: picture.link,
    lastRefusal: newest(picture.lastRefusals),
    lastRepair: picture.lastRepair,
    bypasses: (head.bypasses ?? []).map((bypass) => ({ ...bypass, institution: nameOf(profile, bypass.institution) })),
    observedSince: picture.history.observation.since,
    countersAt: picture.history.throughput.readAt,
    reasonsAt: picture.told?.at ?? null,
    beside,
    sites: rowsOf(picture),
  }
}

const endOf = (profile: EdgeProfile | null, now: UnixMilliseconds): EdgeStatusPage['ends'] =>
  profile === null || profile.until === null || now >= profile.until
    ? null
    : { at: profile.until, next: orderedAt(profile, profile.until) }

const newest = (refusals: Picture['lastRefusals']): DatedRefusal | null =>
  refusals.reduce((last, one) => (one && (!last || one.at > last.at) ? one : last))

const nameOf = (profile: EdgeProfile | null, institution: number | null): string | null =>
  institution === null
    ? null
    : (profile?.institutions.find(({ index }) => index === institution)?.id ?? `no. ${institution}`)

/** The edge's own traffic first, where that is limited, then its sites in the order of the profile. */
function rowsOf(picture: Picture): SiteRow[] {
  const { profile } = picture
  if (!profile) return []
  const flows = flowsByInstitution(picture, profile)
  const row = (site: string, institution: string, index: number, prefixes: readonly string[]): SiteRow => ({
    ...{ site, institution, prefixes },
    flows: flows.get(index) ?? [],
    why: whyOf(picture, index),
  })
  const own = picture.sitesOnly ? [] : [row(CONTROL, CONTROL, 1, []), row(UNMAPPED, UNMAPPED, 0, [])]
  const sites = profile.institutions.flatMap(({ id, index, sites }) =>
    sites.map((site) => row(site.id, id, index, site.prefixes)),
  )
  return [...own.filter((r) => r.flows.length > 0), ...sites]
}

function flowsByInstitution(picture: Picture, profile: EdgeProfile): Map<number, FlowRow[]> {
  const { head, inForce, history, counters, told } = picture
  const promises = promisesOf(profile)
  const reasons = reasonsByFlow(told)
  const totals = new Map<number, { sent: Bytes; queue: Bytes; drops: number }>()
  for (const leaf of counters?.leaves ?? []) {
    const key = recordKey(leaf)
    const total = totals.get(key) ?? { sent: 0, queue: 0, drops: 0 }
    total.sent += leaf.bytes
    total.queue += leaf.backlog
    total.drops += leaf.drops
    totals.set(key, total)
  }
  const services = new Map(profile.services.map(({ index, id }) => [index, id]))
  const flows = new Map<number, FlowRow[]>()
  for (const record of inForce?.rates ?? []) {
    const key = recordKey(record)
    const list = flows.get(record.institution) ?? []
    list.push({
      service: services.get(record.service) ?? `no. ${record.service}`,
      direction: DIRECTIONS[record.direction],
      rate: inForce && isShaped(inForce, record.institution) ? fromKbps(record.rate) : null,
      safe: fromKbps(record.safe),
      since: history.since.of(key),
      throughput: history.throughput.of(key),
      ...whyOfFlow(key, promises, reasons),
      classId: head.driver === 'linux-htb' ? classId(minorOf(record)) : null,
      ...(totals.get(key) ?? { sent: 0, queue: 0, drops: 0 }),
      wouldLimit: history.observation.of(key),
    })
    flows.set(record.institution, list)
  }
  return flows
}

const promisesOf = ({ institutions }: EdgeProfile): ReadonlyMap<number, Promised> =>
  new Map(
    institutions.flatMap(({ index, promised = [] }) =>
      promised.map((one) => [recordKey({ institution: index, ...one }), one] as const),
    ),
  )

const reasonsByFlow = (told: ToldReasons | null): ReadonlyMap<number, Reason> | null =>
  told && new Map(told.reasons.map((reason) => [recordKey(reason), reason]))

function whyOfFlow(
  key: number,
  promises: ReadonlyMap<number, Promised>,
  reasons: ReadonlyMap<number, Reason> | null,
): Pick<FlowRow, 'promised' | 'limit' | 'reason'> {
  const { guarantee, ceiling } = promises.get(key) ?? {}
  const promised = guarantee === undefined || ceiling === undefined ? null : { guarantee, ceiling }
  const limit = reasons?.get(key) ?? null
  return { promised, limit, reason: reasons && reasonInWords(limit, promised) }
}

/** Of a flow that is remembered, where no agent runs. */
export const rememberedWhy = (
  record: { readonly institution: number; readonly service: number; readonly direction: 0 | 1 },
  profile: EdgeProfile,
  told: ToldReasons | null,
): Pick<FlowRow, 'promised' | 'limit' | 'reason'> =>
  whyOfFlow(recordKey(record), promisesOf(profile), reasonsByFlow(told))

/** Why this rate: the one reason that decides. */
function whyOf(picture: Picture, institution: number): string {
  const { head, profile, at, inForce, granted, step, leaseLeft, lastRefusals } = picture
  const bypass = (head.bypasses ?? []).find((b) => b.institution === null || b.institution === institution)
  if (bypass) return `not limited until ${utc(bypass.until)}, lifted here: ${bypass.reason}`
  if (!inForce) return head.refusal ? `nothing of ours stands: ${head.refusal.detail}` : 'nothing of ours stands yet'
  // Where some are lifted the rates that are held are enforced.
  const isHeld = head.enforcement === 'enforce' && profile !== null && orderedAt(profile, at) === 'hold'
  switch (isHeld ? 'hold' : head.enforcement) {
    case 'observe':
      return 'counted and not limited: this edge observes'
    case 'bypass':
      return 'not limited: the controller ordered bypass'
    case 'hold':
      return 'kept as it was when hold was ordered'
    case 'enforce':
  }
  if (head.refusal && head.refusal === lastRefusals[1]?.refusal) {
    return `what was in force stays, the driver refuses more: ${head.refusal.detail}`
  }
  if (!granted) return 'the boot rate: nothing was told to this edge yet'
  const publication = `publication ${granted.epoch}/${granted.seq} of revision ${granted.revision}`
  if (step === 0) return `as told in ${publication}`
  const over = leaseLeft === null ? 'there is no lease' : `the lease is over since ${seconds(-leaseLeft)}`
  return step === 1
    ? `${over}: the lower of what was told in ${publication} and the safe rate`
    : `${over}: the safe rate of ${publication}`
}

/** "2026-11-24T10:00:00Z", for people. */
export const utc = (at: UnixMilliseconds): string => `${new Date(at).toISOString().slice(0, 19)}Z`

export const seconds = (duration: Milliseconds): string => `${Math.max(0, Math.round(toSeconds(duration)))} s`
