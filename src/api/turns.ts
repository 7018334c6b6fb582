// One thread answers everybody. So each request takes a turn before it is looked into and, where its answer was waited
// for, one more before that is written; what is long is written a piece a turn. Whatever many ask for at once, what
// else is due comes between any two turns, and accounts share the thread alike. Of those without an account each
// address is one, of IPv6 each /64. Nor may one have more than a number of answers on its way. What lies ready for all
// who may see everything takes no turn: it holds the thread no longer than it would take to refuse it.

import type { FastifyRequest } from 'fastify'
import { Histogram } from 'prom-client'
import { toSeconds } from '../model/units.js'
import { placeOf } from '../runtime/address.js'
import { FairTurns } from '../runtime/fair-turns.js'
import { MAX_REQUESTS_OPEN, MAX_REQUESTS_OPEN_EACH } from '../runtime/limits.js'
import { Places } from '../runtime/places.js'
import type { App } from './app.js'
import { whenOver } from './over.js'
import type { ServerDeps } from './ports.js'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Its answer is made once for all who see everything. */
    liesReady?: boolean
  }
  interface FastifyRequest {
    /** Resolves in the next turn of whoever sent it; the first may be refused. @throws MizaniError RATE_LIMITED. */
    turn(): Promise<void>
    /** Resolves in the next turn of nobody in particular: for what is made once for all who ask meanwhile. */
    turnForAll(): Promise<void>
    /** It has had its first turn. */
    isBegun: boolean
  }
}

/** No account has this name. */
const EVERYBODY = '*'

type Deps = Pick<ServerDeps, 'clock' | 'metrics' | 'turns'>

/** Added after the gate: it knows who asks. */
export function takeTurns(app: App, { clock, metrics, turns: given }: Deps): Pick<FairTurns, 'forAll'> {
  const turns = given ?? new FairTurns(clock, MAX_REQUESTS_OPEN_EACH)
  const held = new Histogram({
    name: 'mizani_http_turn_seconds',
    help: 'How long a request held the thread that answers all of them, by route',
    labelNames: ['route'],
    buckets: [0.005, 0.01, 0.02, 0.05, 0.1, 0.5],
    registers: [metrics],
  })
  turns.onEnd((_who, route, took) => held.observe({ route }, toSeconds(took)))
  app.decorateRequest('isBegun', false)
  app.decorateRequest('turn', async function (this: FastifyRequest): Promise<void> {
    await turns.take(whoAsks(this), routeOf(this), this.isBegun)
    this.isBegun = true
  })
  app.decorateRequest('turnForAll', function (this: FastifyRequest): Promise<void> {
    return turns.take(EVERYBODY, routeOf(this), true)
  })
  const open = new Places('requests', MAX_REQUESTS_OPEN, MAX_REQUESTS_OPEN_EACH)
  app.addHook('onRequest', async (request, reply) => {
    whenOver(reply.raw, open.take(whoAsks(request)))
  })
  app.addHook('preValidation', async (request) => {
    const { liesReady = false } = request.routeOptions.config
    if (!liesReady || request.sight !== null) await request.turn()
  })
  app.addHook('preSerialization', async (request, _reply, payload) => {
    await request.turn()
    return payload
  })
  return turns
}

const whoAsks = ({ principal, ip }: FastifyRequest): string => principal?.actor ?? placeOf(ip)
const routeOf = ({ method, routeOptions }: FastifyRequest): string => `${method} ${routeOptions.url ?? 'none'}`
