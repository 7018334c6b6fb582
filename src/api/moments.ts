// Times that people send: a query or body that takes a time takes it in words as well, in the plane's zone unless it
// says another. Every answer names that zone in a header, so that whoever shows its times to people can write them as
// they are on the wall there. In JSON a time is UTC with Z.

import type { FastifyReply } from 'fastify'
import { readTime, TIME_EXAMPLES, timeInWords, ZONE_HEADER } from '../model/civil-time.js'
import type { UnixMilliseconds } from '../model/units.js'
import * as z from '../runtime/zod.js'
import type { App } from './app.js'
import { memberOf } from './policy/preview.js'
import type { ServerDeps } from './ports.js'
import { ApiError } from './problem.js'

declare module 'fastify' {
  interface FastifyRequest {
    /** A time that was sent as `name`. @throws ApiError BAD_REQUEST where it is none. */
    moment(text: string, name: string): UnixMilliseconds
    /** A time of UTC as the plane's clocks show it. */
    inWords(at: UnixMilliseconds): string
  }
}

/** A time as it is sent; `request.moment` reads it. */
export const moment = z
  .string()
  .min(1)
  .max(64)
  .describe(`ISO 8601 with any offset, or in words; without an offset it is the plane's time: ${TIME_EXAMPLES}`)

export function readMoments(app: App, { board, policy, clock }: Pick<ServerDeps, 'board' | 'policy' | 'clock'>): void {
  const zone = (): string => {
    const stated = memberOf(policy.state.current().document, 'plane')?.timezone
    return typeof stated === 'string' ? stated : (board()?.plan.timezone ?? 'UTC')
  }
  app.decorateRequest('moment', (text: string, name: string): UnixMilliseconds => {
    const now = clock.wall()
    const at = readTime(text, { now, zone: zone() })
    if (at !== undefined) return at
    const detail = `\`${name}\` is no time: found "${text}"; expected one such as ${TIME_EXAMPLES}.`
    throw new ApiError('BAD_REQUEST', detail, {
      errors: [{ pointer: `/${name}`, code: 'INVALID', detail: `found "${text}"` }],
    })
  })
  app.decorateRequest('inWords', (at: UnixMilliseconds): string => timeInWords(at, zone()))
  app.addHook('onRequest', async (_request, reply: FastifyReply) => {
    reply.header(ZONE_HEADER, zone())
  })
}
