// What happened while a history was recorded: revisions came into force, links were cut or lost capacity, something was
// laid on an institution for a while, nothing was recorded. As marks of the picture and as a list, in order.

import { type Call, everyPage, ifThere, type Schema } from './call.js'

type Point = Pick<Schema['InstitutionHistory']['flows'][number]['points'][number], 'at' | 'need'>
export type Committed = Pick<Schema['Revision'], 'revision' | 'at'>
/** What an alarm says in words is of now; of then its kind says enough. */
export type Cut = Pick<Schema['Alarm'], 'code' | 'subject' | 'members' | 'since' | 'cleared'>
type Override = Pick<Schema['Override'], 'reason' | 'owner' | 'from' | 'until' | 'state'>

export type Happening = { /** UTC milliseconds. */ readonly at: number } & (
  | { readonly kind: 'revision'; readonly revision: number }
  | { readonly kind: 'alarm'; readonly code: string; readonly of: string; readonly isOver: boolean }
  | { readonly kind: 'override'; readonly reason: string; readonly owner: string; readonly isOver: boolean }
  /** Nothing is recorded until then. */
  | { readonly kind: 'gap'; readonly until: number }
)

interface Span {
  readonly from: number
  readonly to: number
}

/** Alarms that say that the network carries less. */
const CUTS = ['UPSTREAM_LOST', 'UPSTREAM_DERATED', 'LINK_DOWN'] as const

/** Those that lasted in that time. */
export async function cutsIn(call: Call, span: Span): Promise<Cut[]> {
  const of = (code: (typeof CUTS)[number]) =>
    everyPage((pageToken) => call('get', '/v1/alarms', { query: { all: 'true', code, pageSize: 1_000, pageToken } }))
  const found = await Promise.all(CUTS.map((code) => ifThere(of(code))))
  return found
    .flatMap((alarms) => alarms ?? [])
    .filter(({ since, cleared }) => isIn(since, span) || (cleared !== null && isIn(cleared, span)))
}

/** Those that came into force in that time. The list has the newest first, so what is older is not read. */
export async function revisionsIn(call: Call, span: Span): Promise<Committed[]> {
  const found = await ifThere(
    everyPage(async (pageToken) => {
      const page = await call('get', '/v1/policy/revisions', {
        query: { pageSize: 100, pageToken: Number(pageToken) || undefined },
      })
      const oldest = page.items.at(-1)
      const isEnough = oldest === undefined || Date.parse(oldest.at) < span.from
      return isEnough ? { ...page, nextPageToken: null } : page
    }),
  )
  return (found ?? []).filter(({ at }) => isIn(at, span))
}

const isIn = (at: string, { from, to }: Span): boolean => from <= Date.parse(at) && Date.parse(at) <= to

/** @param points of one flow; @param overrides those on the institution, ended ones too */
export function happeningsOf(
  points: readonly Point[],
  revisions: readonly Committed[],
  cuts: readonly Cut[],
  overrides: readonly Override[],
  span: Span,
): Happening[] {
  const both = <Kind extends object>(begin: string, end: string | null, of: Kind) =>
    [{ ...of, at: begin, isOver: false }, ...(end === null ? [] : [{ ...of, at: end, isOver: true }])].flatMap((one) =>
      isIn(one.at, span) ? [{ ...one, at: Date.parse(one.at) }] : [],
    )
  const broken = cuts.flatMap(({ code, subject, members, since, cleared }) =>
    both(since, cleared, { kind: 'alarm' as const, code, of: members.join(', ') || subject }),
  )
  const laid = overrides.flatMap(({ reason, owner, from, until, state }) =>
    both(from, state === 'ended' ? until : null, { kind: 'override' as const, reason, owner }),
  )
  const committed = revisions
    .filter(({ at }) => isIn(at, span))
    .map(({ revision, at }) => ({ kind: 'revision' as const, at: Date.parse(at), revision }))
  return [...committed, ...gapsIn(points), ...broken, ...laid].sort((a, b) => a.at - b.at)
}

/** Between what is recorded: before the first and after the last point nothing is missing. */
function gapsIn(points: readonly Point[]): Happening[] {
  return points.flatMap(({ at, need }, i) => {
    if (need !== null || points[i - 1] === undefined || points[i - 1]!.need === null) return []
    const next = points.slice(i).find((point) => point.need !== null)
    return next === undefined ? [] : [{ kind: 'gap' as const, at: Date.parse(at), until: Date.parse(next.at) }]
  })
}
