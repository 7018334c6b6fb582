// The emergency account over HTTP: made or sealed anew by an administrator in person, and its use signed by an
// approver. Its password is answered once, to a person: by a token it would be a way to become one.

import { satisfies } from '../../model/principal.js'
import * as z from '../../runtime/zod.js'
import { type App, answers, type Context, GATED } from '../app.js'
import { assertInPerson, principalOf } from '../guard.js'
import { ApiError } from '../problem.js'

const WRITE = ['SELF_APPROVAL', 'UNSUPPORTED_MEDIA_TYPE', 'STORE_UNAVAILABLE'] as const

export function emergencyRoutes(app: App, { accounts: { emergency }, clock }: Context): void {
  app.post(
    '/v1/emergency-account',
    {
      config: { access: 'admin', told: ['id'] },
      schema: {
        summary: 'Makes the emergency account, or seals it anew: its new password is shown this once, for an envelope',
        response: answers({ 201: z.strictObject({ id: z.string(), password: z.string() }) }, ...GATED, ...WRITE),
      },
    },
    async (request, reply) => {
      const principal = principalOf(request)
      const ofMachine = assertInPerson(principal, clock)
      const password = await emergency.seal(principal.actor, ofMachine)
      return reply.code(201).send({ id: 'emergency', password })
    },
  )

  app.post(
    '/v1/emergency-account/sign',
    {
      config: { access: 'approver', told: [] },
      schema: {
        summary: 'An approver knows who used the emergency account, and why; it is sealed anew: the alarm ends',
        response: answers({ 204: z.undefined() }, ...GATED, 'NOT_FOUND', ...WRITE),
      },
    },
    async (request, reply) => {
      const principal = principalOf(request)
      // Whoever administers could have sealed it under another name, also where there are no guards.
      if (!satisfies(principal, 'approver', true))
        throw new ApiError('FORBIDDEN', 'An approver who does not administer signs for it, in person.')
      await emergency.sign(principal.actor)
      return reply.code(204).send()
    },
  )
}
