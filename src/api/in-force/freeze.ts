// The freeze over HTTP: it stops every change of the policy but those that take something back.

import type { Freeze } from '../../policy/in-force/holding.js'
import * as z from '../../runtime/zod.js'
import { type App, answers, type Context, GATED } from '../app.js'
import { note } from '../audit/audit-hook.js'
import { principalOf } from '../guard.js'
import { ACT_PROBLEMS, sentence, time } from '../policy/change-shapes.js'
import { utc } from '../views.js'

const freezeShape = z.strictObject({
  frozen: z.boolean(),
  since: time.nullable(),
  author: z.string().nullable(),
  by: z.string().nullable().describe('The author'),
  reason: z.string().nullable(),
  until: time.nullable().describe('Null: until somebody ends it'),
})
const TOLD = ['reason', 'frozen', 'since', 'author']
const freezeView = (freeze: Freeze | null): z.infer<typeof freezeShape> => {
  const author = freeze?.author ?? null
  const since = freeze === null ? null : utc(freeze.since)
  return { frozen: freeze !== null, since, author, by: author, reason: freeze?.reason ?? null, until: null }
}

export function freezeRoutes(app: App, { policy: { interventions } }: Context): void {
  app.get(
    '/v1/freeze',
    {
      config: { access: 'viewer' },
      schema: {
        summary: 'Whether the policy is frozen, by whom and why',
        response: answers({ 200: freezeShape }, ...GATED),
      },
    },
    () => freezeView(interventions.inForce.freeze),
  )

  app.post(
    '/v1/freeze',
    {
      config: { access: 'operator', told: TOLD },
      schema: {
        summary: 'Nothing about the policy changes until it is unfrozen; what is in force can still be taken back',
        body: z.strictObject({ reason: sentence }),
        response: answers({ 200: freezeShape }, ...ACT_PROBLEMS),
      },
    },
    async (request) => {
      const deed = { author: principalOf(request).actor, reason: request.body.reason }
      note(request, { secondPerson: null })
      return freezeView(await interventions.freeze(deed))
    },
  )

  app.post(
    '/v1/unfreeze',
    {
      config: { access: 'operator', told: TOLD },
      schema: { summary: 'Ends a freeze', response: answers({ 200: freezeShape }, ...ACT_PROBLEMS) },
    },
    async (request) => {
      note(request, { secondPerson: null })
      await interventions.unfreeze()
      return freezeView(null)
    },
  )
}
