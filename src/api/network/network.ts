// The network of the last tick: allocations flow by flow, links, envelopes, and traffic that no institution claims.

import { LIMIT_CODES } from '../../model/explanation.js'
import { DIRECTIONS, LINK_KINDS } from '../../model/network.js'
import { RESTRICTED } from '../../model/plan.js'
import * as z from '../../runtime/zod.js'
import { type App, answers, type Context, GATED } from '../app.js'
import { answerJson, answerList, type CsvTable, filter, LIST_TYPES, Listing, paging } from '../lists.js'
import { notFound } from '../problem.js'
import {
  type AllocationView,
  allocationShape,
  type EnvelopeView,
  envelopeShape,
  type LinkView,
  linkDetailShape,
  linkShape,
  type NodeView,
  nodeShape,
  pageOf,
  type UnmappedView,
  unmappedShape,
} from '../shapes.js'

const direction = z.enum(DIRECTIONS).optional()
const limitedBy = z.enum(LIMIT_CODES).optional()
const list = { access: 'viewer', produces: LIST_TYPES } as const
const problems = [...GATED, 'PAGE_TOKEN_INVALID', 'NOT_READY'] as const

/** What came later stands last: others count columns. */
const amounts = [
  ...['demand', 'need', 'rate', 'applied', 'measured', 'unmet', 'limitedBy', 'limitedById'],
  ...['arrived', 'carried'],
]

const allocationCsv: CsvTable<AllocationView> = {
  columns: [
    ...['id', 'kind', 'institution', 'service', 'direction', 'edge', 'tier', 'guarantee', 'ceiling', 'safe'],
    ...amounts,
  ],
  records: ({ limitedBy: { code, id }, ...row }) => [{ ...row, limitedBy: code, limitedById: id }],
}

const unmappedCsv: CsvTable<UnmappedView> = {
  columns: ['id', 'edge', 'direction', ...amounts],
  records: ({ limitedBy: { code, id }, ...row }) => [{ ...row, limitedBy: code, limitedById: id }],
}

const linkCsv: CsvTable<LinkView> = {
  columns: [
    ...['id', 'link', 'direction', 'kind', 'from', 'to', 'groups', 'capacity', 'usable', 'needLoad', 'load'],
    ...['measured', 'measuredBy', 'unmet', 'level', 'state', 'arrived', 'carried', 'unheard'],
  ],
  records: (row) => [{ ...row, groups: row.groups.join(' ') }],
}

const envelopeCsv: CsvTable<EnvelopeView> = {
  columns: [
    ...['id', 'envelope', 'service', 'direction', 'ceiling', 'guarantee', 'weight'],
    ...['needLoad', 'load', 'unmet', 'level', 'members'],
  ],
  records: (row) => [row],
}

const nodeCsv: CsvTable<NodeView> = {
  columns: ['id', 'nameEn', 'nameSw', 'region', 'x', 'y'],
  records: ({ id, name, region, at }) => [
    { id, nameEn: name.en, nameSw: name.sw, region, x: at?.[0] ?? null, y: at?.[1] ?? null },
  ],
}

/** Keeps the rows whose fields have the values that the query names. */
const having =
  <Row extends object>(wanted: { readonly [K in keyof Row]?: Row[K] | undefined }) =>
  (row: Row): boolean =>
    (Object.keys(wanted) as (keyof Row)[]).every((key) => wanted[key] === undefined || row[key] === wanted[key])

/** Where links meet: they change with the policy only. */
export function nodeRoutes(app: App, { policy }: Context): void {
  app.get(
    '/v1/nodes',
    {
      config: list,
      schema: {
        summary: 'Nodes of the network, each with its place in the picture',
        querystring: z.strictObject({ ...paging, region: filter }),
        response: answers({ 200: pageOf(nodeShape) }, ...problems),
      },
    },
    (request, reply) => {
      const { pageSize, pageToken, ...fields } = request.query
      const rows = Object.entries(policy.state.document.nodes).map(([id, { name, region, at = null }]): NodeView => {
        return { id, name, region, at: at && [...at] }
      })
      return answerList(request, reply, new Listing(rows), { pageSize, pageToken }, having<NodeView>(fields), nodeCsv)
    },
  )
}

export function networkRoutes(app: App, { view }: Context): void {
  app.get(
    '/v1/allocations',
    {
      config: list,
      schema: {
        summary: 'Every flow of the last tick, those of unmapped and control traffic included',
        querystring: z.strictObject({
          ...paging,
          ...{ institution: filter, service: filter, direction, edge: filter, tier: filter, limitedBy },
          kind: z.enum(['institution', 'unmapped', 'control']).optional(),
        }),
        response: answers({ 200: pageOf(allocationShape) }, ...problems),
      },
    },
    (request, reply) => {
      const { pageSize, pageToken, limitedBy: code, ...fields } = request.query
      const fits = having<AllocationView>(fields)
      const keep = (row: AllocationView): boolean =>
        fits(row) && (code === undefined || (row.limitedBy.code === code && row.institution !== RESTRICTED))
      return answerList(
        request,
        reply,
        view().seenBy(request.sight).allocations,
        { pageSize, pageToken },
        keep,
        allocationCsv,
      )
    },
  )

  app.get(
    '/v1/links',
    {
      config: list,
      schema: {
        summary: 'Directed links with what they carry',
        querystring: z.strictObject({
          ...paging,
          ...{ direction, kind: z.enum(LINK_KINDS).optional(), state: z.enum(['up', 'derated', 'down']).optional() },
          except: z.enum(LINK_KINDS).optional().describe('A kind to leave out; access lines are many'),
          q: filter.describe('Text in the id, an end or a shared-risk group'),
        }),
        response: answers({ 200: pageOf(linkShape) }, ...problems),
      },
    },
    (request, reply) => {
      const { pageSize, pageToken, q, except, ...fields } = request.query
      const fits = having<LinkView>(fields)
      const text = q?.toLowerCase()
      const keep = (row: LinkView): boolean =>
        fits(row) &&
        row.kind !== except &&
        (text === undefined || [row.id, row.from, row.to, ...row.groups].some((word) => word.includes(text)))
      return answerList(request, reply, view().seenBy(request.sight).links, { pageSize, pageToken }, keep, linkCsv)
    },
  )

  app.get(
    '/v1/links/:id',
    {
      config: { access: 'viewer' },
      schema: {
        summary: 'One directed link, and the flows that it keeps from what they ask',
        params: z.object({ id: z.string() }),
        response: answers({ 200: linkDetailShape }, ...GATED, 'NOT_FOUND', 'NOT_READY'),
      },
    },
    (request, reply) => {
      const shown = view()
      const link = shown.links.find(request.params.id)
      if (link === undefined || request.sight?.hides(link)) throw notFound('directed link', request.params.id)
      return answerJson(reply, shown.link(link, request.sight))
    },
  )

  app.get(
    '/v1/envelopes',
    {
      config: list,
      schema: {
        summary: 'Envelopes by service and direction, with what is used of them',
        querystring: z.strictObject({ ...paging, envelope: filter, service: filter, direction }),
        response: answers({ 200: pageOf(envelopeShape) }, ...problems),
      },
    },
    (request, reply) => {
      const { pageSize, pageToken, ...fields } = request.query
      const keep = having<EnvelopeView>(fields)
      return answerList(request, reply, view().envelopes, { pageSize, pageToken }, keep, envelopeCsv)
    },
  )

  app.get(
    '/v1/unmapped',
    {
      config: list,
      schema: {
        summary: 'Traffic at each edge that belongs to no site',
        querystring: z.strictObject({ ...paging, edge: filter, direction }),
        response: answers({ 200: pageOf(unmappedShape) }, ...problems),
      },
    },
    (request, reply) => {
      const { pageSize, pageToken, ...fields } = request.query
      const keep = having<UnmappedView>(fields)
      return answerList(request, reply, view().unmapped, { pageSize, pageToken }, keep, unmappedCsv)
    },
  )
}
