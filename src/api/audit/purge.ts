// What releases before have left in the trail: they kept of the answers of these routes more than is fit, join lines
// and passwords of stores among it. Each such entry is held against what its route names today, and may be rewritten to
// that. Of all other routes nothing was ever secret, and what they left is evidence.

import type { Cleaned } from '../../audit/purge.js'
import type { Entry } from '../../model/happening.js'
import { isTree } from '../../runtime/json.js'
import * as z from '../../runtime/zod.js'
import { type App, answers, type Context, GATED } from '../app.js'
import { assertInPerson, principalOf, type RouteRule } from '../guard.js'
import { ApiError } from '../problem.js'
import { utc } from '../views.js'
import { fitOf, type Told } from './fit.js'

/** Routes that take or answer secrets, and how what was exposed is made worthless; $: what it was done to. */
const EXPOSED: readonly (readonly [route: RegExp, rotate: string])[] = [
  [/^(?:POST|DELETE) \/v1\/edges\/:id\/(?:account|account\/rotate|credentials|keys)$/, 'mizani edge-user rotate $'],
  [/^POST \/v1\/tokens$/, 'mizani token remove ID, and a new one'],
  [/^(?:POST|PATCH|DELETE) \/v1\/users(?:\/:id)?$/, 'mizani user password $'],
  [/^POST \/v1\/(?:session|me\/password)$/, 'the password, by whoever it belongs to'],
  [/^POST \/v1\/webhooks$/, 'mizani webhook remove ID, and a new one'],
]

/** How releases before have written that they left something out, and what was too large. */
const LEFT_OUT = '[secret]'

function rotationOf({ action, subject }: Pick<Entry, 'action' | 'subject'>): string | null {
  const found = EXPOSED.find(([route]) => route.test(action))
  return found === undefined ? null : found[1].replace('$', subject)
}

/** What today's rules make of an entry; null: it is fit, or of a route that never saw a secret. */
function cleanBy(rules: readonly RouteRule[]): (entry: Entry) => Cleaned {
  const toldBy = new Map(rules.map(({ method, url, told }) => [`${method} ${url}`, told ?? []]))
  return (entry) => {
    if (rotationOf(entry) === null) return null
    const told = toldBy.get(entry.action) ?? []
    const before = isDigest(entry.before) ? entry.before : fitOf(entry.before, told)
    const after = isDigest(entry.after) ? entry.after : fitOf(entry.after, told)
    const fields = [...unfitIn(entry.before, before, 'before'), ...unfitIn(entry.after, after, 'after')]
    const subject = isFitSubject(entry, told) ? entry.subject : ''
    if (subject !== entry.subject) fields.push('subject')
    return fields.length === 0 ? null : { entry: { ...entry, before, after, subject }, fields }
  }
}

/** Whoever trades a token may have put anything into the path; that of an edge that got its credentials is one. */
const isFitSubject = ({ outcome }: Entry, told: Told): boolean => told.includes('subject') || outcome === 'done'

const isDigest = (value: unknown): boolean =>
  isTree(value) && Object.keys(value).join() === 'sha256,bytes' && typeof value.bytes === 'number'

/** Names of what is in one and not in the other. */
function unfitIn(value: unknown, fit: unknown, name: string): string[] {
  if (Array.isArray(value)) {
    const kept = Array.isArray(fit) ? fit : []
    return [...new Set(value.flatMap((inner, i) => unfitIn(inner, kept[i], name)))]
  }
  if (isTree(value)) {
    const kept = isTree(fit) ? fit : {}
    return Object.entries(value).flatMap(([key, inner]) => unfitIn(inner, kept[key], `${name}.${key}`))
  }
  return value === fit || value === null || value === LEFT_OUT ? [] : [name]
}

const purgedShape = z
  .strictObject({
    entries: z.array(
      z.strictObject({
        n: z.int(),
        time: z.iso.datetime(),
        action: z.string(),
        subject: z.string(),
        fields: z.array(z.string()).describe('What is not fit for the trail'),
        rotate: z.string().nullable().describe('How what was exposed is made worthless'),
      }),
    ),
    dryRun: z.boolean(),
  })
  .meta({ id: 'AuditPurge' })

/** @param rules of all routes there are; asked once they are. */
export function purgeRoute(
  app: App,
  { audit, clock }: Pick<Context, 'audit' | 'clock'>,
  rules: readonly RouteRule[],
): void {
  app.post(
    '/v1/audit/purge',
    {
      config: { access: 'auditor', told: ['reason', 'entries.n'] },
      schema: {
        summary:
          'Takes out of old entries what is not fit for the trail; later entries say which, and their hashes stay',
        querystring: z.strictObject({ dryRun: z.enum(['true', 'false']).default('false') }),
        body: z.strictObject({ reason: z.string().trim().min(1).max(1_000) }),
        response: answers(
          { 200: purgedShape },
          ...GATED,
          'PRECONDITION_FAILED',
          'PAYLOAD_TOO_LARGE',
          'UNSUPPORTED_MEDIA_TYPE',
          'STORE_UNAVAILABLE',
        ),
      },
    },
    async (request) => {
      const dryRun = request.query.dryRun === 'true'
      // It may be looked for by a token, and is rewritten by a person, who can be asked why.
      if (!dryRun) assertInPerson(principalOf(request), clock)
      const { fault } = await audit.verify()
      // What somebody else has changed would be made to look like ours.
      if (fault !== null) throw new ApiError('PRECONDITION_FAILED', `The trail does not hold: ${fault.detail}.`)
      const unfit = await audit.unfit(cleanBy(rules))
      if (!dryRun && unfit.length > 0) await audit.purge(unfit, request.body.reason)
      const entries = unfit.map(({ n, entry, fields }) => ({
        ...{ n, time: utc(entry.at), action: entry.action, subject: entry.subject, fields: [...fields] },
        rotate: rotationOf(entry),
      }))
      return { entries, dryRun }
    },
  )
}
