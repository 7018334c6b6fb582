// One thread answers everybody, and makes the ticks. So each request takes a turn before it is looked into and, where
// its answer was waited for, one more before that is written; what is long is written a piece a turn. Whatever many ask
// for at once, a tick that is due comes between any two turns, and accounts share the thread alike. Of those without an
// account each address is one. Nor may one have more than a number of answers on its way, read or not.

import type { FastifyRequest } from 'fastify'
import { Histogram } from 'prom-client'
import { toSeconds } from '../model/units.js'
import { FairTurns } from '../runtime/fair-turns.js'
import { MAX_REQUESTS_OPEN, MAX_REQUESTS_OPEN_EACH } from '../runtime/limits.js'
import { Places } from '../runtime/places.js'
import type { App } from './app.js'
import { whenOver } from './over.js'
import type { ServerDeps } from './ports.js'

declare module 'fastify' {
  interface FastifyRequest {
    /** Resolves in the next turn of whoever sent it; the first may be refused. @throws MizaniError RATE_LIMITED. */
    turn(): Promise<void>
    /** It has had its first turn. */
    isBegun: boolean
  }
}

/** Added after the gate: it knows who asks. */
export function takeTurns(app: App, { clock, metrics, turns: given }: Pick<ServerDeps, 'clock' | 'metrics' | 'turns'>) {
  const turns = given ?? new FairTurns(clock, MAX_REQUESTS_OPEN_EACH)
  const held = new Histogram({
    name: 'mizani_http_turn_seconds',
    help: 'How long a request held the thread that also makes the ticks, by route',
    labelNames: ['route'],
    buckets: [0.005, 0.01, 0.02, 0.05, 0.1, 0.5],
    registers: [metrics],
  })
  turns.onEnd((_who, route, took) => held.observe({ route }, toSeconds(took)))
  app.decorateRequest('isBegun', false)
  app.decorateRequest('turn', async function (this: FastifyRequest): Promise<void> {
    const { principal, ip, method, routeOptions, isBegun } = this
    await turns.take(principal?.actor ?? ip, `${method} ${routeOptions.url ?? 'none'}`, isBegun)
    this.isBegun = true
  })
  const open = new Places('requests', MAX_REQUESTS_OPEN, MAX_REQUESTS_OPEN_EACH)
  app.addHook('onRequest', async ({ principal, ip }, reply) => {
    whenOver(reply.raw, open.take(principal?.actor ?? ip))
  })
  app.addHook('preValidation', (request) => request.turn())
  app.addHook('preSerialization', async (request, _reply, payload) => {
    await request.turn()
    return payload
  })
}
