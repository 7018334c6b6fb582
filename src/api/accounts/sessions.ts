// Who is signed in, and the end of it from elsewhere: a cookie on a machine that was lost or lent ends with one call.
// Everybody sees and ends the own ones, an administrator without a scope everybody's; tokens none.

import type { Login } from '../../accounts/sessions.js'
import { BY_ENVIRONMENT, BY_TOKEN } from '../../model/principal.js'
import * as z from '../../runtime/zod.js'
import { type App, answers, type Context, GATED } from '../app.js'
import { note } from '../audit/audit-hook.js'
import { assertInPerson, type Caller, principalOf } from '../guard.js'
import { answerList, type CsvTable, filter, LIST_TYPES, Listing, paging } from '../lists.js'
import { ApiError } from '../problem.js'
import { pageOf, time } from '../shapes.js'
import { utc } from '../views.js'

const sessionShape = z
  .strictObject({
    id: z.string(),
    user: z.string(),
    via: z.string(),
    address: z.string().describe('Where it was signed in from'),
    begun: time,
    seen: time.describe('Renewed last; to a quarter of an hour'),
    expires: time,
    own: z.boolean().describe('The one that asks'),
  })
  .meta({ id: 'Session' })
type SessionView = z.infer<typeof sessionShape>

const csv: CsvTable<SessionView> = {
  columns: ['id', 'user', 'via', 'address', 'begun', 'seen', 'expires', 'own'],
  records: (row) => [row],
}

export function sessionListRoutes(app: App, { accounts: { authenticator, administration }, clock }: Context): void {
  const visible = (principal: Caller): SessionView[] => {
    // A token is no person: it would tell, and cut off, people whom it has never met.
    if (principal.via.startsWith(BY_TOKEN) || principal.via === BY_ENVIRONMENT)
      throw new ApiError('FORBIDDEN', 'Sessions are a person’s: sign in as yourself (--as ACCOUNT).')
    const all = principal.roles.includes('admin') && principal.scope === null
    const seen = authenticator.logins().filter(({ user }) => all || user === principal.actor)
    return seen.map((login) => viewOf(login, principal.login))
  }

  app.get(
    '/v1/sessions',
    {
      config: { access: 'any', produces: LIST_TYPES },
      schema: {
        summary: 'Who is signed in: the own sessions; for an administrator everybody’s',
        querystring: z.strictObject({ ...paging, user: filter }),
        response: answers({ 200: pageOf(sessionShape) }, ...GATED, 'PAGE_TOKEN_INVALID'),
      },
    },
    (request, reply) => {
      const { user } = request.query
      const listing = new Listing(visible(principalOf(request)))
      return answerList(request, reply, listing, request.query, (row) => user === undefined || row.user === user, csv)
    },
  )

  app.delete(
    '/v1/sessions/:id',
    {
      config: { access: 'any', told: ['subject', 'user', 'via', 'address', 'begun', 'seen', 'expires'] },
      schema: {
        summary: 'Ends a session at once: an own one; for an administrator anybody’s',
        params: z.object({ id: z.string().max(64) }),
        response: answers({ 200: sessionShape }, ...GATED, 'NOT_FOUND', 'UNSUPPORTED_MEDIA_TYPE', 'STORE_UNAVAILABLE'),
      },
    },
    async (request) => {
      const { id } = request.params
      const principal = principalOf(request)
      const session = visible(principal).find((row) => row.id === id)
      if (session === undefined)
        throw new ApiError('NOT_FOUND', `No session ${id}: it has ended, or is somebody else's.`)
      note(request, { before: session })
      const isOfOther = session.user !== principal.actor
      const isRescue = isOfOther && administration.user(session.user)?.emergency != null
      // Whoever opened the envelope is there because something is wrong, with an administrator perhaps.
      if (isRescue) assertInPerson(principal, clock)
      await authenticator.end(id)
      if (isRescue) request.log.error({ by: principal.actor }, 'a session of the emergency account was ended')
      return session
    },
  )
}

function viewOf({ begun, seen, expires, ...login }: Login, own: string | undefined): SessionView {
  return { ...login, begun: utc(begun), seen: utc(seen), expires: utc(expires), own: login.id === own }
}
