// Every answer of the API about one tick that has figures in it, each read once; a plant may change one on its way.

import type { Schema } from '../../../src/console/call.js'
import type { Api } from '../../api/api-fixture.js'
import type { Instead } from './drawn.js'

export interface Answers {
  readonly status: Schema['Status']
  readonly institutions: readonly Schema['Institution'][]
  readonly details: readonly Schema['InstitutionDetail'][]
  /** By service and direction. */
  readonly figures: ReadonlyMap<string, readonly Schema['Figures'][]>
  readonly explained: readonly Schema['Explanation'][]
  /** Of institutions with several edges: of each part. */
  readonly parts: readonly Schema['Explanation'][]
  readonly allocations: readonly Schema['Allocation'][]
  readonly links: readonly Schema['Link'][]
  readonly linkDetails: readonly Schema['LinkDetail'][]
  readonly linkFlows: readonly Schema['LinkFlows'][]
  readonly edges: readonly Schema['Edge'][]
  readonly edgeDetails: readonly Schema['EdgeDetail'][]
  readonly inForce: readonly Schema['InForce'][]
  readonly envelopes: readonly Schema['Envelope'][]
}

export async function readAnswers(api: Pick<Api, 'call' | 'url'>, instead: Instead = {}): Promise<Answers> {
  /** By the shape that the address is described with: the server checks its answers against it. */
  async function get<Shape>(address: string): Promise<Shape> {
    const { status, text } = await api.call(address)
    if (status !== 200) throw new Error(`${address} answers ${status}: ${text}`)
    const known = JSON.parse(text) as Record<string, unknown>
    return (instead[new URL(address, api.url).pathname]?.(known) ?? known) as Shape
  }
  const list = async <Row>(address: string): Promise<readonly Row[]> =>
    (await get<{ readonly items: readonly Row[] }>(`${address}${address.includes('?') ? '&' : '?'}pageSize=1000`)).items
  const each = <Row, Shape>(rows: readonly Row[], read: (row: Row) => Promise<Shape>) => Promise.all(rows.map(read))

  const status = await get<Schema['Status']>('/v1/status')
  const institutions = await list<Schema['Institution']>('/v1/institutions')
  const links = await list<Schema['Link']>('/v1/links')
  const edges = await list<Schema['Edge']>('/v1/edges')
  const shared = links.filter(({ kind }) => kind !== 'access')
  const flows = institutions.flatMap(({ id, flows: own }) =>
    own.map(({ service, direction }) => ({ id, service, direction })),
  )
  const kinds = [...new Set(flows.map(({ service, direction }) => `${service} ${direction}`))]
  const details = await each(institutions, ({ id }) => get<Schema['InstitutionDetail']>(`/v1/institutions/${id}`))
  const explain = (id: string, query: Readonly<Record<string, string>>) =>
    get<Schema['Explanation']>(`/v1/institutions/${id}/explain?${new URLSearchParams(query)}`)
  const several = details.flatMap(({ id, flows: own }) =>
    own.flatMap(({ service, direction, parts }) =>
      parts.length < 2 ? [] : parts.map(({ edge }) => ({ id, query: { service, direction, edge } })),
    ),
  )
  return {
    ...{ status, institutions, details, links, edges },
    figures: new Map(
      await each(kinds, async (kind) => {
        const [service = '', direction = ''] = kind.split(' ')
        const query = new URLSearchParams({ service, direction })
        return [kind, await list<Schema['Figures']>(`/v1/figures?${query}`)] as const
      }),
    ),
    explained: await each(flows, ({ id, service, direction }) => explain(id, { service, direction })),
    parts: await each(several, ({ id, query }) => explain(id, query)),
    allocations: await list('/v1/allocations'),
    linkDetails: await each(shared, ({ id }) => get<Schema['LinkDetail']>(`/v1/links/${id}`)),
    linkFlows: await each(shared, ({ id }) => get<Schema['LinkFlows']>(`/v1/links/${id}/flows?limit=1000`)),
    edgeDetails: await each(edges, ({ id }) => get<Schema['EdgeDetail']>(`/v1/edges/${id}`)),
    inForce: await list('/v1/in-force'),
    envelopes: await list('/v1/envelopes'),
  }
}
