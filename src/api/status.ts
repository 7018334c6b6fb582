// Is it alive, is it ready, how is it going. The two probes are the only routes that answer anybody.

import { looksAround } from '../model/looks-around.js'
import { type Milliseconds, toSeconds } from '../model/units.js'
import * as z from '../runtime/zod.js'
import { type App, answers, type Context, GATED } from './app.js'
import { principalOf } from './guard.js'
import { answerJson } from './lists.js'
import { ApiError } from './problem.js'
import { statusShape } from './shapes.js'

const probe = z.strictObject({ status: z.literal('ok') })

/** Without a tick for so long (or ten ticks, where they are slow) the controller does not do its work. */
const TICK_OVERDUE: Milliseconds = 10_000

export function statusRoutes(app: App, { board, notReady, view, clock }: Context): void {
  app.get(
    '/v1/health/live',
    {
      config: { access: 'open' },
      schema: { summary: 'The process answers', response: answers({ 200: probe }) },
    },
    () => ({ status: 'ok' as const }),
  )

  app.get(
    '/v1/health/ready',
    {
      config: { access: 'open' },
      schema: { summary: 'Rates are being made', response: answers({ 200: probe }, 'NOT_READY') },
    },
    () => {
      const shown = board()
      if (shown === null) throw new ApiError('NOT_READY', 'The first tick has not been published yet.')
      const reason = notReady?.() ?? null
      if (reason !== null) throw new ApiError('NOT_READY', reason)
      const age = clock.wall() - shown.at
      if (age > Math.max(TICK_OVERDUE, 10 * shown.plan.timing.tick)) {
        throw new ApiError('NOT_READY', `The last tick that was seen here is ${Math.round(toSeconds(age))} s old.`)
      }
      return { status: 'ok' as const }
    },
  )

  app.get(
    '/v1/status',
    {
      config: { access: ['viewer', 'member'], liesReady: true },
      schema: { summary: 'The last tick on one page', response: answers({ 200: statusShape }, ...GATED, 'NOT_READY') },
    },
    (request, reply) => {
      const status = view().statusSeenBy(request.sight)
      // Alarms tell of the network and of whoever runs it.
      const isOurs = looksAround(principalOf(request).roles)
      return answerJson(reply, isOurs ? status : JSON.stringify({ ...JSON.parse(status), alarms: [] }))
    },
  )
}
