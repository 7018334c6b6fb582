// What was: series of an institution or a link, from the record. Gaps are null; `covered` says how much of a step was
// recorded.

import type { FastifyReply, FastifyRequest } from 'fastify'
import { DAY } from '../../model/units.js'
import * as z from '../../runtime/zod.js'
import { type App, answers, type Context, GATED } from '../app.js'
import { askerOf, wantsCsv } from '../guard.js'
import { answerJson, answerSheet, LIST_TYPES, zoneOf } from '../lists.js'
import { moment } from '../moments.js'
import { memberOf } from '../policy/preview.js'
import { ApiError, notFound } from '../problem.js'
import { utc } from '../views.js'

const STEPS = { '5m': 300_000, '15m': 900_000, '1h': 3_600_000, '6h': 21_600_000, '1d': 86_400_000 } as const
/** As long as the record is kept unless the settings say otherwise: thirteen months. */
const MOST_DAYS = 13 * 31
/** A month of five minutes, or thirteen months of hours. */
const MOST_POINTS = 10_000

const spanQuery = z.strictObject({
  from: moment.optional().describe('Default: a day before `to`'),
  to: moment.optional().describe('Default: now'),
  step: z.enum(['5m', '15m', '1h', '6h', '1d']).default('5m'),
})
const ID = z.object({ id: z.string() })

const rate = z.int().nonnegative().nullable().describe('bit/s; null: not recorded')
/** Columns that came later stand last: others count them. */
const heard = {
  arrived: rate.describe('bit/s that arrived at edges, before their shapers; null: not recorded'),
  carried: rate.describe('bit/s that was carried; null: not recorded'),
}
const formerly = rate.meta({ description: 'bit/s; what was carried, under its former name', deprecated: true })
const minutes = z.number().nullable().describe('To a hundredth: no second is lost')
const point = { at: z.iso.datetime(), covered: z.number(), revision: z.int().nullable() }
const flowPoint = z.strictObject({
  ...point,
  demand: rate.describe('What was wanted: what arrived, or what was asked where that was not given'),
  ...{ need: rate, rate, measured: formerly, unmet: rate },
  would: rate.describe('What enforcing would have given, where nothing is enforced'),
  minutesBelowGuarantee: minutes,
  minutesAtCeiling: minutes,
  enforcement: z.string().nullable(),
  ...heard,
  asked: rate.describe('What the allocation was asked for: with its margin, what idle flows keep, and probing'),
})
const linkPoint = z.strictObject({
  ...point,
  ...{ needLoad: rate, load: rate, measured: formerly, unmet: rate, capacity: rate },
  measuredBy: z
    .string()
    .nullable()
    .describe('Who says what was carried. counter: what monitoring posted; edges: what they counted'),
  minutesShort: minutes,
  state: z.string().nullable(),
  ...heard,
})
const span = { from: z.iso.datetime(), to: z.iso.datetime(), step: z.string() }
const institutionShape = z
  .strictObject({
    institution: z.string(),
    empty: z
      .strictObject({ en: z.string(), sw: z.string() })
      .nullable()
      .describe('Why there is no series; null: there is one'),
    continues: z.array(z.string()).describe('Institutions that it was split from or that were merged into it'),
    ...span,
    flows: z.array(z.strictObject({ flow: z.string(), points: z.array(flowPoint) })),
  })
  .meta({ id: 'InstitutionHistory' })
const linkShape = z.strictObject({ link: z.string(), ...span, points: z.array(linkPoint) }).meta({ id: 'LinkHistory' })

/** What monitoring kept before Mizani came is of lines, and nobody knows whose traffic of which service it was. */
const NOTHING_RECORDED = {
  en:
    'Nothing was recorded of its flows in this time. What was imported from monitoring is kept by link: ' +
    'see /v1/links/access.SITE.down/history, with the site it stands for.',
  sw:
    'Hakuna kilichorekodiwa cha mtiririko wake katika muda huu. Kilichoingizwa kutoka mifumo ya ufuatiliaji kiko kwa ' +
    'kiungo: tazama /v1/links/access.ENEO.down/history, ukiweka eneo lake.',
}

const list = { access: 'viewer', produces: LIST_TYPES } as const
const problems = [...GATED, 'NOT_FOUND', 'NOT_READY'] as const

export function historyRoutes(app: App, { memory, policy, view, clock }: Context): void {
  if (memory === undefined) return
  app.get(
    '/v1/institutions/:id/history',
    {
      config: { ...list, access: ['viewer', 'member'] },
      schema: {
        summary: 'What an institution asked for, got and missed, over time',
        params: ID,
        querystring: spanQuery,
        response: answers({ 200: institutionShape }, ...problems),
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const span = spanOf(request, request.query, clock.wall())
      const sheet = sheetOf(request, reply, ['flow', ...Object.keys(flowPoint.shape)])
      const { sight } = request
      // Before anything is read: how long it takes would tell.
      if (sight?.owns(id) === false) throw notFound('institution', id)
      const { isKnown, text } = await memory.history({ of: 'institution', id, span, sheet }, askerOf(request))
      const document = policy.state.current().document
      const isFormer = memberOf(memberOf(document, 'former'), id) !== undefined
      if (!isKnown && !isFormer && !view().board.plan.institutions.some((known) => known.id === id))
        throw notFound('institution', id)
      // Its series names nobody else: to look through a year of it would hold the thread for seconds.
      request.isShownWhole = true
      if (sheet !== null) return answerSheet(reply, Buffer.from(text))
      const from = memberOf(memberOf(document, 'institutions'), id)?.from
      const before = Array.isArray(from) ? from.map(String) : []
      const continues = before.filter((one) => sight === null || sight.owns(one))
      const empty = isKnown ? null : NOTHING_RECORDED
      return answerAround(
        reply,
        { institution: id, empty, continues, ...said(span, request.query.step) },
        'flows',
        text,
      )
    },
  )

  app.get(
    '/v1/links/:id/history',
    {
      config: list,
      schema: {
        summary: 'What a directed link carried, over time',
        params: ID,
        querystring: spanQuery,
        response: answers({ 200: linkShape }, ...problems),
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const span = spanOf(request, request.query, clock.wall())
      const sheet = sheetOf(request, reply, Object.keys(linkPoint.shape))
      const { sight } = request
      const link = view().links.find(id)
      if (sight !== null && (link === undefined ? sight.hidesGone(id) : sight.hides(link)))
        throw notFound('directed link', id)
      const { isKnown, text } = await memory.history({ of: 'link', id, span, sheet }, askerOf(request))
      if (!isKnown && link === undefined) throw notFound('directed link', id)
      request.isShownWhole = true
      if (sheet !== null) return answerSheet(reply, Buffer.from(text))
      return answerAround(reply, { link: id, ...said(span, request.query.step) }, 'points', text)
    },
  )
}

/** What the sheet is to have; null: JSON is wanted. */
const sheetOf = (request: FastifyRequest, reply: FastifyReply, columns: readonly string[]) =>
  wantsCsv(request) ? { columns, zone: zoneOf(reply) } : null

/** The head of an answer with its series as the last member: text that nobody here looks into. */
function answerAround(reply: FastifyReply, head: object, name: string, series: Uint8Array): FastifyReply {
  const before = `${JSON.stringify(head).slice(0, -1)},"${name}":`
  return answerJson(reply, Buffer.concat([Buffer.from(before), series, Buffer.from('}')]))
}

const said = ({ from, to }: { from: number; to: number }, step: string) => ({ from: utc(from), to: utc(to), step })

/** Begins at a whole step. @throws ApiError BAD_REQUEST for a span that is empty or too long. */
function spanOf(request: FastifyRequest, query: z.infer<typeof spanQuery>, now: number) {
  const step = STEPS[query.step]
  const to = query.to === undefined ? now : request.moment(query.to, 'to')
  const begin = query.from === undefined ? to - DAY : request.moment(query.from, 'from')
  const from = begin - (begin % step)
  if (from >= to) throw new ApiError('BAD_REQUEST', '`from` must lie before `to`.')
  const days = Math.ceil((to - from) / DAY)
  if (days > MOST_DAYS)
    throw new ApiError('BAD_REQUEST', `These are ${days} days; at most ${MOST_DAYS} can be asked at once.`)
  const points = Math.ceil((to - from) / step)
  if (points > MOST_POINTS) {
    const fits = Object.entries(STEPS).find(([, length]) => (to - from) / length + 1 <= MOST_POINTS)!
    const most = `at most ${MOST_POINTS} can be asked at once`
    throw new ApiError('BAD_REQUEST', `These are ${points} points a series, ${most}; step=${fits[0]} fits.`)
  }
  return { from, to, step }
}
