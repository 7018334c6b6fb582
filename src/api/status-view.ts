// The last tick on one page: how many get what they ask, who misses most, which state edges are in, what is in force.

import type { Board } from '../model/board.js'
import { IN_FORCE_KINDS, type InForceKind } from '../model/in-force.js'
import { RESTRICTED } from '../model/plan.js'
import { isShortOf } from '../model/shortfall.js'
import { askedBy, isSteered, wholesOf, worstOf } from '../model/wholes.js'
import type { InForceView } from './in-force/in-force.js'
import { restrictedName } from './restricted-sums.js'
import type { Status } from './shapes.js'
import { type IsShown, utc, whole } from './views.js'

/** How many of the institutions that miss something are named in the status. */
const SHORTEST = 10

/** Asked for at every tick: it makes nothing of institutions that it does not name. */
function shortest(board: Board, isShown: IsShown): Status['shortest'] {
  const rows = board.plan.institutions.flatMap((institution) => {
    const short = wholesOf(board.plan, institution).flatMap((group) => shortOf(board, group))
    if (short.length === 0) return []
    const unmet = short.reduce((sum, flow) => sum + flow.unmet, 0)
    return [{ institution, unmet, belowGuarantee: short.some((flow) => flow.belowGuarantee), short }]
  })
  rows.sort((a, b) => Number(b.belowGuarantee) - Number(a.belowGuarantee) || b.unmet - a.unmet)
  const named = rows.filter(({ institution }) => isShown(institution.id))
  const listed = named.slice(0, SHORTEST).map(({ institution: { id, name }, unmet, belowGuarantee, short }) => {
    const { limitedBy } = short.reduce((a, b) => (b.unmet > a.unmet ? b : a))
    return { institution: id, name, unmet, belowGuarantee, limitedBy }
  })
  const rest = rows.length === named.length ? [] : rows.filter((row) => !named.includes(row))
  if (rest.length === 0) return listed
  const { code } = rest.flatMap(({ short }) => short).reduce((a, b) => (b.unmet > a.unmet ? b : a)).limitedBy
  const unmet = rest.reduce((sum, row) => sum + row.unmet, 0)
  const [belowGuarantee, limitedBy] = [rest.some((row) => row.belowGuarantee), { code, id: null }]
  const name = restrictedName(rest.length)
  return [...listed, { institution: RESTRICTED, name, unmet, belowGuarantee, limitedBy }]
}

/** What a service and direction of an institution misses; nothing where it counts as having all that it asks. */
function shortOf({ plan, flows }: Board, group: readonly number[]) {
  if (!isSteered(flows, group)) return []
  const { asked, need, claimed } = askedBy(plan, flows, group)
  if (!isShortOf(need, asked)) return []
  const missed = (f: number): number => Math.max(0, whole(flows.demand[f]!) - whole(flows.need[f]!))
  const unmet = group.reduce((sum, f) => sum + missed(f), 0)
  return [{ unmet, limitedBy: flows.limitedBy[worstOf(flows, group)]!, belowGuarantee: isShortOf(need, claimed) }]
}

function countKinds(items: readonly InForceView[]): Status['inForce'] {
  const of = (kind: InForceKind): number => items.filter((item) => item.kind === kind).length
  // Every kind is there, which entries cannot say.
  return Object.fromEntries(IN_FORCE_KINDS.map((kind) => [kind, of(kind)])) as Status['inForce']
}

function freezeOf(inForce: readonly InForceView[]): Status['freeze'] {
  const { since = null, by = null, reason = null, until = null } = inForce.find(({ kind }) => kind === 'FREEZE') ?? {}
  return since === null || by === null || reason === null ? null : { since, by, reason, until }
}

export function statusView(
  board: Board,
  version: string,
  { alarms, inForce }: { readonly alarms: Status['alarms']; readonly inForce: readonly InForceView[] },
  isShown: IsShown,
): Status {
  const { plan, edges } = board
  const inState = (state: string): number => edges.filter((edge) => edge.state === state).length
  const enforcing = (enforcement: string): number => edges.filter((edge) => edge.enforcement === enforcement).length
  const simulated = edges.filter((edge) => edge.simulated).length
  const pinned = new Set(inForce.flatMap(({ kind, ref }) => (kind === 'PIN' ? [ref] : [])))
  return {
    plane: plan.plane,
    name: plan.name,
    demo: plan.demo || simulated > 0,
    version,
    leader: board.leader,
    leads: board.leads,
    learning: board.learning,
    epoch: String(board.serial.epoch),
    seq: board.serial.seq,
    at: utc(board.at),
    revision: plan.revision,
    hash: plan.hash,
    institutions: plan.institutions.length,
    govnetMembers: plan.institutions.filter(({ govnet }) => govnet).length,
    edges: {
      total: plan.edges.length,
      fresh: inState('FRESH'),
      stale: inState('STALE'),
      safe: inState('SAFE'),
      unknown: plan.edges.length - inState('FRESH') - inState('STALE') - inState('SAFE'),
      simulated,
    },
    enforcement: {
      observe: enforcing('observe'),
      enforce: enforcing('enforce'),
      hold: enforcing('hold'),
      bypass: enforcing('bypass'),
      keepsEarlier: edges.filter(({ id, enforcement }) => enforcement === 'enforce' && pinned.has(id)).length,
    },
    timezone: plan.timezone,
    freeze: freezeOf(inForce),
    inForce: countKinds(inForce),
    satisfied: { ...board.satisfied },
    shortest: shortest(board, isShown),
    tick: { ...board.tick },
    certificate: { ...board.certificate },
    warnings: [...plan.warnings],
    services: plan.services.map(({ id, name }) => ({ id, name })),
    alarms,
  }
}
