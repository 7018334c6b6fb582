// The ledger over HTTP. What was used and promised everyone may see who looks around; what it costs is a permission of
// its own, and `seesOf` is the one place that decides: whoever lacks it is answered by a view that was made without
// amounts. No amount is told to the trail, kept for repeated writes, or part of an event or a metric.

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Sees } from '../../ledger/views.js'
import { satisfies } from '../../model/principal.js'
import * as z from '../../runtime/zod.js'
import { type App, answers, type Context, GATED } from '../app.js'
import { note } from '../audit/audit-hook.js'
import { accepts, askerOf, principalOf } from '../guard.js'
import type { LedgerPort } from '../ports.js'
import { notFound } from '../problem.js'
import { ownOf } from '../sights.js'
import { closingShape, monthShape, reconciliationShape, registerShape, statementShape } from './ledger-shapes.js'
import { withSum } from './ledger-sum.js'
import { priceRoutes } from './prices.js'

const month = z.string().regex(/^[12]\d{3}-(0[1-9]|1[0-2])$/, 'expected a month such as 2026-11')
const MONTH = z.object({ month })
const STORE = ['STORE_UNAVAILABLE', 'READ_ONLY', 'OUTCOME_UNKNOWN'] as const
const COUNTED = [...GATED, 'NOT_FOUND', 'PAYLOAD_TOO_LARGE', 'STORE_UNAVAILABLE'] as const

export function ledgerRoutes(app: App, context: Context, ledger: LedgerPort): void {
  readRoutes(app, context, ledger)
  statementRoute(app, context, ledger)
  priceRoutes(app, ledger)
  closeRoutes(app, ledger)
}

/** What the caller may see of money. */
function seesOf(request: FastifyRequest, { isGuarded, scopes, policy }: Context): Sees {
  const caller = principalOf(request)
  if (!satisfies(caller, 'finance', isGuarded())) return 'nothing'
  if (caller.scope === null) return 'all'
  return { own: ownOf(policy.state.document, (id) => scopes.institution(id, caller.scope)) }
}

function readRoutes(app: App, context: Context, ledger: LedgerPort): void {
  app.get(
    '/v1/ledger',
    {
      config: { access: ['viewer', 'member'] },
      schema: {
        summary: 'Months, and which of them are closed',
        response: answers(
          { 200: z.strictObject({ items: z.array(z.strictObject({ month, closing: closingShape })) }) },
          ...GATED,
          'STORE_UNAVAILABLE',
        ),
      },
    },
    async () => ({ items: await ledger.months() }),
  )

  app.get(
    '/v1/ledger/register',
    {
      config: { access: 'viewer' },
      schema: {
        summary: 'Who has no agreement or one that ends, what was promised beyond it, which lines carried nothing',
        response: answers({ 200: registerShape }, ...COUNTED),
      },
    },
    async (request) => {
      const register = await ledger.register(askerOf(request))
      // A finding says less of a contract than the policy does: who may not see the one sees not the other.
      const { contracts = {} } = context.policy.state.document
      const isHidden = (id: string): boolean =>
        Object.hasOwn(contracts, id) && request.sight?.hidesPart('contracts', id, contracts[id]) === true
      return { ...register, rows: register.rows.filter(({ subject }) => !isHidden(subject)) }
    },
  )

  app.get(
    '/v1/ledger/:month',
    {
      config: { access: 'viewer' },
      schema: {
        summary: 'What was bought, promised, asked, carried and left idle in a month; with the role finance, its cost',
        params: MONTH,
        response: answers({ 200: monthShape }, ...COUNTED),
      },
    },
    async (request, reply) => {
      const whole = await ledger.month(request.params.month, seesOf(request, context), askerOf(request))
      const { sight } = request
      const view = sight?.inSums ? withSum(whole, (id) => sight.shows(id)) : whole
      return reply.send(view as z.infer<typeof monthShape>)
    },
  )
}

function statementRoute(app: App, context: Context, ledger: LedgerPort): void {
  const { policy, clock } = context
  app.get(
    '/v1/institutions/:id/statement',
    {
      config: { access: ['viewer', 'member'], produces: ['application/json', 'text/html'] },
      schema: {
        summary: "An institution's month: promised, asked, given, used, why less; with the role finance, what it pays",
        description: 'As `text/html` it is one page to print, in English or Swahili (`lang`).',
        params: z.object({ id: z.string() }),
        querystring: z.strictObject({
          month: month.optional().describe('Default: the month before this one'),
          lang: z.enum(['en', 'sw']).default('en'),
        }),
        response: answers({ 200: statementShape }, ...COUNTED),
      },
    },
    async (request, reply) => {
      const { id } = request.params
      if (request.sight?.owns(id) === false) throw notFound('institution', id)
      const { plane } = policy.state.document
      const asked = request.query.month ?? lastMonth(clock.wall(), plane.timezone)
      const found = await ledger.statement(asked, id, seesOf(request, context), askerOf(request))
      if (found === null) throw notFound('institution', id)
      // It names its own institution and the contracts of all, and nobody else.
      request.isShownWhole = true
      if (!accepts(request.headers.accept, 'application/json') || prefersPage(request))
        return answerPage(reply, ledger.page(found, request.query.lang))
      return reply.send(found as z.infer<typeof statementShape>)
    },
  )
}

/** A browser takes anything, and a page first. */
const prefersPage = ({ headers }: FastifyRequest): boolean => /^\s*text\/html/i.test(headers.accept ?? '')

function answerPage(
  reply: FastifyReply,
  { html, style }: { readonly html: string; readonly style: string },
): FastifyReply {
  const policy = `default-src 'none'; style-src '${style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`
  // Past the serializer: it is no JSON.
  return reply.type('text/html; charset=utf-8').header('content-security-policy', policy).serializer(String).send(html)
}

/** The month before the one that the zone's clocks show. */
function lastMonth(now: number, timeZone: string): string {
  const shown = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit' }).format(now)
  const [year = 0, of = 0] = shown.split('-').map(Number)
  return of === 1 ? `${year - 1}-12` : `${year}-${String(of - 1).padStart(2, '0')}`
}

function closeRoutes(app: App, ledger: LedgerPort): void {
  app.post(
    '/v1/ledger/:month/close',
    {
      config: { access: 'finance', told: ['subject', 'by', 'fingerprint'] },
      schema: {
        summary: 'Closes a month that is over, once and for good; what it got wrong is corrected in a later one',
        params: MONTH,
        querystring: z.strictObject({
          gaps: z.enum(['accepted']).optional().describe('Needed where half of the month, or a line, is not recorded'),
        }),
        response: answers(
          { 200: z.strictObject({ month, closing: closingShape }) },
          ...COUNTED,
          ...STORE,
          'PRECONDITION_FAILED',
          'UNSUPPORTED_MEDIA_TYPE',
        ),
      },
    },
    async (request) => {
      const gaps = request.query.gaps === 'accepted'
      const closing = await ledger.close(request.params.month, askerOf(request), { gaps })
      note(request, { after: closing })
      return { month: request.params.month, closing }
    },
  )

  app.post(
    '/v1/ledger/:month/reconcile',
    {
      config: { access: 'finance', told: false },
      schema: {
        summary: "Our count against the provider's: invoices of the price book, and LibreNMS' bills as it answers them",
        params: MONTH,
        body: z.strictObject({
          libreNms: z.unknown().optional().describe('The answer of LibreNMS to GET /api/v0/bills'),
        }),
        response: answers({ 200: reconciliationShape }, ...COUNTED),
      },
    },
    async (request) => {
      const { libreNms = null } = request.body
      const { rows, unknown, unclear } = await ledger.reconcile(request.params.month, libreNms, askerOf(request))
      return { rows: [...rows], unknown: [...unknown], unclear: [...unclear] }
    },
  )
}
