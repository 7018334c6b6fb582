// Institutions: what each asks for, gets and does, and why.

import type { FastifyRequest } from 'fastify'
import type { Board } from '../../model/board.js'
import { type Explanation, isMovable, LIMIT_CODES } from '../../model/explanation.js'
import { DIRECTIONS, type Text } from '../../model/network.js'
import { type PlanInstitution, RESTRICTED } from '../../model/plan.js'
import { worstOf } from '../../model/wholes.js'
import { prefixesOver } from '../../runtime/address.js'
import * as z from '../../runtime/zod.js'
import { type App, answers, type Context, GATED } from '../app.js'
import type { BoardView } from '../board-view.js'
import { answerJson, answerList, type CsvTable, filter, LIST_TYPES, paging } from '../lists.js'
import { moment } from '../moments.js'
import { ApiError, notFound } from '../problem.js'
import {
  type FiguresView,
  figuresShape,
  type InstitutionView,
  institutionDetailShape,
  institutionShape,
  pageOf,
} from '../shapes.js'
import { utc } from '../views.js'
import { type ExplainView, explainShape } from './explain-shape.js'
import { bypassStep, liftingOf, momentOf, partStep, type Subject, sentenceOf, stepsOf } from './sentences.js'
import type { NameOf } from './sharers.js'
import { wholeOf } from './whole.js'

const ID = z.object({ id: z.string() })

const listQuery = z.strictObject({
  ...paging,
  category: filter,
  region: filter,
  tier: filter,
  edge: filter,
  limitedBy: filter.describe(`A code (${LIMIT_CODES.join(', ')}) or the id of a link, envelope or override`),
  service: filter.describe('Of their flows only those of this service'),
  direction: z.enum(DIRECTIONS).optional().describe('Of their flows only those in this direction'),
  q: filter.describe('Text in the id, a name or a label, or an IP address of one of its sites'),
})

const explainQuery = z.strictObject({
  service: filter.describe('Default: the first service of the plane that it has'),
  direction: z.enum(DIRECTIONS).default('down'),
  edge: filter.describe('Which of its edges; default: the one that misses most'),
  lang: z.enum(['en', 'sw']).default('en'),
  at: moment
    .optional()
    .describe(`The past, solved again as it was when most was missing in those five minutes; ${moment.description}`),
})

const csv: CsvTable<InstitutionView> = {
  columns: [
    ...[
      'id',
      'nameEn',
      'nameSw',
      'category',
      'region',
      'tier',
      'edges',
      'service',
      'direction',
      'guarantee',
      'ceiling',
    ],
    ...[
      'demand',
      'need',
      'rate',
      'applied',
      'measured',
      'unmet',
      'limitedBy',
      'limitedById',
      'arrived',
      'carried',
      'atLeast',
      'estimatedSince',
      'belowGuarantee',
    ],
  ],
  records: ({ id, name, category, region, tier, edges, flows }) =>
    flows.map(({ limitedBy, ...flow }) => ({
      ...{ id, nameEn: name.en, nameSw: name.sw, category, region, tier, edges: edges.join(' ') },
      ...flow,
      limitedBy: limitedBy.code,
      limitedById: limitedBy.id,
    })),
}

const figuresCsv: CsvTable<FiguresView> = {
  columns: [
    'id',
    'guarantee',
    'demand',
    'need',
    'carried',
    'unmet',
    'limitedBy',
    'limitedById',
    'estimatedSince',
    'belowGuarantee',
  ],
  records: ({ limitedBy: { code, id }, ...row }) => [{ ...row, limitedBy: code, limitedById: id }],
}

/** What a page of all of them reads each second. */
export function figureRoutes(app: App, { view }: Context): void {
  app.get(
    '/v1/figures',
    {
      config: { access: 'viewer', produces: LIST_TYPES },
      schema: {
        summary: 'What each institution asks for and gets of one service in one direction: what changes each second',
        querystring: z.strictObject({ ...paging, service: z.string().min(1), direction: z.enum(DIRECTIONS) }),
        response: answers({ 200: pageOf(figuresShape) }, ...GATED, 'PAGE_TOKEN_INVALID', 'NOT_READY'),
      },
    },
    (request, reply) => {
      const figures = view().seenBy(request.sight).figures(request.query)
      return answerList(request, reply, figures, request.query, () => true, figuresCsv)
    },
  )
}

export function institutionRoutes(app: App, { view, viewAt, namedBy }: Context): void {
  app.get(
    '/v1/institutions',
    {
      config: { access: 'viewer', produces: LIST_TYPES },
      schema: {
        summary: 'Institutions of the last tick, with their flows',
        querystring: listQuery,
        response: answers({ 200: pageOf(institutionShape) }, ...GATED, 'PAGE_TOKEN_INVALID', 'NOT_READY'),
      },
    },
    (request, reply) => {
      const { query, sight } = request
      const shown = view()
      const institutions = shown.seenBy(sight).institutionsOf(query)
      // What is not seen is not found, and keeps nothing else from being found.
      const isSeen = (id: string): boolean => sight === null || sight.owns(id)
      const rows = institutions.rows.filter(({ id }) => isSeen(id))
      return answerList(request, reply, institutions, query, wanted(query, shown.board, { rows, isSeen, namedBy }), csv)
    },
  )

  app.get(
    '/v1/institutions/:id',
    {
      config: { access: ['viewer', 'member'] },
      schema: {
        summary: 'One institution with its sites, and its flows edge by edge',
        params: ID,
        response: answers({ 200: institutionDetailShape }, ...GATED, 'NOT_FOUND', 'NOT_READY'),
      },
    },
    (request, reply) => {
      const shown = view()
      return answerJson(reply, shown.institution(institutionOf(shown, request.params.id, request)))
    },
  )

  app.get(
    '/v1/institutions/:id/explain',
    {
      config: { access: ['viewer', 'member'] },
      schema: {
        summary: 'Why this rate: one plain sentence, the steps, and what would lift it',
        params: ID,
        querystring: explainQuery,
        response: answers({ 200: explainShape }, ...GATED, 'NOT_FOUND', 'NOT_READY'),
      },
    },
    async (request, reply) => {
      const at = request.query.at === undefined ? null : request.moment(request.query.at, 'at')
      const shown = at === null ? view() : await viewAt(at)
      const moment = at === null ? null : momentOf(request.inWords(shown.board.at))
      const institution = institutionOf(shown, request.params.id, request)
      const explained = await explain(shown, institution, { ...request.query, moment })
      return answerJson(reply.header('content-language', request.query.lang), JSON.stringify(explained))
    },
  )
}

function institutionOf({ board }: BoardView, id: string, { sight }: FastifyRequest): PlanInstitution {
  const institution = board.plan.institutions.find((candidate) => candidate.id === id)
  if (institution === undefined || sight?.owns(id) === false) throw notFound('institution', id)
  return institution
}

interface Among extends Pick<Context, 'namedBy'> {
  readonly rows: readonly InstitutionView[]
  isSeen(institution: string): boolean
}

function wanted(
  { category, region, tier, edge, limitedBy, q }: z.infer<typeof listQuery>,
  board: Board,
  { rows, isSeen, namedBy }: Among,
) {
  const isNamed = q === undefined ? null : (holdersOf(q, board, isSeen) ?? namedBy(q, rows))
  const isOfAll = [category, region, tier, edge, limitedBy, q].every((said) => said === undefined)
  return (row: InstitutionView): boolean =>
    // No sum of those that are restricted: it would tell how many of them are so.
    (row.id !== RESTRICTED || isOfAll) &&
    (category === undefined || row.category === category) &&
    (region === undefined || row.region === region) &&
    (tier === undefined || row.tier === tier) &&
    (edge === undefined || row.edges.includes(edge)) &&
    (limitedBy === undefined || row.flows.some((flow) => limits(flow.limitedBy, limitedBy))) &&
    (isNamed === null || isNamed(row))
}

/** Whose address it is, by the longest prefix; null: it is no address. */
function holdersOf(
  text: string,
  { plan }: Board,
  isSeen: Among['isSeen'],
): ((row: { readonly id: string }) => boolean) | null {
  const covers = prefixesOver(text)
  if (covers === null) return null
  const found = plan.edges.flatMap(({ sites }) => {
    const seen = sites.filter(({ institution }) => isSeen(institution))
    return seen.map(({ institution, prefixes }) => ({ institution, length: Math.max(-1, ...prefixes.map(covers)) }))
  })
  const longest = Math.max(0, ...found.map(({ length }) => length))
  const holders = new Set(found.filter(({ length }) => length === longest).map(({ institution }) => institution))
  return ({ id }) => holders.has(id)
}

const limits = (limit: InstitutionView['flows'][number]['limitedBy'], by: string): boolean =>
  limit.code === by || limit.id === by

async function explain(
  { board }: BoardView,
  institution: PlanInstitution,
  query: z.infer<typeof explainQuery> & { readonly moment: Text | null },
): Promise<ExplainView> {
  const { plan, flows } = board
  const has = new Set(institution.flows.map((i) => plan.flows[i]!.service))
  const service = query.service ?? plan.services.find(({ id }) => has.has(id))?.id
  const candidates = institution.flows.filter((i) => {
    const flow = plan.flows[i]!
    return flow.service === service && flow.direction === query.direction
  })
  const chosen =
    query.edge === undefined
      ? candidates.length > 0
        ? worstOf(flows, candidates)
        : -1
      : candidates.find((i) => plan.flows[i]!.edge === query.edge)
  const flow = plan.flows[chosen ?? -1]
  if (chosen === undefined || flow === undefined) {
    const at = query.edge === undefined ? '' : ` at the edge "${query.edge}"`
    throw new ApiError(
      'NOT_FOUND',
      `${institution.id} has no flow of the service "${service}" ${query.direction}${at}.`,
    )
  }
  const told = board.explain(chosen)
  const parts = query.edge === undefined ? candidates.map((i) => (i === chosen ? told : board.explain(i))) : [told]
  const explanation = wholeOf(parts, told, flow)
  const whatIf = isMovable(explanation.limitedBy.code) ? await board.whatIf(chosen) : []
  const serviceName = plan.services.find(({ id }) => id === flow.service)?.name ?? {
    en: flow.service,
    sw: flow.service,
  }
  const { name, nounClass } = institution
  const subjectAt = (edge: string): Subject => {
    const { bypasses = [] } = board.edges.find(({ id }) => id === edge) ?? {}
    const bypass = bypasses.find((b) => b.institution === null || b.institution === institution.id)
    return { institution: name, nounClass, service: serviceName, edge, bypass }
  }
  const subject = subjectAt(flow.edge)
  const sentence = sentenceOf(explanation, subject)
  const byEdge = parts.length < 2 ? [] : parts.map((part) => partOf(part, subjectAt(part.edge)))
  const lifted = parts.flatMap((part) => bypassStep(part, subjectAt(part.edge)))
  const steps = [
    ...lifted,
    ...byEdge.map((part) => part.sentence),
    ...stepsOf(explanation, { past: query.moment !== null, nameOf: namesIn(plan) }),
  ]
  const lifting = liftingOf(explanation, subject, whatIf)
  const { lang } = query
  return {
    ...wholeRates(explanation),
    whatIf: whatIf.map((change) => ({ ...change, by: Math.round(change.by), need: Math.round(change.need) })),
    institution: institution.id,
    name: institution.name,
    service: flow.service,
    direction: flow.direction,
    edge: flow.edge,
    parts: byEdge,
    others: candidates.filter((i) => i !== chosen).map((i) => plan.flows[i]!.edge),
    moment: query.moment,
    sentence,
    steps,
    lifting,
    text: [...(query.moment === null ? [] : [query.moment]), sentence, ...steps, lifting]
      .map((line) => line[lang])
      .join('\n'),
  }
}

const namesIn =
  (plan: Board['plan']): NameOf =>
  (of, id) =>
    plan[of].find((one) => one.id === id)?.name

function partOf(part: Explanation, subject: Subject): ExplainView['parts'][number] {
  const { edge, guarantee, demand, need, rate, limitedBy } = part
  const whole = { guarantee: Math.round(guarantee), demand: Math.round(demand), need: Math.round(need) }
  return { edge, ...whole, rate: Math.round(rate), limitedBy, with: [...part.with], sentence: partStep(part, subject) }
}

/** The explanation with its rates in whole bit/s. */
function wholeRates(explanation: ReturnType<BoardView['board']['explain']>) {
  const { at, ceiling, demand, atLeast, need, rate, computed, guarantee } = explanation
  const { applied, arrived, carried, lastReport } = explanation
  const { bands, sharers, reserved, behind } = explanation
  const known = (x: number | null): number | null => (x === null || !Number.isFinite(x) ? null : Math.round(x))
  const whole = (x: number): number => known(x) ?? 0
  return {
    ...explanation,
    at: utc(Date.parse(at)),
    guarantee: whole(guarantee),
    ceiling: known(ceiling),
    demand: whole(demand),
    atLeast: whole(atLeast),
    need: whole(need),
    rate: whole(rate),
    computed: whole(computed),
    applied: known(applied),
    arrived: known(arrived),
    carried: known(carried),
    measured: known(carried),
    lastReport: lastReport === null ? null : utc(Date.parse(lastReport)),
    bands: bands.map((band) => ({ ...band, amount: whole(band.amount), cap: known(band.cap) })),
    with: [...explanation.with],
    sharers: sharers.map((sharer) => ({ ...sharer, need: whole(sharer.need) })),
    reserved: reserved.map((one) => ({ ...one, rate: whole(one.rate) })),
    behind: behind.map(({ capacity, ...cause }) => ({
      ...cause,
      capacity: capacity && { now: whole(capacity.now), built: whole(capacity.built) },
    })),
  }
}
