// One thread answers everybody, and makes the ticks. So each request takes a turn before it is looked into and, where
// its answer was waited for, one more before that is written: whatever many ask for at once, a tick that is due comes
// between any two of them, and accounts share the thread alike. Of those without an account each address is one.

import type { FastifyRequest } from 'fastify'
import type { Clock } from '../runtime/clock.js'
import { FairTurns } from '../runtime/fair-turns.js'
import { MAX_REQUESTS_WAITING_EACH } from '../runtime/limits.js'
import type { App } from './app.js'

/** Added after the gate: it knows who asks. */
export function takeTurns(app: App, clock: Clock): void {
  const turns = new FairTurns(clock, MAX_REQUESTS_WAITING_EACH)
  const whose = ({ principal, ip }: FastifyRequest): string => principal?.actor ?? ip
  app.addHook('preValidation', (request) => turns.take(whose(request)))
  app.addHook('preSerialization', async (request, _reply, payload) => {
    await turns.take(whose(request))
    return payload
  })
}
