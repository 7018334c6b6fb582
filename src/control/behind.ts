// The cause behind the cause: a link is full, and it is full because monitoring says that its cable carries a third; a
// ceiling holds, and it is an override that set it, until five o'clock. Found by matching what limits a flow with what
// is in force. What was in force and is not known any more is said to be so, with nobody's name.

import type { Behind, LimitedBy } from '../model/explanation.js'
import type { CauseInForce } from '../model/in-force.js'
import type { Plan, PlanFlow, PlanLink } from '../model/plan.js'

type Known = readonly CauseInForce[]

/** @param known what is or was in force; null: that was not recorded. */
export function causesBehind(plan: Plan, known: Known | null, flow: number, limitedBy: LimitedBy): Behind[] {
  const causes = known ?? []
  const about = plan.flows[flow]!
  const found = causesOf(plan, causes, about, limitedBy)
  const frozen = causes.find(({ kind }) => kind === 'FREEZE')
  // Schedules stand as they stood when it began, so it holds what they say.
  if (frozen && found.some(({ kind }) => kind === 'SCHEDULE')) found.push(behind(frozen, null))
  return found
}

function causesOf(plan: Plan, causes: Known, about: PlanFlow, limitedBy: LimitedBy): Behind[] {
  switch (limitedBy.code) {
    case 'LINK':
    case 'ENVELOPE':
      return namedBy(limitedBy).flatMap((id) => {
        const link = plan.links.find((candidate) => candidate.id === id && !candidate.virtual)
        return link ? behindLink(link, causes) : behindEnvelope(id, causes, about)
      })
    case 'NO_PATH':
      return cutsAround(plan, about).flatMap((link) => behindLink(link, causes))
    case 'CEILING':
    case 'OVERRIDE':
      return behindCeiling(causes, about, limitedBy)
    default:
      return []
  }
}

/** All that it names: what filled first, then what filled together with it. */
const namedBy = ({ id, ...rest }: LimitedBy & { readonly with?: readonly string[] }): string[] =>
  id === null ? [] : [id, ...(rest.with ?? [])]

/** Who takes the most from a link; others who take less do not limit it. */
function behindLink(link: PlanLink, causes: Known): Behind[] {
  if (link.state === 'up') return []
  const names = [link.link, link.id, ...link.groups]
  const speaking = causes.flatMap((cause) =>
    names.flatMap((name) => {
      const factor = cause.factors[name]
      return factor === undefined ? [] : [{ cause, factor }]
    }),
  )
  const least = Math.min(...speaking.map(({ factor }) => factor))
  const found = speaking.filter(({ factor }) => factor === least)
  const capacity = { now: found.length === 0 ? 0 : link.capacity * least, built: link.capacity }
  if (found.length > 0) return found.map(({ cause }) => ({ ...behind(cause, link.id), capacity }))
  return [{ ...unknown('LINK_STATE', link.link, link.id), capacity: link.state === 'down' ? capacity : null }]
}

/** The last that says it is the one that holds. */
function behindEnvelope(id: string, causes: Known, { service }: PlanFlow): Behind[] {
  const last = causes.findLast(({ ceilings }) => ceilings.includes(`${id}/${service}`))
  return last ? [behind(last, id)] : []
}

const KIND = { schedule: 'SCHEDULE', mode: 'MODE', override: 'OVERRIDE' } as const

function behindCeiling(causes: Known, { laidBy }: PlanFlow, { code, id }: LimitedBy): Behind[] {
  // A plan that was recorded by an older release names overrides alone.
  const by = laidBy ?? (code === 'OVERRIDE' && id !== null ? ({ kind: 'override', id } as const) : null)
  if (by === null) return []
  const cause = causes.find(({ kind, id }) => kind === KIND[by.kind] && id === by.id)
  return [cause ? behind(cause, null) : unknown(KIND[by.kind], by.id, null)]
}

/** Links between places; the others lead out of the network. */
const isInner = ({ kind }: PlanLink): boolean => kind === 'backbone' || kind === 'uplink'

/** Links that are down and lead out of the part of the network in which the edge stands: any of them would do. */
function cutsAround({ edges, links }: Plan, { edge, direction }: PlanFlow): PlanLink[] {
  const between = links.filter(
    (link) => link.direction === direction && !link.virtual && link.kind !== 'port' && link.kind !== 'access',
  )
  const reached = new Set(edges.filter(({ id }) => id === edge).map(({ node }) => node))
  const leadsOut = ({ from, to }: PlanLink): boolean => reached.has(from) !== reached.has(to)
  for (let next = true; next; ) {
    const on = between.filter((link) => link.state !== 'down' && isInner(link) && leadsOut(link))
    for (const { from, to } of on) reached.add(from).add(to)
    next = on.length > 0
  }
  return between.filter((link) => link.state === 'down' && leadsOut(link))
}

const iso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString())

function behind({ kind, id, by, owner, reason, event, since, until }: CauseInForce, on: string | null): Behind {
  return { kind, id, on, capacity: null, by, owner, reason, event, since: iso(since), until: iso(until) }
}

const unknown = (kind: Behind['kind'], id: string, on: string | null): Behind => ({
  ...{ kind, id, on, capacity: null, by: null, owner: null, reason: null, event: null, since: null, until: null },
})
