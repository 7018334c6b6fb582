// Counters of links, as monitoring systems post them. They are shown and recorded as what a link carries, instead of
// the sum of what edges measured, and an alarm says where the two disagree.

import { DIRECTIONS, directed } from '../../model/network.js'
import { MAX_RATE } from '../../runtime/limits.js'
import * as z from '../../runtime/zod.js'
import { type App, answers, type Context, GATED } from '../app.js'
import { principalOf } from '../guard.js'
import { ApiError, notFound } from '../problem.js'

/** A router's clock may be ahead of ours by this much. */
const AHEAD = 120_000
const MOST_SAMPLES = 288

const body = z.strictObject({
  samples: z
    .array(
      z.strictObject({
        at: z.iso.datetime({ offset: true }),
        direction: z.enum(DIRECTIONS).optional().describe('Absent: the id in the address is a directed link'),
        rate: z.number().nonnegative().max(MAX_RATE).describe('bit/s, a mean since the sample before'),
      }),
    )
    .min(1)
    .max(MOST_SAMPLES),
})

export function sampleRoutes(app: App, { memory, view, clock }: Context): void {
  if (memory === undefined) return
  app.post(
    '/v1/links/:id/samples',
    {
      config: { access: 'monitor', told: false },
      schema: {
        summary: 'What the counters of a link say',
        params: z.object({ id: z.string() }),
        body,
        response: answers(
          { 200: z.strictObject({ taken: z.int(), old: z.int() }) },
          ...GATED,
          'NOT_FOUND',
          'NOT_READY',
        ),
      },
    },
    (request) => {
      const { id } = request.params
      const { links } = view()
      const now = clock.wall()
      const source = principalOf(request).actor
      const samples = request.body.samples.map(({ at, direction, rate }) => {
        const link = direction === undefined ? id : directed(id, direction)
        if (links.find(link) === undefined) throw notFound('directed link', link)
        const time = Date.parse(at)
        if (time > now + AHEAD) throw new ApiError('BAD_REQUEST', `${at} lies in the future; check the clock there.`)
        return { link, sample: { at: time, rate, source } }
      })
      const taken = samples.filter(({ link, sample }) => memory.counters.take(link, sample, now)).length
      return { taken, old: samples.length - taken }
    },
  )
}
