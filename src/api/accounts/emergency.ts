// The emergency account over HTTP: made or sealed anew by an administrator. Its password is answered once.

import { z } from 'zod'
import { type App, answers, type Context, GATED } from '../app.js'
import { principalOf } from '../guard.js'

export function emergencyRoutes(app: App, { accounts: { emergency } }: Context): void {
  app.post(
    '/v1/emergency-account',
    {
      config: { access: 'admin', told: ['id'] },
      schema: {
        summary: 'Makes the emergency account, or seals it anew: its new password is shown this once, for an envelope',
        response: answers(
          { 201: z.strictObject({ id: z.string(), password: z.string() }) },
          ...GATED,
          'SELF_APPROVAL',
          'UNSUPPORTED_MEDIA_TYPE',
          'STORE_UNAVAILABLE',
        ),
      },
    },
    async (request, reply) => {
      const password = await emergency.seal(principalOf(request).actor)
      return reply.code(201).send({ id: 'emergency', password })
    },
  )
}
