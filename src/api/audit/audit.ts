// The audit over HTTP: who did what, by page and filter, and whether the chain still holds. Reading it from its oldest
// entry on is also how it is exported; what was exported may be cut off, by two people (trims.ts).

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Row } from '../../audit/chain.js'
import { OUTCOMES, TRAIL_FAULTS } from '../../model/happening.js'
import { satisfies } from '../../model/principal.js'
import { isTree } from '../../runtime/json.js'
import { MAX_AUDIT_SCAN } from '../../runtime/limits.js'
import * as z from '../../runtime/zod.js'
import { type App, answers, type Context, GATED } from '../app.js'
import { assertFresh, principalOf, type RouteRule, wantsCsv } from '../guard.js'
import {
  answerCsv,
  answerJson,
  type CsvRecord,
  filter,
  LIST_TYPES,
  nextAddress,
  paging,
  placeOf,
  tokenOf,
} from '../lists.js'
import { moment } from '../moments.js'
import { ApiError } from '../problem.js'
import { pageOf } from '../shapes.js'
import { utc } from '../views.js'
import { note } from './audit-hook.js'
import { purgeRoute } from './purge.js'
import { isOn } from './subjects.js'
import { Trims } from './trims.js'

const hash = z.string().regex(/^[0-9a-f]{64}$/)
const n = z.int().nonnegative()
const link = z.strictObject({ n, hash })

/** As it was written; `hash` proves it. */
const entryShape = z
  .strictObject({
    n: z.int().positive(),
    at: z.number().describe('Unix ms, as it was hashed'),
    time: z.iso.datetime(),
    actor: z.string(),
    via: z.string(),
    address: z.string(),
    action: z.string(),
    subject: z.string(),
    reason: z.string().nullable(),
    reference: z.string().nullable(),
    requestId: z.string(),
    outcome: z.enum(OUTCOMES),
    code: z.string().nullable(),
    before: z.unknown(),
    after: z.unknown(),
    times: z.int().positive(),
    hash,
    signature: z.string().nullable().describe('Public key and Ed25519 signature; null: a release before wrote it'),
  })
  .meta({ id: 'AuditEntry' })
type EntryView = z.infer<typeof entryShape>
const listShape = z.strictObject({
  ...pageOf(entryShape).shape,
  receipt: z.string().nullable().describe('On the last page of all of it, oldest first: what a trim asks for'),
})

const waitingTrim = z.strictObject({ through: link, by: z.string(), reason: z.string(), until: z.iso.datetime() })
const verdictShape = z
  .strictObject({
    ok: z.boolean(),
    entries: n.describe('That are kept and were read'),
    base: link.describe('The checkpoint before the first of them'),
    head: link,
    fault: z
      .strictObject({ n, code: z.enum(TRAIL_FAULTS), detail: z.string() })
      .nullable()
      .describe('The first entry that is not what was written'),
    keys: z.array(z.string()).describe('Public keys that have signed'),
    signed: n.describe('Entries that are signed'),
    anchors: n.describe('Always 0: who believes no server holds the trail against them'),
    redacted: n.describe('Entries that were rewritten to take secrets out'),
    plane: z.string(),
    trim: waitingTrim.nullable().describe('What waits for a second person to be cut off'),
  })
  .meta({ id: 'AuditVerdict' })

const query = z.strictObject({
  ...paging,
  actor: filter,
  action: filter.describe('Part of it, such as "PUT" or "/v1/users"'),
  subject: filter.describe('An id: entries that name it, also as one of several'),
  outcome: z.enum(OUTCOMES).optional(),
  since: moment.optional(),
  until: moment.optional(),
  alone: z.enum(['true', 'false']).optional().describe('Changes that one person made, to which nobody else agreed'),
  q: filter.describe('Anywhere in the entry'),
  order: z.enum(['oldest', 'newest']).default('newest'),
})
type Query = z.infer<typeof query>

const COLUMNS = [
  ...['n', 'time', 'actor', 'via', 'address', 'action', 'subject', 'outcome', 'code', 'reason', 'reference'],
  ...['before', 'after', 'times', 'requestId', 'hash', 'signature'],
]
const CHUNK = 500
/** Entries that are read, or written, in some milliseconds. */
const PIECE = 50

/** @param rules of all routes there are; asked once they are. */
export function auditRoutes(app: App, { audit, clock }: Context, rules: readonly RouteRule[]): void {
  const trims = new Trims(clock)
  const waiting = () => trims.waiting && { ...trims.waiting, until: utc(trims.waiting.until) }
  const verdict = async () => {
    const { keys, ...rest } = await audit.verify()
    return { ...rest, keys: [...keys], plane: audit.plane, trim: waiting() }
  }

  app.get(
    '/v1/audit',
    {
      config: { access: 'auditor', produces: LIST_TYPES, told: ['n', 'hash'] },
      schema: {
        summary: 'Who did what, newest first; a page may be short, and goes on as long as there is a token',
        querystring: query,
        response: answers({ 200: listShape }, ...GATED, 'PAGE_TOKEN_INVALID', 'STORE_UNAVAILABLE'),
      },
    },
    async (request, reply) => {
      const { rows, next } = await page(request, request.query)
      return answer(request, reply, rows, next, await receiptOf(request, rows, next))
    },
  )

  /** Whoever reads all of it to its end exports it: that is told, and they get a receipt. */
  async function receiptOf(
    request: FastifyRequest<{ Querystring: Query }>,
    rows: readonly EntryView[],
    next: string | null,
  ) {
    const { order, pageSize: _, pageToken, ...filters } = request.query
    if (order !== 'oldest' || Object.values(filters).some((value) => value !== undefined)) return null
    const from = pageToken === undefined ? await audit.base() : null
    const receipt = trims.read(principalOf(request).actor, { from, rows, isLast: next === null })
    const last = rows.at(-1)
    if (receipt !== null && last !== undefined) note(request, { after: { n: last.n, hash: last.hash } })
    return receipt
  }

  /** Looks through the trail until the page is full, the trail ends, or one request has looked at enough. */
  async function page(request: FastifyRequest, asked: Query): Promise<{ rows: EntryView[]; next: string | null }> {
    const list = request.routeOptions.url ?? ''
    const newest = asked.order === 'newest'
    const keep = keeper(asked, request)
    const place = asked.pageToken === undefined ? null : Number(placeOf(asked.pageToken, list))
    let from = newest || place === null ? 0 : place + 1
    let to = newest && place !== null ? place - 1 : Number.MAX_SAFE_INTEGER
    const rows: EntryView[] = []
    for (let looked = 0; looked < MAX_AUDIT_SCAN; ) {
      if (to < 1) return { rows, next: null }
      const chunk = await audit.range(from, to, CHUNK, newest)
      await request.turn()
      for (const [n, row] of chunk.entries()) {
        if (n % PIECE === PIECE - 1) await request.turn()
        const entry = entryOf(row)
        if (!keep(entry, row.text)) continue
        rows.push(entry)
        if (rows.length === asked.pageSize) return { rows, next: tokenOf(list, String(row.n)) }
      }
      const last = chunk.at(-1)
      if (last === undefined || chunk.length < CHUNK) return { rows, next: null }
      if (newest) to = last.n - 1
      else from = last.n + 1
      looked += chunk.length
    }
    return { rows, next: tokenOf(list, String(newest ? to + 1 : from - 1)) }
  }

  app.get(
    '/v1/audit/verify',
    {
      config: { access: ['auditor', 'approver', 'admin'] },
      schema: {
        summary: 'Follows the chain from its checkpoint to its end',
        response: answers({ 200: verdictShape }, ...GATED, 'STORE_UNAVAILABLE'),
      },
    },
    () => verdict(),
  )

  app.post(
    '/v1/audit/trim',
    {
      config: { access: ['auditor', 'approver'], told: ['subject', 'reason', 'n', 'hash'] },
      schema: {
        summary: 'Cuts off what was exported, once an approver asks for the same; a checkpoint stays',
        body: z.strictObject({
          through: link.describe('The last entry to go'),
          reason: z.string().trim().min(1).max(1_000),
          receipt: z.string().max(100).optional().describe('Of the last page of the export; the second needs none'),
        }),
        response: answers(
          { 200: verdictShape, 202: verdictShape.describe('It waits for the second person') },
          ...GATED,
          'SELF_APPROVAL',
          'PRECONDITION_FAILED',
          'PAYLOAD_TOO_LARGE',
          'UNSUPPORTED_MEDIA_TYPE',
          'STORE_UNAVAILABLE',
        ),
      },
    },
    async (request, reply) => {
      const { through, reason } = request.body
      const principal = principalOf(request)
      const { actor } = principal
      if (!principal.inPerson)
        throw new ApiError(
          'FORBIDDEN',
          'The trail is cut off by two people in person, each by a password of their own.',
        )
      assertFresh(principal, clock)
      note(request, { subject: String(through.n), before: await audit.base(), after: through })
      if (!trims.ask(actor, satisfies(principal, 'approver', true), request.body))
        return reply.code(202).send(await verdict())
      await audit.trim(through, reason)
      return verdict()
    },
  )

  purgeRoute(app, { audit, clock }, rules)
}

function keeper({ actor, action, subject, alone, outcome, since, until, q }: Query, request: FastifyRequest) {
  const low = since === undefined ? 0 : request.moment(since, 'since')
  const high = until === undefined ? Number.POSITIVE_INFINITY : request.moment(until, 'until')
  return (entry: EntryView, text: string): boolean =>
    (actor === undefined || entry.actor === actor) &&
    (action === undefined || entry.action.includes(action)) &&
    (subject === undefined || isOn(entry.subject, subject)) &&
    (alone === undefined || isAlone(entry.after) === (alone === 'true')) &&
    (outcome === undefined || entry.outcome === outcome) &&
    entry.at >= low &&
    entry.at < high &&
    (q === undefined || text.toLowerCase().includes(q.toLowerCase()))
}

/** Of a change: whether nobody agreed to it. Older entries do not say. */
const isAlone = (after: unknown): boolean => isTree(after) && after.secondPerson === null

/** As it was written: making it takes as long as reading a thousand entries. */
const keptShape = entryShape.omit({ hash: true, signature: true, time: true, n: true })

/** An entry that was damaged is still shown, as far as it can be read: hiding it would help whoever did it. */
function entryOf({ n: number, text, hash: proof, signature }: Row): EntryView {
  try {
    const read = keptShape.safeParse(withoutNumber(JSON.parse(text)))
    if (read.success) return { ...read.data, n: number, time: utc(read.data.at), hash: proof, signature }
  } catch {
    // Not even JSON.
  }
  const nobody = { actor: '', via: '', address: '', subject: '', reason: null, reference: null, requestId: '' }
  const what = { action: 'DAMAGED', outcome: 'unknown', code: null, before: null, after: text, times: 1 } as const
  return { n: number, at: 0, time: utc(0), ...nobody, ...what, hash: proof, signature }
}

function withoutNumber(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== 'n'))
}

async function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  rows: readonly EntryView[],
  next: string | null,
  receipt: string | null,
) {
  if (wantsCsv(request)) {
    if (next !== null) reply.header('link', `<${nextAddress(request, next)}>; rel="next"`)
    return answerCsv(request, reply, COLUMNS, recordsOf(rows))
  }
  const items: string[] = []
  for (const row of rows) {
    items.push(JSON.stringify(row))
    if (items.length % PIECE === 0) await request.turn()
  }
  const rest = JSON.stringify({ nextPageToken: next, receipt })
  return answerJson(reply, `{"items":[${items.join(',')}],${rest.slice(1)}`)
}

function* recordsOf(rows: readonly EntryView[]): Generator<CsvRecord> {
  const told = (value: unknown): string | null => (value === null ? null : JSON.stringify(value))
  for (const { before, after, ...row } of rows) yield { ...row, before: told(before), after: told(after) }
}
