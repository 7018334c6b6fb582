// What people do by hand at edges. A static edge has no agent: its configuration is read here, typed in by a person and
// confirmed, and what was confirmed is what others are protected from. An edge that is to be switched off is drained:
// institutions that have another edge get their promises there, and the answer says who still depends on this one.

import type { Board } from '../../model/board.js'
import { leftOutSaid, type SiteLeftOut } from '../../model/left-out.js'
import type { PlanEdge } from '../../model/plan.js'
import type { UnixMilliseconds } from '../../model/units.js'
import { MAX_RUNNING_BYTES, MAX_TEXT_LENGTH } from '../../runtime/limits.js'
import * as z from '../../runtime/zod.js'
import { type App, answers, type Context, GATED } from '../app.js'
import { note } from '../audit/audit-hook.js'
import { principalOf } from '../guard.js'
import { ApiError } from '../problem.js'
import { utc } from '../views.js'
import { edgeOf } from './edges.js'
import { confirmationShape, type DrainView, drainShape, RENDERERS, renderedShape } from './static-edges-shapes.js'

interface DrainMark {
  readonly edge: string
  readonly since: UnixMilliseconds
  readonly author: string
  readonly reason: string
}

interface Confirmation {
  readonly edge: string
  readonly revision: number
  readonly at: UnixMilliseconds
  readonly author: string
}

export interface StaticEdgesPort {
  readonly confirmations: readonly (Confirmation & { readonly differsSince: UnixMilliseconds | null })[]
  readonly drains: readonly DrainMark[]
  /**
   * The text of a revision; null: of the one in force. With `since` what differs from the text of that revision, empty
   * where nothing does. @throws MizaniError NOT_FOUND, STORE_UNAVAILABLE.
   */
  render(
    edge: string,
    asked: {
      readonly port: string
      readonly revision: number | null
      readonly since: number | null
      readonly remove: boolean
    },
  ): Promise<{ readonly revision: number; readonly text: string; readonly left: readonly SiteLeftOut[] }>
  /** @throws MizaniError NOT_FOUND, PRECONDITION_FAILED, READ_ONLY, STORE_UNAVAILABLE, OUTCOME_UNKNOWN. */
  confirm(
    edge: string,
    revision: number,
    author: string,
    saying: { readonly port: string; readonly leftOut: readonly string[]; readonly running: string | null },
  ): Promise<Confirmation>
  /** Null ends it. @throws as `confirm`. */
  drain(edge: string, mark: Pick<DrainMark, 'author' | 'reason'> | null): Promise<DrainMark | null>
}

/** An institution that carries less than this has left. */
const STILL_HERE = 64_000

/** Characters of a running configuration. */
const MOST_RUNNING = 900_000
const port = z
  .string()
  .regex(/^[A-Za-z][\w./-]{0,62}$/)
  .default('GigabitEthernet0/0/0')
  .describe('The interface towards the institutions')
const confirmBody = z.strictObject({
  revision: z.int().min(1),
  port,
  leftOut: z.array(z.string()).default([]).describe('Sites that the text leaves out, known to be not limited'),
  running: z
    .string()
    .max(MOST_RUNNING)
    .nullable()
    .default(null)
    .describe('What the router shows (show running-config), to be held against the text; null: nobody looked'),
})

const ID = z.object({ id: z.string() })
const revision = z.coerce.number().int().min(1).max(1e9)
const WRITES = [...GATED, 'NOT_FOUND', 'STORE_UNAVAILABLE', 'OUTCOME_UNKNOWN', 'READ_ONLY'] as const
const BODIES = ['PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'] as const

export function staticEdgeRoutes(app: App, context: Context, staticEdges: StaticEdgesPort): void {
  app.get(
    '/v1/edges/:id/rendered',
    {
      config: { access: 'viewer' },
      schema: {
        summary: 'The configuration of an edge as text, for a person to read, type in and confirm',
        params: ID,
        querystring: z.strictObject({
          for: z.enum(RENDERERS),
          port,
          revision: revision.optional().describe('Absent: the one in force'),
          since: revision.optional().describe('Only what differs from the text of this revision, which the router has'),
          remove: z.enum(['true', 'false']).default('false').describe('The text that takes it away again'),
        }),
        response: answers({ 200: renderedShape }, ...GATED, 'NOT_FOUND', 'NOT_READY', 'STORE_UNAVAILABLE'),
      },
    },
    async (request) => {
      const { for: router, port, revision = null, since = null } = request.query
      const remove = request.query.remove === 'true'
      if (remove && since !== null)
        throw new ApiError('BAD_REQUEST', 'What takes a text away again takes all of it away: leave out since.')
      const { id } = edgeOf(context.view(), request.params.id)
      // It says what each line behind the edge gets, by number: whose they are does not help.
      const { sight, principal } = request
      if (sight !== null && !context.scopes.edge(id, principal?.scope ?? null))
        throw new ApiError('FORBIDDEN', `${id} serves institutions outside your scope; this tells of their lines.`)
      const { revision: said, text, left } = await staticEdges.render(id, { port, revision, since, remove })
      return { edge: id, for: router, revision: said, since, text, left: left.map(leftOutSaid), leftOut: [...left] }
    },
  )

  app.post(
    '/v1/edges/:id/confirm',
    {
      bodyLimit: MAX_RUNNING_BYTES,
      config: { access: 'engineer', scoped: true, told: ['subject', 'revision'] },
      schema: {
        summary: 'The text of this revision is in force at a static edge; what it says is what it is charged at',
        params: ID,
        body: confirmBody,
        response: answers({ 200: confirmationShape }, ...WRITES, ...BODIES, 'NOT_READY', 'PRECONDITION_FAILED'),
      },
    },
    async (request) => {
      const edge = edgeOf(context.view(), request.params.id)
      const { actor } = assertInScope(request, context, edge)
      if (edge.pace !== 'static')
        throw new ApiError('BAD_REQUEST', `The edge ${edge.id} is ${edge.pace}: its agent confirms by itself.`)
      const before = staticEdges.confirmations.find((said) => said.edge === edge.id)?.revision ?? null
      const { revision: number, ...saying } = request.body
      note(request, { before: { revision: before }, after: { revision: number } })
      const { revision, at, author } = await staticEdges.confirm(edge.id, number, actor, saying)
      const since = staticEdges.confirmations.find((said) => said.edge === edge.id)?.differsSince ?? null
      request.log.warn({ edge: edge.id, revision, actor }, 'a configuration was confirmed by hand')
      return { edge: edge.id, revision, at: utc(at), by: author, differsSince: since === null ? null : utc(since) }
    },
  )

  drainRoutes(app, context, staticEdges)
}

function drainRoutes(app: App, context: Context, staticEdges: StaticEdgesPort): void {
  app.post(
    '/v1/edges/:id/drain',
    {
      config: { access: 'engineer', scoped: true, told: ['subject', 'reason', 'draining'] },
      schema: {
        summary: 'Prepare to switch an edge off: promises move to other edges; dryRun=true only says whom it touches',
        params: ID,
        querystring: z.strictObject({ dryRun: z.enum(['true', 'false']).default('false') }),
        body: z.strictObject({ reason: z.string().trim().min(1).max(MAX_TEXT_LENGTH) }),
        response: answers({ 200: drainShape }, ...WRITES, ...BODIES, 'NOT_READY'),
      },
    },
    async (request) => {
      const { board } = context.view()
      const edge = edgeOf(context.view(), request.params.id)
      const { actor } = assertInScope(request, context, edge)
      const dryRun = request.query.dryRun === 'true'
      const { reason } = request.body
      if (!dryRun) {
        note(request, { after: { draining: true } })
        await staticEdges.drain(edge.id, { author: actor, reason })
        request.log.warn({ edge: edge.id, reason, actor }, 'an edge is being drained')
      }
      return drainView(board, edge, staticEdges.drains, dryRun)
    },
  )

  app.delete(
    '/v1/edges/:id/drain',
    {
      config: { access: 'engineer', scoped: true, told: ['subject', 'draining'] },
      schema: {
        summary: 'The edge stays after all',
        params: ID,
        response: answers({ 200: drainShape }, ...WRITES, ...BODIES, 'NOT_READY'),
      },
    },
    async (request) => {
      const { board } = context.view()
      const edge = edgeOf(context.view(), request.params.id)
      assertInScope(request, context, edge)
      note(request, { after: { draining: false } })
      await staticEdges.drain(edge.id, null)
      return drainView(board, edge, staticEdges.drains, false)
    },
  )
}

function assertInScope(request: Parameters<typeof principalOf>[0], { scopes }: Context, { id }: PlanEdge) {
  const principal = principalOf(request)
  if (scopes.edge(id, principal.scope)) return principal
  throw new ApiError('FORBIDDEN', `The edge ${id} lies outside what ${principal.actor} may change.`)
}

/** Whom the edge serves, where else they are served, and whether it can go. */
export function drainView(
  { plan, flows }: Pick<Board, 'plan' | 'flows'>,
  edge: PlanEdge,
  drains: readonly DrainMark[],
  dryRun: boolean,
): DrainView {
  const leaving = new Set(drains.map((drain) => drain.edge)).add(edge.id)
  const institutions = [...new Set(edge.sites.map(({ institution }) => institution))].map((id) => {
    const others = plan.institutions.find((one) => one.id === id)!.edges.filter((other) => !leaving.has(other))
    const here = edge.flows.filter((f) => plan.flows[f]!.institution === id)
    const sum = here.reduce((total, f) => total + flows.carried[f]!, 0)
    const carried = Number.isNaN(sum) ? null : Math.round(sum)
    return { institution: id, others, carried, measured: carried }
  })
  institutions.sort((a, b) => a.others.length - b.others.length || (b.carried ?? 0) - (a.carried ?? 0))
  const mark = drains.find((drain) => drain.edge === edge.id)
  const waitsFor = whyNot(institutions)
  return {
    edge: edge.id,
    draining: mark ? { since: utc(mark.since), by: mark.author, reason: mark.reason } : null,
    ...{ dryRun, institutions, safe: waitsFor === null, waitsFor },
  }
}

function whyNot(institutions: DrainView['institutions']): string | null {
  const alone = institutions.filter(({ others }) => others.length === 0)
  if (alone.length > 0) return `${alone.length} institutions have no other edge: ${named(alone)}.`
  const unknown = institutions.filter(({ carried }) => carried === null)
  if (unknown.length > 0) return 'What it carries is not known: it says nothing now.'
  const here = institutions.filter(({ carried }) => carried! >= STILL_HERE)
  return here.length > 0 ? `${here.length} institutions still send or receive by it: ${named(here)}.` : null
}

function named(institutions: DrainView['institutions']): string {
  const [first, second, third, ...more] = institutions.map(({ institution }) => institution)
  const names = [first, second, third].filter((name) => name !== undefined).join(', ')
  return more.length > 0 ? `${names} and ${more.length} more` : names
}
