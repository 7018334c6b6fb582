// The word of monitoring systems about links: down, up, or what capacity is left. An event may be sent again and again
// (its id makes it one); with a ttl it ends by itself. It triggers a tick.
//
// An edge may say it of the lines at its own place, and of nothing else; it always ends, for what fell may be its
// voice. What it says stands beside the word of monitoring, and takes nothing of that back.

import { portOf } from '../../model/network.js'
import { fromSeconds, toSeconds } from '../../model/units.js'
import type { PolicyDocument } from '../../policy/document/document.js'
import { MAX_RATE } from '../../runtime/limits.js'
import * as z from '../../runtime/zod.js'
import { type App, answers, type Context, GATED } from '../app.js'
import { askerOf, principalOf } from '../guard.js'
import { idText, previewView, sentence, time, whatIfShape } from '../policy/change-shapes.js'
import { ApiError, notFound } from '../problem.js'
import { utc } from '../views.js'
import type { LinkWordLimit } from './link-word-limit.js'

/** Seconds that the word of an edge counts unless it is said again. */
const EDGE_TTL = 600

const left = z.number().min(0).max(1).describe('What is left of the capacity')

const body = z
  .strictObject({
    event: z.string().min(1).max(200).describe("The monitoring system's id of this event; sent twice it is one"),
    state: z.enum(['up', 'down']).optional(),
    factor: left.optional(),
    capacity: z.number().min(0).max(MAX_RATE).optional().describe('bit/s that are left'),
    ttl: z.int().min(1).max(604_800).optional().describe('Seconds; then the link counts as up again'),
    reason: sentence.optional(),
  })
  .refine(
    ({ state, factor, capacity }) => [state, factor, capacity].filter((word) => word !== undefined).length === 1,
    'expected one of state, factor, capacity',
  )

const stateShape = z
  .strictObject({
    link: z.string(),
    factor: z.number().describe('As reported'),
    effective: z.number().describe('What counts now: good news of a link that flaps waits, and the least word counts'),
    heldUntil: time.nullable(),
    until: time.nullable(),
    at: time,
    since: time.describe('Since when it counts so'),
    source: z.string(),
  })
  .meta({ id: 'LinkState' })

/** @throws ApiError RATE_LIMITED with the seconds until the edge may say something again. */
function takeWord(words: LinkWordLimit, edge: string): void {
  const wait = words.take(edge)
  if (wait === null) return
  const seconds = String(Math.ceil(toSeconds(wait)))
  const detail = `${edge} says too often what its lines carry; try again in ${seconds} s.`
  throw new ApiError('RATE_LIMITED', detail, { headers: { 'retry-after': seconds } })
}

const TOLD = ['subject', 'reason', 'link', 'factor', 'effective', 'heldUntil', 'until', 'at', 'since', 'source']

/** Nothing of it is kept. */
export function linkWhatIfRoutes(app: App, { policy: { interventions } }: Context): void {
  app.post(
    '/v1/links/:id/what-if',
    {
      config: { access: 'viewer', told: false, scoped: true },
      schema: {
        summary:
          'A link, directed link or shared-risk group that is cut or carries less, only imagined: who has what then',
        params: z.strictObject({ id: idText }),
        body: z.strictObject({ factor: left.default(0) }),
        response: answers(
          { 200: whatIfShape },
          ...([...GATED, 'NOT_FOUND', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'] as const),
        ),
      },
    },
    async (request) => {
      const { params, body } = request
      return previewView(await interventions.whatIfLink(params.id, body.factor, askerOf(request)))
    },
  )
}

export function linkStateRoutes(app: App, { policy, clock, linkWords }: Context): void {
  const { interventions } = policy
  app.post(
    '/v1/links/:id/state',
    {
      config: { access: ['monitor', 'operator', 'engineer', 'edge'], told: TOLD },
      schema: {
        summary: 'A link, directed link or shared-risk group is down, up, or has less capacity',
        params: z.strictObject({ id: idText }),
        body,
        response: answers(
          { 200: stateShape },
          ...([...GATED, 'NOT_FOUND', 'STORE_UNAVAILABLE', 'OUTCOME_UNKNOWN', 'READ_ONLY'] as const),
          ...(['PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'] as const),
        ),
      },
    },
    async (request) => {
      const { id: link } = request.params
      const { event, state, capacity, ttl, reason = '' } = request.body
      const word = state === undefined ? request.body.factor : state === 'up' ? 1 : 0
      const factor = word ?? partOf(link, capacity!)
      const { actor: source, roles } = principalOf(request)
      const isEdge = roles.every((role) => role === 'edge')
      if (isEdge) takeWord(linkWords, source)
      if (isEdge && !standsAt(source, link)) throw notFound('line of this edge', link)
      const seconds = ttl ?? (isEdge ? EDGE_TTL : null)
      const until = seconds === null ? null : clock.wall() + fromSeconds(seconds)
      const edge = isEdge ? source : undefined
      const kept = await interventions.reportLink({ link, event, factor, until, source, reason, edge })
      const counts = interventions.factorOf(kept)
      const others = interventions.inForce.links.filter((word) => word.link === link)
      return {
        ...{ link, factor: kept.factor, source: kept.source, at: utc(kept.at), since: utc(kept.since ?? kept.at) },
        effective: Math.min(counts, ...others.map((word) => interventions.factorOf(word))),
        heldUntil: counts < kept.factor ? utc(kept.heldUntil) : null,
        until: kept.until === null ? null : utc(kept.until),
      }
    },
  )

  /** Whether the link, or the directed link, ends where the edge stands, or is one of its own lines. */
  function standsAt(edge: string, link: string): boolean {
    const { edges, links } = policy.state.document
    if (portCapacity(edges, link, edge) !== undefined) return true
    const found = links[link] ?? links[link.replace(/\.(down|up)$/, '')]
    const node = edges[edge]?.node
    return node !== undefined && (found?.from === node || found?.to === node)
  }

  /** A capacity as a part of what is built. */
  function partOf(link: string, capacity: number): number {
    const { edges, links } = policy.state.document
    const way = /\.(down|up)$/.exec(link)?.[1] as 'down' | 'up' | undefined
    const built =
      links[link]?.capacity ??
      (way === undefined ? undefined : links[link.slice(0, -way.length - 1)]?.capacity) ??
      portCapacity(edges, link)
    if (built === undefined) throw new ApiError('BAD_REQUEST', `${link} is no link with a capacity; send a factor.`)
    return Math.min(1, capacity / (way === undefined ? Math.min(built.down, built.up) : built[way]))
  }
}

/** What one of the lines of an edge carries, of this edge where it is named. */
function portCapacity(edges: PolicyDocument['edges'], link: string, only?: string) {
  const name = link.replace(/\.(down|up)$/, '')
  return Object.entries(edges)
    .filter(([edge]) => only === undefined || edge === only)
    .flatMap(([edge, { ports = {} }]) => Object.entries(ports).filter(([port]) => portOf(edge, port) === name))[0]?.[1]
}
