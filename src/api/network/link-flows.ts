// Who is on a link: every flow that crosses it, which band and level it has reached, and what it lacks. Those that lack
// most stand first; only so many are named, and all are counted.

import type { FastifyRequest } from 'fastify'
import type { Board } from '../../model/board.js'
import { LIMIT_CODES } from '../../model/explanation.js'
import { RESTRICTED } from '../../model/plan.js'
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from '../../runtime/limits.js'
import * as z from '../../runtime/zod.js'
import { type App, answers, type Context, GATED } from '../app.js'
import { notFound } from '../problem.js'
import type { ScopedSight } from '../scoped-sight.js'
import { estimate } from '../shapes.js'
import { earliest, moment, utc, whole } from '../views.js'

const rate = z.int().min(0)
const count = z.int().min(0)

const linkFlowShape = z.strictObject({
  id: z.string().describe(`Of the flow; ${RESTRICTED}: those that are not shown one by one, in a sum`),
  institution: z.string(),
  part: z.number().describe('How much of the flow crosses the link, 0 to 1'),
  load: rate.describe('What of its need crosses the link'),
  ...{ demand: rate, estimatedSince: estimate.estimatedSince, need: rate, unmet: rate },
  limitedBy: z.strictObject({ code: z.enum(LIMIT_CODES), id: z.string().nullable() }),
  band: z
    .string()
    .nullable()
    .describe('The first band in which it is short, else the last that gave it something; null: it shares in none'),
  kind: z.enum(['guarantee', 'share']).nullable(),
  level: z.number().nullable().describe('Of a share band: bit/s for each unit of weight'),
  kept: z.number().nullable().describe('Of a guarantee band: the part of it that is kept'),
})

const linkFlowsShape = z
  .strictObject({
    ...{ link: z.string(), at: z.iso.datetime(), total: count.describe('Flows that cross it') },
    short: count.describe('Those of them that lack something, whatever keeps them from it'),
    flows: z.array(linkFlowShape).describe('Those that lack most first, then those that bring most'),
  })
  .meta({ id: 'LinkFlows' })

type LinkFlow = z.infer<typeof linkFlowShape>

export function linkFlowRoutes(app: App, { view }: Context): void {
  app.get(
    '/v1/links/:id/flows',
    {
      config: { access: 'viewer' },
      schema: {
        summary: 'Every flow that crosses a directed link: its band and level, what it gets and lacks; worst first',
        params: z.object({ id: z.string() }),
        querystring: z.strictObject({
          limit: z.coerce
            .number()
            .int()
            .min(1)
            .max(MAX_PAGE_SIZE)
            .default(DEFAULT_PAGE_SIZE)
            .describe('How many are named; all are counted'),
        }),
        response: answers({ 200: linkFlowsShape }, ...GATED, 'NOT_FOUND', 'NOT_READY'),
      },
    },
    async (request) => {
      const { links, board } = view()
      const { id } = request.params
      const link = links.find(id)
      if (link === undefined || request.sight?.hides(link)) throw notFound('directed link', id)
      return linkFlows(board, id, request.query.limit, request)
    },
  )
}

interface OnLink {
  readonly flow: number
  readonly part: number
  readonly unmet: number
  readonly load: number
}

async function linkFlows(board: Board, id: string, limit: number, request: Asking) {
  const { plan, flows } = board
  const { sight } = request
  const crossing = board.crossing(plan.links.findIndex((link) => link.id === id))
  const all = crossing.map(({ flow, part }): OnLink => {
    const [demand, need] = [whole(flows.demand[flow]!), whole(flows.need[flow]!)]
    return { flow, part, unmet: Math.max(0, demand - need), load: part * need }
  })
  const isHidden = ({ flow }: OnLink): boolean =>
    sight !== null && plan.flows[flow]!.kind === 'institution' && !sight.shows(plan.flows[flow]!.institution)
  const [shown, hidden] = [[] as OnLink[], [] as OnLink[]]
  for (const one of all) (isHidden(one) ? hidden : shown).push(one)
  // Whoever reads within a scope counts what they see; where the others are a sum, it counts them too.
  const counted = sight?.inSums === false ? shown : all
  const named: LinkFlow[] = []
  for (const one of worstFirst(shown, limit)) {
    named.push(linkFlow(board, one, sight))
    if (named.length % PIECE === 0) await request.turn()
  }
  const sums = sight?.inSums && hidden.length > 0 ? [sumOfHidden(board, hidden)] : []
  const short = counted.filter(({ unmet }) => unmet > 0).length
  return { link: id, at: utc(board.at), total: counted.length, short, flows: [...named, ...sums] }
}

type Asking = Pick<FastifyRequest, 'sight' | 'turn'>
/** Flows that are named in a millisecond or two. */
const PIECE = 250

/** The first of all in order: what is not among them is not sorted, for a link of a large nation carries thousands. */
function worstFirst(all: readonly OnLink[], most: number): OnLink[] {
  const short = largest(all, ({ unmet }) => unmet, most)
  const lacking = short.filter(({ unmet }) => unmet > 0)
  const fine = all.filter(({ unmet }) => unmet === 0)
  return [...lacking, ...largest(fine, ({ load }) => load, most - lacking.length)]
}

function largest(all: readonly OnLink[], of: (one: OnLink) => number, most: number): OnLink[] {
  if (most === 0) return []
  const least = all.length > most ? keysOf(all, of).sort()[all.length - most]! : Number.NEGATIVE_INFINITY
  const wanted = all.filter((one) => of(one) >= least)
  return wanted.sort((a, b) => of(b) - of(a) || a.flow - b.flow).slice(0, most)
}

/** By a loop: of thousands `from` makes an object each. */
function keysOf(all: readonly OnLink[], of: (one: OnLink) => number): Float64Array {
  const keys = new Float64Array(all.length)
  for (let n = 0; n < all.length; n++) keys[n] = of(all[n]!)
  return keys
}

function linkFlow(board: Board, { flow, part, unmet, load }: OnLink, sight: ScopedSight | null): LinkFlow {
  const { plan, flows } = board
  const { id, institution } = plan.flows[flow]!
  const limit = flows.limitedBy[flow]!
  const { band = null, kind = null, level = null, kept = null } = board.standing(flow) ?? {}
  const isNamed = limit.id === null || !sight?.hides({ id: limit.id })
  return {
    ...{ id, institution, part, load: Math.round(load), unmet },
    ...{ demand: whole(flows.demand[flow]!), estimatedSince: moment(flows.estimatedSince[flow]!) },
    need: whole(flows.need[flow]!),
    limitedBy: isNamed ? limit : { code: limit.code, id: null },
    ...{ band, kind: kind === 'headroom' ? null : kind, level: kind === 'share' ? level : null, kept },
  }
}

/** Of their causes only the code is told, that of whatever misses most. */
function sumOfHidden({ flows }: Board, hidden: readonly OnLink[]): LinkFlow {
  const worst = hidden.reduce((a, b) => (b.unmet > a.unmet ? b : a))
  const sum = (of: (one: OnLink) => number): number => Math.round(hidden.reduce((total, one) => total + of(one), 0))
  const need = sum(({ flow }) => whole(flows.need[flow]!))
  const load = sum((one) => one.load)
  return {
    ...{ id: RESTRICTED, institution: RESTRICTED, part: need > 0 ? load / need : 1, load, need },
    estimatedSince: earliest(hidden.map(({ flow }) => moment(flows.estimatedSince[flow]!))),
    ...{ demand: sum(({ flow }) => whole(flows.demand[flow]!)), unmet: sum(({ unmet }) => unmet) },
    limitedBy: { code: flows.limitedBy[worst.flow]!.code, id: null },
    ...{ band: null, kind: null, level: null, kept: null },
  }
}
