// Sheets in and out over HTTP. A sheet comes as text/csv in whatever letters its program writes, or inside JSON with
// answers to what an earlier attempt asked; it goes out as one that a spreadsheet opens and that can come in again.

import type { FastifyReply } from 'fastify'
import type { PolicyHead } from '../../model/revision.js'
import { MAX_BODY_BYTES, MAX_JSON_SHEET, MAX_NAME_LENGTH } from '../../runtime/limits.js'
import * as z from '../../runtime/zod.js'
import { type App, answers, type Context, GATED } from '../app.js'
import { note } from '../audit/audit-hook.js'
import { shownAs } from '../documentation.js'
import { answerJson, answerSheet } from '../lists.js'
import {
  answerProposed,
  CHANGE_PROBLEMS,
  changeOf,
  changeQuery,
  ifMatch,
  mustMatch,
  tellChanged,
  wholePolicy,
} from './change.js'
import { idText, outcomeShape, outcomeView, TOLD_OF_CHANGE } from './change-shapes.js'
import { proposalShape } from './proposal-shape.js'

const KINDS = {
  institutions: 'operator',
  sites: ['operator', 'engineer'],
  contracts: 'operator',
  agreements: 'operator',
} as const
const VERDICTS = ['new', 'changed', 'same', 'closed'] as const

const said = (about: string) => z.record(z.string().max(500), z.string().max(500)).default({}).describe(about)
const importBody = z
  .strictObject({
    csv: shownAs(z.union([z.string(), z.instanceof(Uint8Array)]), z.string()).describe(
      'The sheet: comma, semicolon or tab',
    ),
    columns: said('What headers mean: column names by header; "-" is not read. Remembered'),
    same: said('Institutions by the names that the sheet has for them, where it was asked. Remembered'),
    defaults: said('For empty cells and absent columns: texts by column name'),
  })
  .describe('Or the sheet itself as text/csv')

const place = z.string().max(MAX_NAME_LENGTH)
const found = z
  .strictObject({
    counts: z.strictObject(Object.fromEntries(VERDICTS.map((verdict) => [verdict, z.int()]))),
    rows: z.array(
      z.strictObject({
        ...{ line: z.int(), id: idText, verdict: z.enum(VERDICTS) },
        changes: z.array(
          z.strictObject({ pointer: z.string(), before: z.unknown().optional(), after: z.unknown().optional() }),
        ),
      }),
    ),
    warnings: z
      .array(z.strictObject({ line: z.int(), site: idText, code: z.enum(['UNTOLD']), detail: z.string() }))
      .describe('Rows that were taken and that no gateway can enforce'),
    missing: z.array(idText).describe('There and not in the sheet: kept, or gone with prune=true'),
    pruned: z.boolean(),
    columns: z.array(z.strictObject({ header: place, means: place.nullable() })),
  })
  .meta({ id: 'ImportFound' })
const importShape = z.strictObject({ ...outcomeShape.shape, import: found }).meta({ id: 'ImportOutcome' })
const proposedShape = z.strictObject({ proposal: proposalShape, import: found }).meta({ id: 'ImportProposed' })

export function importRoutes(app: App, { policy: { imports, state, history } }: Context): void {
  for (const kind of Object.keys(KINDS) as (keyof typeof KINDS)[]) {
    app.get(
      `/v1/policy/export/${kind}`,
      {
        config: { access: 'viewer', produces: ['text/csv'], told: ['revision'] },
        schema: {
          summary: `The ${kind} of the policy as a sheet that can be imported again; its ETag is the policy's`,
          produces: ['text/csv'],
          response: answers({ 200: z.string() }, ...GATED),
        },
      },
      (request, reply) => {
        const { etag, revision } = state.current()
        note(request, { after: { revision } })
        return answerSheet(reply.header('etag', etag).header('mizani-revision', revision), imports.sheet(kind))
      },
    )
  }

  // Its own corner of the server: nowhere else is text read as a body.
  void app.register(async (corner) => {
    corner.addContentTypeParser('text/csv', { parseAs: 'buffer' }, (_request, bytes, done) => {
      // Read as a buffer, as it says above; nobody here looks into it.
      done(null, { csv: new Uint8Array(bytes as Buffer) })
    })
    corner.removeContentTypeParser('application/json')
    // In JSON a sheet is read here: a larger one comes as what it is.
    const json = { parseAs: 'string', bodyLimit: MAX_JSON_SHEET } as const
    corner.addContentTypeParser('application/json', json, corner.getDefaultJsonParser('error', 'error'))
    for (const kind of Object.keys(KINDS) as (keyof typeof KINDS)[]) importRoute(corner, kind, imports, history)
  })
}

function importRoute(
  app: App,
  kind: keyof typeof KINDS,
  imports: Context['policy']['imports'],
  history: Context['policy']['history'],
): void {
  app.post(
    `/v1/policy/import/${kind}`,
    {
      bodyLimit: MAX_BODY_BYTES,
      config: { access: KINDS[kind], scoped: true, told: TOLD_OF_CHANGE },
      schema: {
        summary: `Makes a sheet of ${kind} one revision, all rows or none; a refusal has the sheet with what is wrong`,
        headers: ifMatch('The ETag of the sheet that was exported'),
        querystring: z.strictObject({
          ...changeQuery,
          prune: z.enum(['true', 'false']).default('false').describe('What is not in the sheet goes'),
          propose: z.enum(['true', 'false']).default('false').describe('For a second person to agree to; answers 201'),
        }),
        body: importBody,
        response: answers({ 200: importShape, 201: proposedShape }, ...CHANGE_PROBLEMS),
      },
    },
    async (request, reply) => {
      const { prune, propose, ...query } = request.query
      const change = changeOf(query, request)
      const pruned = prune === 'true'
      const sheet = { ...request.body, kind, prune: pruned }
      const accept = (head: PolicyHead): void => {
        const expected = request.headers['if-match']
        if (expected !== undefined) mustMatch(expected, wholePolicy(head))
      }
      if (propose === 'true' || change.effectiveAt !== null) {
        const { found, proposal } = await imports.propose(sheet, change, accept)
        return answerWith(reply, answerProposed(reply, proposal), found)
      }
      const { found, outcome } = await imports.take(sheet, change, accept)
      if (!change.dryRun) {
        const { revision, hash, base } = outcome
        note(request, { before: { revision: base }, after: { revision, hash } })
        await tellChanged(request, history, outcome)
        reply.header('etag', outcome.etag).header('mizani-revision', revision)
      }
      return answerWith(reply, outcomeView(outcome, change.dryRun), found)
    },
  )
}

/** The answer with what was found in the sheet: text of as many parts as it has rows, which nobody here looks into. */
const answerWith = (reply: FastifyReply, answer: object, found: string): FastifyReply =>
  answerJson(reply, `${JSON.stringify(answer).slice(0, -1)},"import":${found}}`)
