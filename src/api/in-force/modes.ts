// Modes over HTTP: what the policy has prepared, whether it is on, and the switch. A mode was approved when it was
// written, so switching it needs nobody else.

import type { FastifyRequest } from 'fastify'
import * as z from '../../runtime/zod.js'
import { type App, answers, type Context } from '../app.js'
import { note } from '../audit/audit-hook.js'
import { principalOf } from '../guard.js'
import { answerList, type CsvTable, LIST_TYPES, Listing, paging } from '../lists.js'
import { moment } from '../moments.js'
import { ACT_PROBLEMS, idText, sentence, time } from '../policy/change-shapes.js'
import { pageOf } from '../shapes.js'
import { utc } from '../views.js'

const modeShape = z
  .strictObject({
    id: z.string(),
    name: z.strictObject({ en: z.string(), sw: z.string() }),
    patches: z.array(z.record(z.string(), z.unknown())),
    atMostMinutes: z.int(),
    on: z.boolean(),
    since: time.nullable(),
    until: time.nullable(),
    author: z.string().nullable(),
    reason: z.string().nullable(),
  })
  .meta({ id: 'Mode' })

type ModeView = z.infer<typeof modeShape>
const csv: CsvTable<ModeView> = {
  columns: ['id', 'nameEn', 'nameSw', 'patches', 'atMostMinutes', 'on', 'since', 'until', 'author', 'reason'],
  records: ({ name, patches, ...row }) => [
    { ...row, nameEn: name.en, nameSw: name.sw, patches: JSON.stringify(patches) },
  ],
}
const params = z.strictObject({ id: idText })
const TOLD = ['subject', 'reason', 'id', 'on', 'since', 'until', 'author']

export function modeRoutes(app: App, { policy: { interventions, state }, clock }: Context): void {
  const view = (id: string): ModeView => {
    const { name, patches, atMost } = state.document.modes[id]!
    const now = clock.wall()
    const on = interventions.inForce.modes.find(({ mode, from, until }) => mode === id && from <= now && now < until)
    return {
      ...{ id, name, patches: patches.map((patch) => ({ ...patch })), atMostMinutes: atMost, on: on !== undefined },
      since: on === undefined ? null : utc(on.from),
      until: on === undefined ? null : utc(on.until),
      author: on?.author ?? null,
      reason: on?.reason ?? null,
    }
  }

  app.get(
    '/v1/modes',
    {
      config: { access: 'viewer', produces: LIST_TYPES },
      schema: {
        summary: 'Prepared sets of changes',
        querystring: z.strictObject({ ...paging, on: z.enum(['true', 'false']).optional() }),
        response: answers({ 200: pageOf(modeShape) }, ...ACT_PROBLEMS, 'PAGE_TOKEN_INVALID'),
      },
    },
    (request, reply) => {
      const { on } = request.query
      const listing = new Listing(Object.keys(state.document.modes).map(view))
      const keep = (row: ModeView): boolean => on === undefined || row.on === (on === 'true')
      return answerList(request, reply, listing, request.query, keep, csv)
    },
  )

  app.post(
    '/v1/modes/:id/activate',
    {
      config: { access: 'operator', told: TOLD },
      schema: {
        summary: 'Switches a mode on, for as long as the policy allows or until an earlier time',
        params,
        body: z.strictObject({ reason: sentence, until: moment.optional() }),
        response: answers({ 200: modeShape }, ...ACT_PROBLEMS),
      },
    },
    async (request) => {
      const { reason, until } = request.body
      const { id } = request.params
      const end = until === undefined ? null : request.moment(until, 'until')
      await interventions.activate(id, end, deedOf(request, reason))
      return view(id)
    },
  )

  app.post(
    '/v1/modes/:id/end',
    {
      config: { access: 'operator', told: TOLD },
      schema: {
        summary: 'Switches a mode off',
        params,
        body: z.strictObject({ reason: sentence }),
        response: answers({ 200: z.strictObject({ id: z.string(), until: time }) }, ...ACT_PROBLEMS),
      },
    },
    async (request) => {
      const { mode, until } = await interventions.end(request.params.id, deedOf(request, request.body.reason))
      return { id: mode, until: utc(until) }
    },
  )
}

/** One person switches it. */
function deedOf(request: FastifyRequest, reason: string): { readonly author: string; readonly reason: string } {
  note(request, { secondPerson: null })
  return { author: principalOf(request).actor, reason }
}
