// What is in force now: one list of everything that steers the network beside the policy as it is written, each thing
// with who answers for it, why, since when, until when, and where a person ends it. What an end of null means is said
// nowhere else: it stays until somebody ends it.

import type { Board, EdgeStatus } from '../../model/board.js'
import { type CauseInForce, IN_FORCE_KINDS, type InForceKind } from '../../model/in-force.js'
import type { PlanEdge } from '../../model/plan.js'
import * as z from '../../runtime/zod.js'
import { type App, answers, type Context, GATED } from '../app.js'
import { answerList, type CsvTable, LIST_TYPES, Listing, paging } from '../lists.js'
import type { ServerDeps } from '../ports.js'
import { pageOf } from '../shapes.js'
import { utc } from '../views.js'
import { inForceShape } from './in-force-shapes.js'

export type InForceView = z.infer<typeof inForceShape>

/** What it is made of, besides the board. */
export type InForceSources = Pick<ServerDeps, 'policy' | 'staticEdges' | 'clock'>

export function inForceViews(sources: InForceSources, board: Board): InForceView[] {
  return [
    ...revisions(sources),
    ...(board.inForce() ?? []).map(causeView),
    ...board.plan.edges.flatMap((edge) => enforcement(sources, board, edge)),
    ...(sources.staticEdges?.drains ?? []).map(({ edge, since, author, reason }) =>
      item('DRAIN', edge, {
        ...{ subjects: [`edge ${edge}`], by: author, owner: author, reason, since: utc(since) },
        end: ends(`mizani edge drain ${edge} --end`, `DELETE /v1/edges/${edge}/drain`),
      }),
    ),
    ...board.plan.edges.flatMap((edge) => pin(board, edge)),
  ]
}

type Told = Pick<InForceView, 'subjects' | 'end'> & Partial<InForceView>

function item(kind: InForceKind, ref: string, told: Told): InForceView {
  const nothing = { state: null, by: null, owner: null, reason: null, event: null, since: null, until: null }
  return { id: `${kind.toLowerCase()}:${ref}`, kind, ref, ...nothing, ...told }
}

const ends = (command: string | null, request: string | null): InForceView['end'] => ({ command, request })

function revisions({ policy: { state, history } }: InForceSources): InForceView[] {
  const { revision, meta } = state.current()
  const { pending } = history
  const waits = pending?.revision === revision ? pending : null
  const back = meta.parent
  const present = item('REVISION', String(revision), {
    ...{ state: waits && 'pending', subjects: ['policy'], by: meta.author, owner: meta.author, reason: meta.reason },
    ...{ since: utc(meta.at), until: waits && utc(waits.confirmBy) },
    end:
      back === null
        ? ends(null, 'PUT /v1/policy')
        : ends(`mizani policy rollback ${back}`, `POST /v1/policy/revisions/${back}/rollback`),
  })
  const unsigned = history.unsigned.map(({ revision: n, author, reason, at }) =>
    item('UNSIGNED', String(n), {
      ...{ subjects: ['policy'], by: author, owner: author, reason, since: utc(at) },
      end: ends(`mizani policy sign ${n}`, `POST /v1/policy/revisions/${n}/sign`),
    }),
  )
  return [present, ...unsigned]
}

const CAUSE_ENDS: Readonly<Record<CauseInForce['kind'], (id: string) => InForceView['end']>> = {
  OVERRIDE: (id) => ends(`mizani override end ${id}`, `DELETE /v1/overrides/${id}`),
  MODE: (id) => ends(`mizani mode off ${id} --reason "…"`, `POST /v1/modes/${id}/end`),
  SCHEDULE: (id) => ends(`mizani policy part remove schedules ${id} --reason "…"`, `DELETE /v1/policy/schedules/${id}`),
  FREEZE: () => ends('mizani unfreeze', 'POST /v1/unfreeze'),
  LINK_STATE: (id) => ends(`mizani link state ${id} up`, `POST /v1/links/${id}/state`),
}

function causeView({ kind, id, subjects, by, owner, reason, event, since, until, factors }: CauseInForce): InForceView {
  const isLink = kind === 'LINK_STATE'
  return item(kind, id, {
    // Monitoring and an edge may speak of one link.
    ...(isLink && { id: `link_state:${id}:${by}`, state: factors[id] === 0 ? 'cut' : 'derated' }),
    ...{ subjects: [...subjects], by, owner, reason, event, end: CAUSE_ENDS[kind](id) },
    ...{ since: since === null ? null : utc(since), until: until === null ? null : utc(until) },
  })
}

/** Whatever is not plain enforcing without an end: by order, by the policy, or as the gateway does it by itself. */
function enforcement({ policy, clock }: InForceSources, { edges }: Board, edge: PlanEdge): InForceView[] {
  const { id, enforcement: ordered } = edge
  const order = policy.state.switches.get(id)
  const isOrdered = order !== undefined && (order.until === null || clock.wall() < order.until)
  const subjects = [`edge ${id}`]
  const end = ends(`mizani edge order enforce ${id} --reason "…"`, `POST /v1/edges/${id}/enforcement`)
  const found: InForceView[] = []
  if (isOrdered && (order.enforcement !== 'enforce' || order.until !== null)) {
    const { enforcement, author, reason, at, until } = order
    const state = enforcement === 'enforce' ? 'trial' : enforcement
    const told = { subjects, state, by: author, owner: author, reason, since: utc(at) }
    found.push(item('ENFORCEMENT', id, { ...told, until: until === null ? null : utc(until), end }))
  } else if (!isOrdered && ordered !== 'enforce') {
    found.push(item('ENFORCEMENT', id, { subjects, state: ordered, by: 'policy', owner: 'policy', end }))
  }
  const does = edges.find((status) => status.id === id)?.enforcement ?? ordered
  if (does !== ordered && does !== 'enforce') {
    const reason = `the gateway does so by itself; it was ordered to ${ordered}`
    const told = { id: `enforcement:${id}:gateway`, subjects, state: does, reason }
    found.push(item('ENFORCEMENT', id, { ...told, end: ends('mizani edge resume', null) }))
  }
  return found
}

/** Flows of an edge that take no new rates now, and why the edge does not. */
function pin({ plan, flows, edges }: Board, edge: PlanEdge): InForceView[] {
  const pinned = edge.flows.filter((f) => ['PINNED', 'SAFE'].includes(flows.limitedBy[f]!.code))
  if (pinned.length === 0) return []
  const status = edges.find(({ id }) => id === edge.id)
  const bodies = new Set(pinned.map((f) => plan.flows[f]!.institution)).size
  return [
    item('PIN', edge.id, {
      subjects: [`edge ${edge.id}`],
      state: status?.state === 'SAFE' ? 'safe' : 'pinned',
      reason: `${whyPinned(edge, status)}; flows: ${pinned.length}, of ${bodies} institutions`,
      since: sinceOf(status),
      end: ends(edge.pace === 'static' ? `mizani edge confirm ${edge.id} --revision N` : null, null),
    }),
  ]
}

function whyPinned(edge: PlanEdge, status: EdgeStatus | undefined): string {
  if (edge.enforcement === 'hold') return 'it holds what is in force, as it was ordered'
  if (status?.refusal) return `it refuses what it is told (${status.refusal.code}: ${status.refusal.detail})`
  if (status?.state === 'SAFE') return 'its lease is over, and it enforces its safe rates until contact returns'
  if (edge.pace === 'static') return 'a person configures it'
  if (status?.state === 'FRESH' && edge.pace === 'paced') return 'it was told a moment ago, and is told so often only'
  return 'it is not heard'
}

const sinceOf = (status: EdgeStatus | undefined): string | null => {
  const at = status?.differsSince ?? (status?.state === 'FRESH' ? null : status?.lastReport)
  return at ? utc(at) : null
}

const csv: CsvTable<InForceView> = {
  columns: [
    'kind',
    'ref',
    'state',
    'subjects',
    'by',
    'owner',
    'reason',
    'event',
    'since',
    'until',
    'endCommand',
    'endRequest',
  ],
  records: ({ end, subjects, ...row }) => [
    { ...row, subjects: subjects.join('; '), endCommand: end.command, endRequest: end.request },
  ],
}

export function inForceRoutes(app: App, context: Context): void {
  app.get(
    '/v1/in-force',
    {
      config: { access: 'viewer', produces: LIST_TYPES },
      schema: {
        summary: 'Everything that is in force now, who answers for it, until when, and where it is ended',
        querystring: z.strictObject({ ...paging, kind: z.enum(IN_FORCE_KINDS).optional() }),
        response: answers({ 200: pageOf(inForceShape) }, ...GATED, 'PAGE_TOKEN_INVALID', 'NOT_READY'),
      },
    },
    (request, reply) => {
      const { kind } = request.query
      const listing = new Listing(inForceViews(context, context.view().board))
      return answerList(request, reply, listing, request.query, (row) => kind === undefined || row.kind === kind, csv)
    },
  )
}
