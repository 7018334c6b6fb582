// Alarms: what is wrong and what was, acknowledged by whom; and for one of them, who missed what while it lasted.

import { SEVERITIES, type WordedAlarm } from '../../model/alarm.js'
import { MAX_TEXT_LENGTH } from '../../runtime/limits.js'
import * as z from '../../runtime/zod.js'
import { type App, answers, type Context, GATED } from '../app.js'
import { principalOf } from '../guard.js'
import { answerList, type CsvTable, filter, LIST_TYPES, Listing, paging } from '../lists.js'
import { notFound } from '../problem.js'
import { pageOf } from '../shapes.js'
import { utc } from '../views.js'
import { detailNamed, institutionNamed, type NameOf } from './alarm-names.js'

const rate = z.int().nonnegative().describe('bit/s')
const text = z.strictObject({ en: z.string(), sw: z.string() })
const alarm = {
  id: z.string(),
  code: z.string(),
  severity: z.enum(SEVERITIES),
  subject: z.string(),
  since: z.iso.datetime(),
  cleared: z.iso.datetime().nullable(),
  gone: z.iso.datetime().nullable().describe('Since when it is not found any more: it ends unless it comes back'),
  detail: text,
  remedy: text,
  acknowledgedBy: z.string().nullable(),
  note: z.string().nullable(),
  members: z.array(z.string()),
  regions: z.array(z.string()),
  short: z
    .record(z.string(), z.strictObject({ promised: rate, usable: rate }))
    .describe('Of links on which promises do not fit: their sum, and what there is'),
}
const alarmShape = z.strictObject(alarm).meta({ id: 'Alarm' })
const detailShape = z
  .strictObject({
    ...alarm,
    missed: z
      .array(z.strictObject({ institution: z.string(), minutesBelowGuarantee: z.number(), mbitMissing: z.number() }))
      .describe(
        'Institutions that it concerns and that missed something while it lasted: those behind its edges, those held ' +
          'by its links or by links that carry their traffic, those it names. The most first; five minutes count whole',
      ),
  })
  .meta({ id: 'AlarmDetail' })
type AlarmView = z.infer<typeof alarmShape>

const csv: CsvTable<AlarmView> = {
  columns: [
    'id',
    'code',
    'severity',
    'subject',
    'since',
    'cleared',
    'gone',
    'detailEn',
    'detailSw',
    'acknowledgedBy',
    'note',
  ],
  records: ({ detail, remedy: _, members: __, regions: ___, short: ____, ...row }) => [
    { ...row, detailEn: detail.en, detailSw: detail.sw },
  ],
}

const viewOf = (
  { since, cleared, gone, acknowledged, short = {}, said: _, ...rest }: WordedAlarm,
  nameOf: NameOf,
): AlarmView => ({
  ...rest,
  detail: detailNamed(rest, nameOf),
  members: [...rest.members],
  regions: [...rest.regions],
  short: Object.fromEntries(
    Object.entries(short).map(([link, { promised, usable }]) => [
      link,
      { promised: Math.round(promised), usable: Math.round(usable) },
    ]),
  ),
  since: utc(since),
  cleared: cleared === null ? null : utc(cleared),
  gone: gone === null ? null : utc(gone),
  acknowledgedBy: acknowledged?.by ?? null,
  note: acknowledged?.note ?? null,
})

/** As the status shows it. */
export function briefly(alarm: WordedAlarm, nameOf: NameOf) {
  const { id, code, severity, subject, since, gone, remedy, acknowledged } = alarm
  return {
    ...{ id, code, severity, subject, since: utc(since), gone: gone === null ? null : utc(gone), remedy },
    detail: detailNamed(alarm, nameOf),
    acknowledgedBy: acknowledged?.by ?? null,
  }
}

export function alarmRoutes(app: App, { memory, policy }: Context): void {
  if (memory === undefined) return
  const { alarms } = memory
  const nameOf: NameOf = (id) => institutionNamed(policy.state.document, id)
  app.get(
    '/v1/alarms',
    {
      config: { access: 'viewer', produces: LIST_TYPES },
      schema: {
        summary: 'Alarms that last; with `all=true` those that are over as well',
        querystring: z.strictObject({
          ...paging,
          all: z.enum(['true', 'false']).default('false'),
          code: filter,
          severity: z.enum(SEVERITIES).optional(),
        }),
        response: answers({ 200: pageOf(alarmShape) }, ...GATED, 'PAGE_TOKEN_INVALID'),
      },
    },
    (request, reply) => {
      const { all, code, severity } = request.query
      const shown = new Listing((all === 'true' ? alarms.all() : alarms.open()).map((one) => viewOf(one, nameOf)))
      const keep = (row: AlarmView): boolean =>
        (code === undefined || row.code === code) && (severity === undefined || row.severity === severity)
      return answerList(request, reply, shown, request.query, keep, csv)
    },
  )

  app.get(
    '/v1/alarms/:id',
    {
      config: { access: 'viewer' },
      schema: {
        summary: 'One alarm, and who missed what while it lasted',
        params: z.object({ id: z.string() }),
        response: answers({ 200: detailShape }, ...GATED, 'NOT_FOUND'),
      },
    },
    async (request) => {
      const found = alarms.find(request.params.id)
      if (found === undefined || request.sight?.hides(viewOf(found, nameOf))) throw notFound('alarm', request.params.id)
      return { ...viewOf(found, nameOf), missed: await memory.missed(found) }
    },
  )

  app.post(
    '/v1/alarms/:id/acknowledge',
    {
      config: { access: 'operator', told: ['subject', 'id', 'code', 'severity', 'acknowledgedBy', 'note'] },
      schema: {
        summary: 'Somebody has seen it',
        params: z.object({ id: z.string() }),
        body: z.strictObject({ note: z.string().max(MAX_TEXT_LENGTH).default('') }),
        response: answers({ 200: alarmShape }, ...GATED, 'NOT_FOUND'),
      },
    },
    (request) => {
      const alarm = alarms.acknowledge(request.params.id, principalOf(request).actor, request.body.note)
      // For the others; a store that is away keeps nobody from acknowledging here.
      policy.interventions.noteSeen(alarm).catch((error: unknown) => {
        request.log.warn({ err: error, alarm: alarm.id }, 'other controllers do not know that this alarm was seen')
      })
      return viewOf(alarm, nameOf)
    },
  )
}
