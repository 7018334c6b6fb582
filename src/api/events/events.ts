// GET /v1/events: server-sent events (HTML Living Standard, section 9.2). A reader that is slower than what happens is
// not sent more than its line takes: it falls behind, and when the line is free again it is told what it missed, ticks
// only once. So a slow console costs one place in a list, and no memory.

import type { ServerResponse } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { looksAround } from '../../model/looks-around.js'
import { type Role, satisfies } from '../../model/principal.js'
import type { Milliseconds } from '../../model/units.js'
import type { Clock, Timer } from '../../runtime/clock.js'
import { MAX_EVENT_STREAMS, MAX_EVENT_STREAMS_EACH } from '../../runtime/limits.js'
import * as z from '../../runtime/zod.js'
import { institutionNamed } from '../alarms/alarm-names.js'
import { briefly } from '../alarms/alarms.js'
import { type App, answers, type Context, GATED } from '../app.js'
import { principalOf } from '../guard.js'
import { whenOver } from '../over.js'
import { ApiError } from '../problem.js'
import { utc } from '../views.js'
import { type ApiEvent, EVENT_KINDS, type EventHub, type EventKind, type Ongoing, watchBoards } from './event-hub.js'

const HEARTBEAT: Milliseconds = 15_000
/** A line that takes nothing for so long is slow, which is told once, with whose it is. */
const SLOW: Milliseconds = 10_000
/** A line that takes nothing for so long is dead. */
const STUCK: Milliseconds = 60_000
const RETRY: Milliseconds = 2_000

/** A member is told that time goes on, and of nothing else that happens. */
const READERS = ['viewer', 'member'] as const

const kinds = z
  .string()
  .max(100)
  .transform((text) => text.split(','))
  .pipe(z.array(z.enum(EVENT_KINDS)).min(1))
  .optional()
  .describe(`Only these, separated by commas: ${EVENT_KINDS.join(', ')}`)

export function eventRoutes(app: App, context: Context): void {
  const { events: hub, identify, board, clock } = context
  const open = new Set<EventStream>()
  const watch = watchBoards(hub, board, () => ongoingOf(context), clock)
  app.addHook('preClose', async () => {
    watch.cancel()
    for (const stream of open) stream.end()
  })
  app.get(
    '/v1/events',
    {
      // A HEAD of what never ends would never end either.
      exposeHeadRoute: false,
      config: { access: READERS, produces: ['text/event-stream'] },
      schema: {
        summary: 'Server-sent events; after `reset` read everything again',
        headers: z.object({ 'last-event-id': z.string().max(100).optional() }),
        querystring: z.strictObject({ kinds, lastEventId: z.string().max(100).optional() }),
        produces: ['text/event-stream'],
        response: answers({ 200: z.string() }, ...GATED),
      },
    },
    (request, reply) => {
      const caller = principalOf(request)
      const { actor } = caller
      const plans = satisfies(caller, 'planner', false) && request.sight === null
      if (open.size >= MAX_EVENT_STREAMS) throw new ApiError('RATE_LIMITED', 'Too many readers of events.')
      if ([...open].filter((stream) => stream.actor === actor).length >= MAX_EVENT_STREAMS_EACH) {
        throw new ApiError('RATE_LIMITED', `${actor} reads ${MAX_EVENT_STREAMS_EACH} streams of events already.`)
      }
      const response = begin(reply)
      const stream = new EventStream(hub, response, clock, {
        kinds: new Set((request.query.kinds ?? EVENT_KINDS).filter((kind) => isFor(kind, caller.roles, plans))),
        after: request.headers['last-event-id'] ?? request.query.lastEventId,
        actor,
        textOf: ({ text }) => seenBy(request, text),
        slow: (ended) => request.log.warn({ actor, address: request.ip, ended }, 'a reader of events does not read'),
        mayRead() {
          // A session that has ended, or a role that was taken away, ends the stream at the next heartbeat.
          const principal = identify(request)
          request.principal = principal
          return principal !== null && satisfies(principal, READERS, false)
        },
      })
      open.add(stream)
      whenOver(response, () => {
        stream.stop()
        open.delete(stream)
      })
    },
  )
}

/** Whether somebody of these roles is told. @param plans may ask questions of a planner */
const isFor = (kind: EventKind, roles: readonly Role[], plans: boolean): boolean =>
  kind === 'tick' || (kind === 'simulation' ? plans : looksAround(roles))

/** Through the sight that the reader has now. */
function seenBy(request: FastifyRequest, text: string): string | null {
  if (request.sight === null) return text
  const seen = request.sight.of(JSON.parse(text), false)
  return seen === undefined ? null : request.withoutDigests(JSON.stringify(seen))
}

/** What is in force for a while, now; each with its owner. */
function ongoingOf({ policy, memory, clock }: Context): Ongoing[] {
  const now = clock.wall()
  const { overrides, modes, freeze } = policy.interventions.inForce
  const isNow = ({ from, until }: { from: number; until: number }): boolean => from <= now && now < until
  return [
    ...overrides.filter(isNow).map(({ id, patch, until, reason, owner }): Ongoing => {
      return { kind: 'override', id: `override ${id}`, on: patch.on, until: utc(until), reason, owner }
    }),
    ...modes.filter(isNow).map(({ mode, until, reason, author }): Ongoing => {
      return { kind: 'override', id: `mode ${mode}`, until: utc(until), reason, owner: author }
    }),
    ...(freeze === null
      ? []
      : [{ kind: 'override', id: 'freeze', reason: freeze.reason, owner: freeze.author } as const]),
    ...(memory?.alarms.open() ?? []).map(
      (alarm): Ongoing => ({
        kind: 'alarm',
        ...briefly(alarm, (id) => institutionNamed(policy.state.document, id)),
      }),
    ),
  ]
}

/** The answer is ours from here on, with the headers that every answer has. */
function begin(reply: FastifyReply): ServerResponse {
  reply.hijack()
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) reply.raw.setHeader(name, value)
  }
  reply.raw.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' })
  return reply.raw
}

interface Reader {
  readonly kinds: ReadonlySet<EventKind>
  /** Id of the last event that was read; absent: from now on. */
  readonly after: string | undefined
  readonly actor: string
  /** Null: not for them. */
  textOf(event: ApiEvent): string | null
  mayRead(): boolean
  /** @param ended its line was taken from it */
  slow(ended: boolean): void
}

class EventStream {
  readonly #hub: EventHub
  readonly #response: ServerResponse
  readonly #clock: Clock
  readonly #reader: Reader
  readonly #unlisten: () => void
  #told: number
  #blockedAt: Milliseconds | null = null
  #isSlow = false
  #timer: Timer

  constructor(hub: EventHub, response: ServerResponse, clock: Clock, reader: Reader) {
    this.#hub = hub
    this.#response = response
    this.#clock = clock
    this.#reader = reader
    const place = reader.after === undefined ? hub.last : hub.placeOf(reader.after)
    this.#told = place ?? hub.last
    this.#write(`retry: ${RETRY}\n\n`)
    if (place === null) this.#reset()
    this.#catchUp()
    this.#unlisten = hub.listen((event) => {
      if (this.#blockedAt === null) this.#tell(event)
    })
    response.on('drain', () => {
      this.#blockedAt = null
      this.#isSlow = false
      this.#catchUp()
    })
    this.#timer = clock.setTimer(HEARTBEAT, () => this.#beat())
  }

  get actor(): string {
    return this.#reader.actor
  }

  /** For a reader who is still there: the last words. */
  end(): void {
    this.stop()
    this.#response.end()
  }

  stop(): void {
    this.#unlisten()
    this.#timer.cancel()
  }

  #catchUp(): void {
    const missed = this.#hub.since(this.#told)
    if (missed === null) {
      this.#reset()
      return
    }
    for (const event of missed) {
      if (this.#blockedAt !== null) return
      this.#tell(event)
    }
  }

  #tell(event: ApiEvent): void {
    this.#told = event.n
    if (!this.#reader.kinds.has(event.kind)) return
    const text = this.#reader.textOf(event)
    if (text !== null) this.#write(`id: ${this.#hub.idOf(event)}\nevent: ${event.kind}\ndata: ${text}\n\n`)
  }

  /** What came meanwhile is forgotten; whoever reads everything again has lost nothing. */
  #reset(): void {
    this.#told = this.#hub.last
    this.#write(`id: ${this.#hub.idOf({ n: this.#told })}\nevent: reset\ndata: {}\n\n`)
  }

  #beat(): void {
    const since = this.#blockedAt
    if (!this.#reader.mayRead()) {
      this.end()
      return
    }
    const silent = since === null ? 0 : this.#clock.monotonic() - since
    if (since === null) this.#write(': heartbeat\n\n')
    if (silent > SLOW && !this.#isSlow) this.#reader.slow(false)
    this.#isSlow = silent > SLOW
    if (silent > STUCK) {
      this.#reader.slow(true)
      this.#response.destroy()
      return
    }
    this.#timer = this.#clock.setTimer(HEARTBEAT, () => this.#beat())
  }

  #write(text: string): void {
    if (!this.#response.write(text)) this.#blockedAt ??= this.#clock.monotonic()
  }
}
