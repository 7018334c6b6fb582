// What parts of the policy are called, asked for by who holds their ids: a page or a script that has a list of ids
// reads their names here, and not the whole lists that they stand in.

import type { Collection } from '../../policy/document/names.js'
import { isTree } from '../../runtime/json.js'
import * as z from '../../runtime/zod.js'
import { type App, answers, type Context, GATED } from '../app.js'
import { ApiError } from '../problem.js'
import { text } from '../shapes.js'

/** Collections whose members have names. */
const COLLECTIONS = [
  ...(['regions', 'categories', 'nodes', 'groups', 'edges', 'services', 'tiers', 'classes', 'envelopes'] as const),
  ...(['institutions', 'former', 'calendars', 'schedules', 'modes'] as const),
] as const satisfies readonly Collection[]

/** As many as an address has room for. */
const MOST_NAMES = 100
const MOST_TEXT = 8_000

const namesShape = z
  .strictObject({ items: z.array(z.strictObject({ collection: z.enum(COLLECTIONS), id: z.string(), name: text })) })
  .meta({ id: 'Names' })

export function nameRoutes(app: App, { policy }: Context): void {
  app.get(
    '/v1/names',
    {
      config: { access: ['viewer', 'member'] },
      schema: {
        summary: 'What parts of the policy are called',
        querystring: z.strictObject({
          of: z
            .string()
            .min(1)
            .max(MOST_TEXT)
            .describe(`At most ${MOST_NAMES}, as tiers/gold,regions/mbeya; of those that have no name nothing is said`),
        }),
        response: answers({ 200: namesShape }, ...GATED),
      },
    },
    ({ query, sight }) => {
      const asked = query.of.split(',')
      if (asked.length > MOST_NAMES)
        throw new ApiError('BAD_REQUEST', `${asked.length} names are asked for; ask for ${MOST_NAMES} at most.`)
      const { document } = policy.state
      const items = asked.flatMap((place) => {
        const [said = '', id = ''] = place.split('/')
        const collection = COLLECTIONS.find((one) => one === said)
        if (collection === undefined || (collection === 'institutions' && sight?.owns(id) === false)) return []
        const members = document[collection] ?? {}
        const member: unknown = Object.hasOwn(members, id) ? (members as Record<string, unknown>)[id] : undefined
        const name = isTree(member) && isTree(member.name) ? text.safeParse(member.name).data : undefined
        return name === undefined ? [] : [{ collection, id, name }]
      })
      return { items }
    },
  )
}
