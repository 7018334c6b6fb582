// Accounts of edges over HTTP: made, renewed and ended by an administrator, and traded in by the edge itself. The
// one-time token is all that an edge has to show; whatever is wrong with it, the answer is the same.

import type { FastifyRequest } from 'fastify'
import type { CheckedUser } from '../../gateways/edge-access.js'
import { EDGE_WAYS, type EdgeCredentials, type EdgeKey, type EdgeWay, type JoinLine } from '../../model/edge-account.js'
import type { Principal } from '../../model/principal.js'
import type { UnixMilliseconds } from '../../model/units.js'
import { MAX_ID_LENGTH, MAX_SIGN_INS_PER_MINUTE } from '../../runtime/limits.js'
import * as z from '../../runtime/zod.js'
import { type App, answers, type Context, GATED } from '../app.js'
import { note } from '../audit/audit-hook.js'
import { principalOf } from '../guard.js'
import { utc } from '../views.js'
import { pasteOf } from './edge-package.js'
import { ownId } from './edge-pull.js'

interface EdgeAccount {
  /** Null: its one-time token was traded. */
  readonly token: string | null
  readonly at: UnixMilliseconds
  readonly by: string
}

/** The first four throw MizaniError NOT_FOUND, PRECONDITION_FAILED and what stores throw. */
export interface EdgeAccountsPort {
  add(edge: string, by: string, over: EdgeWay | null): Promise<JoinLine>
  rotate(edge: string, by: string): Promise<JoinLine>
  replace(edge: string, by: string): Promise<UnixMilliseconds>
  remove(edge: string): Promise<void>
  /** @throws MizaniError UNAUTHENTICATED. */
  claim(edge: string, token: string): Promise<EdgeCredentials>
  keysOf(edge: string): Promise<readonly EdgeKey[]>
  accounts(): ReadonlyMap<string, EdgeAccount>
  check(): Promise<readonly CheckedUser[] | null>
  behind(): string | null
  /** Whom this token of the API belongs to; asked at each request. */
  byToken(token: string): Principal | null
}

const ID = z.object({ id: z.string().max(MAX_ID_LENGTH) })

const lineShape = z
  .strictObject({
    edge: z.string(),
    address: z.string().describe('Of this API, as the gateway reaches it'),
    others: z.array(z.string()).describe('Of other controllers, which will do as well'),
    fingerprint: z.string().nullable().describe('SHA-256 of the certificate that vouches for it'),
    token: z.string().describe('For one use'),
    expires: z.string(),
    line: z.string().describe('To paste at the gateway, where `mizani edge join` asks for it'),
    paste: z
      .string()
      .describe('The same for a shell of root where there is nothing but Node: it installs, joins, starts'),
  })
  .meta({ id: 'JoinLine' })

const keysShape = z
  .array(
    z.strictObject({
      generation: z.number().describe('Unix seconds at which its secret was made'),
      key: z.string().describe('64 hex digits'),
    }),
  )
  .describe('What messages of this edge, and to it, are signed with; the oldest first')

const credentialsShape = z
  .strictObject({
    edge: z.string(),
    plane: z.string(),
    api: z.strictObject({ address: z.string(), others: z.array(z.string()), token: z.string() }),
    rates: z
      .strictObject({ address: z.string(), ca: z.string().nullable().describe('PEM') })
      .nullable()
      .describe('The volatile store, with the account of this edge; null: rates come by this API'),
  })
  .meta({ id: 'EdgeCredentials' })

const accountsShape = z.strictObject({
  items: z.array(
    z.strictObject({ edge: z.string(), state: z.enum(['invited', 'active']), at: z.string(), by: z.string() }),
  ),
  faults: z
    .array(
      z.strictObject({
        ...{ node: z.string(), user: z.string(), edge: z.string(), fault: z.enum(['missing', 'surplus', 'differs']) },
        left: z.boolean().describe('It is not put right by itself, for that would shut somebody out: a person does'),
      }),
    )
    .nullable()
    .describe('Where nodes of the volatile store differ; null: this controller may not look (RATES_REDIS_ADMIN_URL)'),
  behind: z
    .string()
    .nullable()
    .describe('Why the accounts in the policy store do not count and those known here do; null: they count'),
})

const TOLD = ['edge', 'state', 'at', 'by']
/** Nobody is signed in who trades a token: what stands in the path may be anything. */
const TOLD_OF_SIGNED_IN = ['subject', ...TOLD]

/** Edges behind one address must not keep each other from their keys, nor others them. */
const perEdge = ({ ip, params }: FastifyRequest): string => `${ip} ${(params as z.output<typeof ID>).id}`

export function edgeAccountRoutes(app: App, { log }: Context, edges: EdgeAccountsPort): void {
  const told = (invited: JoinLine) => {
    const { edge, address, others, fingerprint, token, expires } = invited
    const line = `${edge} ${[address, ...others].join(',')} ${fingerprint ?? '-'} ${token}`
    return { ...invited, expires: utc(expires), line, paste: pasteOf(line) }
  }
  const failures = [
    'NOT_FOUND',
    'PRECONDITION_FAILED',
    'READ_ONLY',
    'PAYLOAD_TOO_LARGE',
    'UNSUPPORTED_MEDIA_TYPE',
  ] as const

  const view = (edge: string, { token, at, by }: EdgeAccount) => ({
    ...{ edge, state: token === null ? ('invited' as const) : ('active' as const), at: utc(at), by },
  })
  const noteBefore = (request: FastifyRequest<{ Params: { id: string } }>): void => {
    const known = edges.accounts().get(request.params.id)
    if (known !== undefined) note(request, { before: view(request.params.id, known) })
  }
  /** What is answered here is shown once and not fit for the trail; this is. */
  const noteAfter = (request: FastifyRequest<{ Params: { id: string } }>): void => {
    const { id } = request.params
    note(request, { after: view(id, edges.accounts().get(id)!) })
  }

  app.get(
    '/v1/edge-accounts',
    {
      config: { access: 'admin', told: [] },
      schema: {
        summary: 'Accounts of edges, and whether all nodes of the volatile store agree on them',
        response: answers({ 200: accountsShape }, ...GATED, 'STORE_UNAVAILABLE'),
      },
    },
    async (request) => {
      note(request, {})
      const items = [...edges.accounts()].map(([edge, account]) => view(edge, account))
      return { items, faults: (await edges.check())?.map((fault) => ({ ...fault })) ?? null, behind: edges.behind() }
    },
  )

  app.post(
    '/v1/edges/:id/account',
    {
      config: { access: 'admin', told: TOLD_OF_SIGNED_IN },
      schema: {
        summary: 'A new account for an edge; the answer is shown once',
        params: ID,
        querystring: z.strictObject({
          over: z.enum(EDGE_WAYS).optional().describe('How its rates shall come; unless said the store, where it can'),
        }),
        response: answers({ 201: lineShape }, ...GATED, ...failures),
      },
    },
    async (request, reply) => {
      const { actor } = principalOf(request)
      const line = await edges.add(request.params.id, actor, request.query.over ?? null)
      noteAfter(request)
      log.info({ edge: line.edge, actor }, 'an edge has an account')
      return reply.code(201).send(told(line))
    },
  )

  app.post(
    '/v1/edges/:id/account/rotate',
    {
      config: { access: 'admin', told: TOLD_OF_SIGNED_IN },
      schema: {
        summary: 'Ends the secrets of an edge now, its sessions included, and invites it anew',
        params: ID,
        response: answers({ 200: lineShape }, ...GATED, ...failures),
      },
    },
    async (request) => {
      const { actor } = principalOf(request)
      noteBefore(request)
      const line = await edges.rotate(request.params.id, actor)
      noteAfter(request)
      log.warn({ edge: line.edge, actor }, 'the secrets of an edge were ended')
      return told(line)
    },
  )

  app.post(
    '/v1/edges/:id/replace',
    {
      config: { access: 'admin', told: ['subject', 'edge', 'at'] },
      schema: {
        summary:
          'Within an hour another agent that speaks as this edge takes its place, though its holder still speaks',
        params: ID,
        response: answers({ 200: z.strictObject({ edge: z.string(), at: z.string() }) }, ...GATED, ...failures),
      },
    },
    async (request) => {
      const { actor } = principalOf(request)
      const edge = request.params.id
      const replaced = { edge, at: utc(await edges.replace(edge, actor)) }
      note(request, { after: replaced })
      log.warn({ edge, actor }, 'another agent may take the place of the one that holds this edge')
      return replaced
    },
  )

  app.delete(
    '/v1/edges/:id/account',
    {
      config: { access: 'admin', told: TOLD_OF_SIGNED_IN },
      schema: {
        summary:
          'Ends the account of an edge and its sessions now, and a user of the volatile store without an account',
        params: ID,
        response: answers({ 204: z.undefined() }, ...GATED, ...failures),
      },
    },
    async (request, reply) => {
      const { actor } = principalOf(request)
      noteBefore(request)
      await edges.remove(request.params.id)
      log.warn({ edge: request.params.id, actor }, 'the account of an edge was ended')
      return reply.code(204).send()
    },
  )

  app.post(
    '/v1/edges/:id/credentials',
    {
      config: { access: 'open', rateLimit: { max: MAX_SIGN_INS_PER_MINUTE, timeWindow: 60_000 }, told: TOLD },
      schema: {
        summary: 'Trades the one-time token of an edge for its own credentials, once',
        params: ID,
        body: z.strictObject({ token: z.string().min(1).max(512) }),
        response: answers({ 201: credentialsShape }, 'UNAUTHENTICATED', ...failures),
      },
    },
    async (request, reply) => {
      if (edges.accounts().has(request.params.id)) note(request, { subject: request.params.id })
      const credentials = await edges.claim(request.params.id, request.body.token)
      noteAfter(request)
      log.info({ edge: request.params.id }, 'an edge has traded its one-time token')
      return reply.code(201).send(credentials)
    },
  )

  app.post(
    '/v1/edges/:id/keys',
    {
      config: {
        access: 'edge',
        rateLimit: { max: MAX_SIGN_INS_PER_MINUTE, timeWindow: 60_000, keyGenerator: perEdge },
        told: TOLD_OF_SIGNED_IN,
      },
      schema: {
        summary: 'The keys of this edge, for itself: nothing without one is taken from it from then on',
        params: ID,
        response: answers({ 200: z.strictObject({ keys: keysShape }) }, ...GATED, 'NOT_FOUND', 'READ_ONLY'),
      },
    },
    async (request) => {
      const keys = await edges.keysOf(ownId(request))
      noteAfter(request)
      return { keys: [...keys] }
    },
  )
}
