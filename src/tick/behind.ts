// The cause behind the cause: a link is full, and it is full because monitoring says that its cable carries a third; a
// ceiling holds, and it is an override that set it, until five o'clock. Found by matching what limits a flow with what
// is in force. What was in force and is not known any more is said to be so, with nobody's name.

import type { Behind, LimitedBy } from '../model/explanation.js'
import type { CauseInForce } from '../model/in-force.js'
import { directed } from '../model/network.js'
import type { Plan, PlanFlow, PlanLink } from '../model/plan.js'

type Known = readonly CauseInForce[]

/** @param known what is or was in force; null: that was not recorded. */
export function causesBehind(
  plan: Plan,
  known: Known | null,
  flow: number,
  limitedBy: LimitedBy,
  together: readonly LimitedBy[] = [],
): Behind[] {
  const causes = known ?? []
  const seen = new Set<string>()
  const limits = [limitedBy, ...together]
  const found = limits
    .flatMap((limit) => causesOf(plan, causes, flow, limit))
    .filter(({ kind, id, on }) => {
      const key = `${kind} ${id} ${on}`
      return !seen.has(key) && seen.add(key)
    })
  const frozen = causes.find(({ kind }) => kind === 'FREEZE')
  // Schedules stand as they stood when it began, so it holds what they say.
  if (frozen && found.some(({ kind }) => kind === 'SCHEDULE')) found.push(behind(frozen, null))
  return found
}

function causesOf(plan: Plan, causes: Known, flow: number, limitedBy: LimitedBy): Behind[] {
  // A plan that was recorded by an older release has none.
  const { from = [], to = [] } = plan.detours?.[flow] ?? {}
  const moved = from.map((index) => plan.links[index]!)
  const about = plan.flows[flow]!
  switch (limitedBy.code) {
    case 'LINK':
    case 'ENVELOPE':
      return behindNamed(plan, causes, about, limitedBy.id ?? '', (index) => (to.includes(index) ? moved : []))
    case 'NO_PATH':
      return moved.filter(({ state }) => state === 'down').flatMap((link) => behindLink(link, causes))
    case 'CEILING':
    case 'OVERRIDE':
      return behindCeiling(causes, about, limitedBy)
    default:
      return []
  }
}

/** Behind a link or an envelope; `othersOf` are links whose traffic goes over that one now. */
function behindNamed(
  plan: Plan,
  causes: Known,
  about: PlanFlow,
  id: string,
  othersOf: (index: number) => readonly PlanLink[],
): Behind[] {
  const index = plan.links.findIndex((candidate) => candidate.id === id && !candidate.virtual)
  if (index < 0) return behindEnvelope(id, causes, about)
  const others = othersOf(index).flatMap((other) => behindLink(other, causes))
  return [...behindLink(plan.links[index]!, causes), ...others.map((one) => ({ ...one, instead: id }))]
}

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
  const built = link.capacity
  const byLine = link.kind === 'port' ? linesBehind(link, causes) : []
  if (byLine.length > 0 && link.room < built * Math.min(least, 1))
    return byLine.map((cause) => ({ ...behind(cause, link.id), capacity: { now: link.room, built } }))
  if (found.length > 0) return found.map(({ cause }) => ({ ...behind(cause, link.id), capacity }))
  return [{ ...unknown('LINK_STATE', link.link, link.id), capacity: link.state === 'down' ? capacity : null }]
}

/** Who speaks about one of the lines that carry a port together, in its direction. */
function linesBehind({ link, direction }: PlanLink, causes: Known): CauseInForce[] {
  const other = direction === 'down' ? '.up' : '.down'
  const isLine = (name: string): boolean =>
    name.startsWith(`${link}.`) && name !== directed(link, direction) && !name.endsWith(other)
  return causes.filter(({ factors }) => Object.entries(factors).some(([name, factor]) => factor < 1 && isLine(name)))
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

const iso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString())

function behind({ kind, id, by, owner, reason, event, since, until }: CauseInForce, on: string | null): Behind {
  return { kind, id, on, instead: null, capacity: null, by, owner, reason, event, since: iso(since), until: iso(until) }
}

const unknown = (kind: Behind['kind'], id: string, on: string | null): Behind => ({
  ...{
    kind,
    id,
    on,
    instead: null,
    capacity: null,
    by: null,
    owner: null,
    reason: null,
    event: null,
    since: null,
    until: null,
  },
})
