// Overrides over HTTP: the register of what is in force for a while, who answers for it and until when.

import { fromSeconds, type UnixMilliseconds } from '../../model/units.js'
import { patch } from '../../policy/document/describe.js'
import type { Override } from '../../policy/in-force/holding.js'
import * as z from '../../runtime/zod.js'
import { type App, answers, type Context } from '../app.js'
import { note } from '../audit/audit-hook.js'
import { shownAs } from '../documentation.js'
import { principalOf } from '../guard.js'
import { nameOf } from '../idempotency.js'
import { answerList, type CsvTable, filter, LIST_TYPES, Listing, paging, says } from '../lists.js'
import { moment } from '../moments.js'
import { ACT_PROBLEMS, idText, sentence, time } from '../policy/change-shapes.js'
import { ApiError } from '../problem.js'
import { pageOf } from '../shapes.js'
import { utc } from '../views.js'

const STATES = ['planned', 'active', 'ended'] as const

const overrideShape = z
  .strictObject({
    id: z.string(),
    state: z.enum(STATES),
    patch: z.record(z.string(), z.unknown()).describe('{ on: { institution }, tier?, ceilings?, factor? }'),
    from: time,
    until: time,
    reason: z.string(),
    reference: z.string().nullable(),
    owner: z.string(),
    author: z.string(),
    at: time,
  })
  .meta({ id: 'Override' })
type OverrideView = z.infer<typeof overrideShape>
const csv: CsvTable<OverrideView> = {
  columns: ['id', 'state', 'patch', 'from', 'until', 'reason', 'reference', 'owner', 'author', 'at'],
  records: ({ patch, ...row }) => [{ ...row, patch: JSON.stringify(patch) }],
}
const TOLD = [
  ...['subject', 'reason', 'reference', 'id', 'state', 'from', 'until', 'owner', 'author', 'at'],
  ...['patch.on.*', 'patch.tier', 'patch.factor', 'patch.ceilings.*', 'patch.ceilings.*.*'],
]
/** What may stand in one the policy judges, when the override is asked for. */
const anyPatch = z.record(z.string(), z.unknown())
const overrideAbout = {
  from: moment.optional().describe('Absent: now'),
  until: moment.optional().describe('Or else `seconds`'),
  seconds: z
    .int()
    .min(1)
    .max(90 * 86_400)
    .optional()
    .describe('In place of until'),
  reason: sentence.describe('Why'),
  reference: sentence.optional().describe('Ticket or contract'),
  owner: idText.optional().describe('Who answers for it, if not the author'),
}

const viewAt =
  (now: UnixMilliseconds) =>
  ({ at, from, until, patch, ...rest }: Override): OverrideView => {
    const state = until <= now ? 'ended' : from > now ? 'planned' : 'active'
    return { ...rest, state, patch: { ...patch }, at: utc(at), from: utc(from), until: utc(until) }
  }

export function overrideRoutes(app: App, context: Context): void {
  listRoute(app, context)
  changeRoutes(app, context)
}

function listRoute(app: App, { policy: { interventions }, clock }: Context): void {
  app.get(
    '/v1/overrides',
    {
      config: { access: 'viewer', produces: LIST_TYPES },
      schema: {
        summary: 'Changes in force for a while; what has ended stays on the list for 30 days',
        querystring: z.strictObject({ ...paging, state: z.enum(STATES).optional(), owner: filter, q: filter }),
        response: answers({ 200: pageOf(overrideShape) }, ...ACT_PROBLEMS, 'PAGE_TOKEN_INVALID'),
      },
    },
    (request, reply) => {
      const { state, owner, q } = request.query
      const keep = (row: OverrideView): boolean =>
        (state === undefined || row.state === state) &&
        (owner === undefined || row.owner === owner) &&
        (q === undefined || says(request, row, q))
      const listing = new Listing(interventions.inForce.overrides.map(viewAt(clock.wall())))
      return answerList(request, reply, listing, request.query, keep, csv)
    },
  )
}

function changeRoutes(app: App, { policy: { interventions }, clock }: Context): void {
  app.post(
    '/v1/overrides',
    {
      config: { access: 'operator', scoped: true, told: TOLD },
      schema: {
        summary: 'Puts a change in force for a while; guards and tests hold as for a revision that says the same',
        body: shownAs(
          z.strictObject({ ...overrideAbout, patch: anyPatch }),
          z.strictObject({ ...overrideAbout, patch }),
        ),
        response: answers(
          { 201: overrideShape },
          ...ACT_PROBLEMS,
          'IDEMPOTENCY_REUSED',
          'TESTS_FAILED',
          'APPROVAL_REQUIRED',
          'RATE_LIMITED',
        ),
      },
    },
    async (request, reply) => {
      const { patch, from, until, seconds, reason, reference = null, owner } = request.body
      const principal = principalOf(request)
      const start = from === undefined ? undefined : request.moment(from, 'from')
      const end =
        until === undefined ? (start ?? clock.wall()) + fromSeconds(seconds ?? 0) : request.moment(until, 'until')
      const change = { patch, from: start, until: end, reason, reference, owner, author: principal.actor }
      const { scope } = principal
      const override = await interventions.addOverride({ ...change, scope, request: nameOf(request) })
      note(request, { subject: subjectsOf(override), secondPerson: null })
      reply.code(201).header('location', `/v1/overrides/${override.id}`)
      return viewAt(clock.wall())(override)
    },
  )

  app.delete(
    '/v1/overrides/:id',
    {
      config: { access: 'operator', scoped: true, told: TOLD },
      schema: {
        summary: 'Ends an override now',
        params: z.strictObject({ id: idText }),
        querystring: z.strictObject({ reason: sentence.optional() }),
        response: answers({ 200: overrideShape }, ...ACT_PROBLEMS),
      },
    },
    async (request) => {
      const { reason: why = 'no longer needed' } = request.query
      const { actor, scope } = principalOf(request)
      const known = interventions.inForce.overrides.find(({ id }) => id === request.params.id)
      if (scope !== null && known !== undefined && known.author !== actor && known.owner !== actor) {
        throw new ApiError('FORBIDDEN', 'With a scope you end the overrides that are yours.')
      }
      const ended = await interventions.endOverride(request.params.id, { author: actor, scope, reason: why })
      note(request, { subject: subjectsOf(ended), secondPerson: null })
      return viewAt(clock.wall())(ended)
    },
  )
}

/** Itself, and what it is put on. */
const subjectsOf = ({ id, patch }: Override): string[] => [id, ...Object.values(patch.on).map(String)]
