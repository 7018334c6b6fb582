// The price book over HTTP, for finance officers without a scope alone. A book is put with a reason; where a guard of
// the policy asks for a second person, it waits until another officer agrees to it by its fingerprint.

import type { FastifyRequest } from 'fastify'
import type { PricesPut } from '../../ledger/price-books.js'
import type { BookChange } from '../../ledger/price-change.js'
import type { VersionedBook } from '../../ledger/store.js'
import * as z from '../../runtime/zod.js'
import { type App, answers, GATED } from '../app.js'
import { note } from '../audit/audit-hook.js'
import { principalOf } from '../guard.js'
import { sentence } from '../policy/change-shapes.js'
import type { LedgerPort } from '../ports.js'
import { ApiError } from '../problem.js'
import { count, time } from '../shapes.js'

const STORE = ['STORE_UNAVAILABLE', 'READ_ONLY', 'OUTCOME_UNKNOWN'] as const
const month = z.string().regex(/^[12]\d{3}-(0[1-9]|1[0-2])$/, 'expected a month such as 2026-11')
const price = z.string().describe('Such as "12000" or "5.25"')
/** As the price book is written; the ledger itself judges it. */
const bookShape = z
  .strictObject({
    tariffs: z
      .record(z.string(), z.strictObject({ currency: z.string(), monthly: price, perMbps: price.default('0') }))
      .default({})
      .describe('What contracts cost: for the committed rate, and for each Mbit/s of the percentile above it'),
    tiers: z.record(z.string(), price).default({}).describe('Price of a month of each tier'),
    invoices: z
      .record(month, z.record(z.string(), price))
      .default({})
      .describe('What providers ask, by month and contract'),
    corrections: z
      .record(
        z.string(),
        z.strictObject({
          month,
          of: month.describe('The closed month that it is about'),
          contract: z.string(),
          institution: z.string().nullable().default(null).describe('Null: all share it'),
          amount: z.string().describe('A credit is negative'),
          reason: z.string(),
        }),
      )
      .default({})
      .describe('Entries for what a closed month got wrong'),
  })
  .meta({ id: 'PriceBook' })
const fingerprint = z.string().describe('HMAC-SHA-256 of the canonical book under the key of the plane, hexadecimal')
const changeShape = {
  at: time,
  by: z.string(),
  reason: z.string(),
  fingerprint,
  changed: z.array(z.string()).describe('Keys that differ from the book before, such as tariffs/transit-2026'),
  changes: count.describe('Number of keys that differ; `changed` lists the first hundred'),
}
const versionedShape = z.strictObject({
  version: z.string(),
  about: z
    .strictObject({ ...changeShape, approvedBy: z.string().nullable().describe('Null: no guard asked for one') })
    .nullable()
    .describe('Who put this book in force and why; null: it was not noted'),
  waiting: z
    .strictObject({ ...changeShape, guards: z.array(z.string()), book: bookShape })
    .nullable()
    .describe('The book that waits for a second finance officer; null: none does'),
  book: bookShape,
})
const putShape = z.strictObject({
  version: z.string().describe('Of the book that is in force'),
  fingerprint: fingerprint.describe('Of the book that was put'),
  waitsFor: z.array(z.string()).describe('Guards that ask for a second person; empty: the book is in force'),
})
const TOLD = ['version', 'reason', 'fingerprint', 'changed', 'changes', 'by', 'waitsFor']

export function priceRoutes(app: App, ledger: LedgerPort): void {
  app.get(
    '/v1/ledger/prices',
    {
      config: { access: 'finance' },
      schema: {
        summary: 'The price book: what contracts and tiers cost, invoices, corrections',
        response: answers({ 200: versionedShape }, ...GATED, 'NOT_FOUND', 'STORE_UNAVAILABLE'),
      },
    },
    async (request, reply) => {
      assertUnscoped(request)
      const kept = await ledger.prices()
      return reply.header('etag', `"${kept.version}"`).send(bookView(kept))
    },
  )

  app.put(
    '/v1/ledger/prices',
    {
      config: { access: 'finance', told: TOLD },
      schema: {
        summary: 'Replaces the price book; closed months stay as they are',
        description:
          'Where a guard of the policy asks for a second person, the book waits until another officer agrees.',
        querystring: z.strictObject({ reason: sentence.optional().describe('Why the book changes; required') }),
        headers: z.object({ 'if-match': z.string().optional().describe('The ETag of the book that was read') }),
        body: bookShape,
        response: answers(
          { 200: putShape },
          ...GATED,
          ...STORE,
          'POLICY_INVALID',
          'PRECONDITION_REQUIRED',
          'PRECONDITION_FAILED',
        ),
      },
    },
    async (request, reply) => {
      const [, expected] = /^"(\d+)"$/.exec(request.headers['if-match'] ?? '') ?? []
      if (expected === undefined)
        throw new ApiError('PRECONDITION_REQUIRED', 'Read the price book first, and send its ETag as If-Match.')
      const { reason } = request.query
      if (reason === undefined) {
        const detail =
          'A change of the price book needs a reason: ?reason=... (mizani ledger prices FILE --reason "...").'
        throw new ApiError('BAD_REQUEST', detail, { errors: [{ pointer: '/reason', code: 'REQUIRED', detail }] })
      }
      const put = await ledger.setPrices(request.body, expected, { by: principalOf(request).actor, reason })
      const second = put.guards.length === 0 ? { secondPerson: null } : {}
      note(request, { subject: 'prices', after: toldOf(put, put.guards), ...second })
      return reply.header('etag', `"${put.version}"`).send(putView(put, put.guards))
    },
  )
  approveRoute(app, ledger)
}

function approveRoute(app: App, ledger: LedgerPort): void {
  app.post(
    '/v1/ledger/prices/approve',
    {
      config: { access: 'finance', told: TOLD },
      schema: {
        summary: 'Agrees, as a second finance officer, to the price book that waits, and puts it in force',
        body: z.strictObject({ fingerprint: fingerprint.describe('Of the book that waits, as you have read it') }),
        response: answers(
          { 200: putShape },
          ...GATED,
          ...STORE,
          'NOT_FOUND',
          'SELF_APPROVAL',
          'POLICY_INVALID',
          'PRECONDITION_FAILED',
        ),
      },
    },
    async (request) => {
      assertUnscoped(request)
      const secondPerson = principalOf(request).actor
      const put = await ledger.approvePrices(request.body.fingerprint, secondPerson)
      note(request, { subject: 'prices', after: toldOf(put, []), secondPerson })
      return putView(put, [])
    },
  )
}

/** What the trail is told of a book: names of keys, and no amount. */
function toldOf({ version, change }: PricesPut, guards: readonly string[]) {
  const { by, reason, fingerprint, changed, changes } = change
  return { version, by, reason, fingerprint, changed, changes, waitsFor: [...guards] }
}

const putView = ({ version, change }: PricesPut, guards: readonly string[]): z.infer<typeof putShape> => ({
  ...{ version, fingerprint: change.fingerprint, waitsFor: [...guards] },
})

function bookView({ version, book, about, waiting }: VersionedBook): z.infer<typeof versionedShape> {
  return {
    version,
    about: about && { ...changeView(about), approvedBy: about.approvedBy },
    waiting: waiting && { ...changeView(waiting), guards: waiting.guards, book: waiting.book },
    book,
  }
}

const changeView = ({ at, by, reason, fingerprint, changed, changes }: BookChange) => ({
  ...{ at: new Date(at).toISOString(), by, reason, fingerprint, changed, changes },
})

/** What contracts cost is no institution's own. */
function assertUnscoped(request: FastifyRequest): void {
  const { actor, scope } = principalOf(request)
  if (scope !== null) throw new ApiError('NOT_FOUND', `There is no price book within the scope of ${actor}.`)
}
