// Questions of planners over HTTP: asked, watched, read, taken back. What is answered is computed elsewhere and lies in
// files; here they are handed on as they are.

import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { satisfies } from '../../model/principal.js'
import { SIMULATION_KINDS, SIMULATION_STATES, type Simulation } from '../../model/simulation.js'
import type { Milliseconds } from '../../model/units.js'
import type { SimulationBase } from '../../planning/simulations/simulations.js'
import type { Clock } from '../../runtime/clock.js'
import { MAX_SIMULATION_ASKED, MAX_SIMULATION_ROWS } from '../../runtime/limits.js'
import * as z from '../../runtime/zod.js'
import { type App, answers, type Context, GATED } from '../app.js'
import type { EventHub } from '../events/event-hub.js'
import { accepts, principalOf, wantsCsv } from '../guard.js'
import { answerList, type CsvTable, LIST_TYPES, Listing, paging } from '../lists.js'
import { idText } from '../policy/change-shapes.js'
import type { SimulationsPort } from '../ports.js'
import { ApiError, notFound } from '../problem.js'
import { pageOf } from '../shapes.js'
import { answeredShape, askedShape, type SimulationView, simulationShape, simulationView } from './simulation-shapes.js'

const READ = [...GATED, 'NOT_FOUND'] as const
const params = z.strictObject({ id: idText })
const tableId = z.string().regex(/^[a-z][a-z-]{0,62}$/)
/** No sheet and no price: what was bought at which price is nobody's business but the asker's. */
const TOLD = ['subject', 'id', 'kind', 'state', 'revision', 'proposal', 'author']

const csv: CsvTable<SimulationView> = {
  columns: ['id', 'kind', 'state', 'progress', 'revision', 'proposal', 'author', 'at', 'begun', 'ended', 'asked'],
  records: ({ asked, refusal: _, ...row }) => [{ ...row, asked: JSON.stringify(asked) }],
}

export function simulationRoutes(app: App, context: Context, simulations: SimulationsPort): void {
  tellNews(context.events, simulations, context.clock)
  listRoutes(app, context, simulations)
  cancelRoute(app, context, simulations)
  answerRoutes(app, simulations)
}

/** Progress is told a second apart, each step of its life at once. */
function tellNews(hub: EventHub, simulations: SimulationsPort, clock: Clock): void {
  const told = new Map<string, { readonly state: string; readonly at: Milliseconds }>()
  simulations.onNews((simulation) => {
    const { id, state } = simulation
    const last = told.get(id)
    const now = clock.monotonic()
    if (last?.state === state && now - last.at < 1_000) return
    const { kind, progress, left, author, revision } = simulationView(simulation, false)
    if (state === 'queued' || state === 'running') told.set(id, { state, at: now })
    else told.delete(id)
    hub.tell('simulation', { id, kind, state, progress, left, author, revision })
  })
}

/** Findings name institutions, links and promises of everybody. @throws ApiError FORBIDDEN */
function assertSeesAll(request: FastifyRequest): void {
  if (request.sight === null) return
  throw new ApiError('FORBIDDEN', `${principalOf(request).actor} reads within a scope; this tells of more.`)
}

function baseOf({ policy }: Context, proposal: string | undefined): SimulationBase {
  const { revision, hash, document } = policy.state.revision
  if (proposal === undefined) return { revision, hash, document, changes: null }
  const found = policy.proposals.list().find(({ id, state }) => id === proposal && /^(open|approved)$/.test(state))
  if (found === undefined) throw notFound('open proposal', proposal)
  return { revision, hash, document, changes: found.changes }
}

function listRoutes(app: App, context: Context, simulations: SimulationsPort): void {
  app.get(
    '/v1/simulations',
    {
      config: { access: 'planner', produces: LIST_TYPES },
      schema: {
        summary: 'Questions of planners: what was asked, of which revision, and how far it is',
        querystring: z.strictObject({
          ...paging,
          kind: z.enum(SIMULATION_KINDS).optional(),
          state: z.enum(SIMULATION_STATES).optional(),
        }),
        response: answers({ 200: pageOf(simulationShape) }, ...GATED, 'PAGE_TOKEN_INVALID'),
      },
    },
    (request, reply) => {
      assertSeesAll(request)
      const { kind, state } = request.query
      const rows = simulations.list().map((one) => simulationView(one, false))
      const keep = (row: SimulationView): boolean =>
        (kind === undefined || row.kind === kind) && (state === undefined || row.state === state)
      return answerList(request, reply, new Listing(rows), request.query, keep, csv)
    },
  )

  app.post(
    '/v1/simulations',
    {
      bodyLimit: MAX_SIMULATION_ASKED,
      config: { access: 'planner', scoped: true, told: TOLD },
      schema: {
        summary: 'Asks what a command of planning asks; the same question again finds the same answer',
        description:
          'Of the policy in force, or of a proposal laid on it. 202: it waits or runs (watch /v1/events, kind ' +
          '`simulation`); 200: the answer is there. It is kept by the controller that was asked.',
        body: askedShape,
        response: answers(
          { 200: simulationShape, 202: simulationShape },
          ...([...READ, 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'] as const),
        ),
      },
    },
    async (request, reply) => {
      assertSeesAll(request)
      const asked = request.body
      const base = baseOf(context, 'proposal' in asked ? asked.proposal : undefined)
      const simulation = await simulations.order(asked, base, principalOf(request).actor)
      const isDone = simulation.state === 'done'
      reply.code(isDone ? 200 : 202).header('location', `/v1/simulations/${simulation.id}`)
      return reply.send(simulationView(simulation, true))
    },
  )
}

function cancelRoute(app: App, context: Context, simulations: SimulationsPort): void {
  app.delete(
    '/v1/simulations/:id',
    {
      config: { access: 'planner', scoped: true, told: TOLD },
      schema: {
        summary: 'Ends one that waits or runs; takes away one that has ended',
        params,
        response: answers({ 200: simulationShape }, ...READ, 'UNSUPPORTED_MEDIA_TYPE'),
      },
    },
    async (request) => {
      assertSeesAll(request)
      const caller = principalOf(request)
      const { author } = simulations.find(request.params.id)
      if (author !== caller.actor && !satisfies(caller, 'admin', context.isGuarded()))
        throw new ApiError('FORBIDDEN', `${author} has asked it: they, or an administrator, take it back.`)
      return simulationView(await simulations.cancel(request.params.id), true)
    },
  )
}

function answerRoutes(app: App, simulations: SimulationsPort): void {
  app.get(
    '/v1/simulations/:id',
    {
      config: { access: 'planner' },
      schema: {
        summary: 'One question with what was found: sentences, and the tables of its report',
        params,
        querystring: z.strictObject({
          tables: z
            .string()
            .max(1_000)
            .optional()
            .describe('Ids by comma; "none"; absent: those of the report, without its sheets'),
          rows: z.coerce.number().int().min(1).max(MAX_SIMULATION_ROWS).default(1_000).describe('Of each at most'),
        }),
        response: answers({ 200: answeredShape }, ...READ),
      },
    },
    async (request, reply) => {
      assertSeesAll(request)
      const simulation = simulations.find(request.params.id)
      // As it lies there, past the serializer: an answer may be megabytes.
      reply.type('application/json; charset=utf-8').serializer(String)
      return reply.send((await answered(simulations, simulation, request.query)) as never)
    },
  )

  app.get(
    '/v1/simulations/:id/report',
    {
      config: { access: 'planner', produces: ['text/html', 'text/csv', 'application/json', 'text/plain'] },
      schema: {
        summary: 'The report as the command writes it: the page; one of its tables as CSV; JSON',
        description: 'A scenario that was played has no page: it is answered as plain text.',
        params,
        querystring: z.strictObject({
          lang: z.enum(['en', 'sw']).default('en'),
          table: tableId.optional().describe('This one as CSV; of `text/csv` absent: the first'),
        }),
        response: answers({ 200: z.unknown() }, ...READ),
      },
    },
    async (request, reply) => {
      assertSeesAll(request)
      return answerReport(simulations, simulations.find(request.params.id), request, reply)
    },
  )
}

/** What the findings say of themselves, as far as it is needed here. */
interface Said {
  readonly tables: readonly { readonly id: string; readonly isSheet: boolean }[]
}

async function answered(
  simulations: SimulationsPort,
  simulation: Simulation,
  { tables: asked, rows }: { readonly tables?: string | undefined; readonly rows: number },
): Promise<string> {
  const head = JSON.stringify(simulationView(simulation, true)).slice(0, -1)
  if (simulation.state !== 'done') return `${head},"findings":null,"tables":[]}`
  const findings = await simulations.findings(simulation.id)
  const { tables } = JSON.parse(findings) as Said
  const wanted = asked?.split(',')
  const shown = tables.filter(({ id, isSheet }) => (wanted === undefined ? !isSheet : wanted.includes(id)))
  const texts = await Promise.all(shown.map(({ id }) => simulations.table(simulation.id, id, rows)))
  return `${head},"findings":${findings},"tables":[${texts.join(',')}]}`
}

async function answerReport(
  simulations: SimulationsPort,
  { id, asked }: Simulation,
  request: FastifyRequest<{ Querystring: { readonly lang: 'en' | 'sw'; readonly table?: string | undefined } }>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { accept } = request.headers
  const { lang } = request.query
  if (request.query.table !== undefined || wantsCsv(request)) {
    const { tables } = JSON.parse(await simulations.findings(id)) as Said
    const table = request.query.table ?? tables[0]?.id ?? ''
    const text = await simulations.open(id, `${table}.csv`)
    reply.header('content-disposition', `attachment; filename="${id}-${table}.csv"`)
    return reply.type('text/csv; charset=utf-8').send(text as never)
  }
  if (!accepts(accept, 'text/html') && !accepts(accept, 'text/plain')) {
    const text = await simulations.open(id, 'report.json')
    return reply.type('application/json; charset=utf-8').send(text as never)
  }
  if (asked.kind === 'simulate') {
    const text = await simulations.open(id, 'summary.txt')
    return reply.type('text/plain; charset=utf-8').send(text as never)
  }
  let html = ''
  for await (const piece of await simulations.open(id, `report.${lang}.html`)) html += piece
  const [, style = ''] = html.split('</style>', 1)[0]?.split('<style>') ?? []
  const hash = createHash('sha256').update(style).digest('base64')
  // The page stands alone: nothing is loaded, and no style holds but its own.
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`
  reply.header('content-security-policy', `${policy}; frame-ancestors 'none'`)
  return reply.type('text/html; charset=utf-8').serializer(String).send(html)
}
