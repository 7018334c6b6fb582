// Every gateway: what it should have in force and what it has, by its own reading back; and the traffic that no site
// claims.

import { everyPage, type Schema } from '../call.js'
import { definePage } from '../page.js'
import { EdgeBatch } from '../parts/edge-batch.js'
import { Refusal } from '../parts/refusal.js'
import { SheetButton } from '../parts/sheet.js'
import { Table } from '../parts/table.js'
import { useStore, useWords } from '../store.js'
import { NETWORK } from '../words/network-texts.js'
import { TEXTS } from '../words/texts.js'

interface EdgesData {
  readonly edges: readonly Schema['Edge'][]
  readonly unmapped: readonly Schema['Unmapped'][]
}

const MOST_UNMAPPED = 5

/** What needs somebody stands first. */
const rank = (edge: Schema['Edge']): number =>
  (edge.state === 'FRESH' ? 0 : 4) + (edge.refusal === null ? 0 : 2) + (edge.differsSince === null ? 0 : 1)

function Edges({ data: { edges, unmapped } }: { readonly data: EdgesData }) {
  const store = useStore()
  const { say, lang, state, rate, seconds } = useWords()
  const rows = [...edges].sort((a, b) => rank(b) - rank(a) || (a.id < b.id ? -1 : 1))
  return (
    <>
      <h1>{say(TEXTS.edges)}</h1>
      <div class="row">
        <SheetButton address="/v1/edges?pageSize=1000" file="edges.csv" />
      </div>
      <MustBeTyped edges={rows} />
      <Table<Schema['Edge']>
        id="edges"
        label={TEXTS.edges}
        rows={rows}
        keyOf={({ id }) => id}
        columns={[
          { head: TEXTS.edge, cell: ({ id, name }) => <a href={`/edges/${encodeURIComponent(id)}`}>{name[lang]}</a> },
          {
            head: TEXTS.state,
            cell: (row) => state(row.state),
            mark: (row) => (row.state === 'FRESH' ? undefined : 'bad'),
          },
          {
            ...{ head: NETWORK.enforcement, cell: ({ enforcement }) => state(enforcement) },
            mark: ({ enforcement }) => (enforcement === 'enforce' ? undefined : 'warn'),
          },
          { head: NETWORK.intended, isNumber: true, cell: ({ intended }) => intended?.seq ?? say(TEXTS.none) },
          {
            ...{ head: NETWORK.inForce, isNumber: true, cell: ({ applied }) => applied?.seq ?? say(TEXTS.none) },
            mark: ({ lag }) => (lag > 0 ? 'warn' : undefined),
          },
          { head: NETWORK.lag, isNumber: true, cell: ({ lag }) => lag },
          {
            ...{ head: NETWORK.leaseLeft, isNumber: true },
            cell: ({ leaseLeftMs }) => (leaseLeftMs === null ? say(TEXTS.none) : seconds(leaseLeftMs)),
          },
          { head: NETWORK.served, isNumber: true, cell: ({ institutions }) => institutions },
          {
            ...{ head: NETWORK.refusal, look: 'prose', mark: ({ refusal }) => (refusal === null ? undefined : 'bad') },
            cell: ({ refusal }) => (refusal === null ? say(TEXTS.none) : <Refusal refusal={refusal} />),
          },
        ]}
      />
      {store.may('engineer') && <EdgeBatch edges={edges} />}
      <section>
        <h2>{say(NETWORK.unmapped)}</h2>
        <Table
          label={NETWORK.unmapped}
          empty={NETWORK.noUnmapped}
          rows={unmapped}
          keyOf={({ id }) => id}
          columns={[
            {
              head: TEXTS.edge,
              cell: ({ edge }) => (
                <a href={`/edges/${encodeURIComponent(edge)}`}>
                  {edges.find(({ id }) => id === edge)?.name[lang] ?? edge}
                </a>
              ),
            },
            { head: TEXTS.direction, cell: ({ direction }) => say(TEXTS[direction]) },
            { head: TEXTS.carried, isNumber: true, cell: ({ carried }) => rate(carried) },
            { head: TEXTS.demand, isNumber: true, cell: ({ demand }) => rate(demand) },
          ]}
        />
      </section>
    </>
  )
}

/** Routers that a person configures, and that have something else than they should. */
function MustBeTyped({ edges }: { readonly edges: readonly Schema['Edge'][] }) {
  const { say, lang, time } = useWords()
  const those = edges.filter(({ pace, differsSince }) => pace === 'static' && differsSince !== null)
  if (those.length === 0) return null
  return (
    <p id="must-be-typed" class="notice">
      {say(NETWORK.mustBeTyped)}:{' '}
      {those.map(({ id, name, differsSince }, n) => (
        <span key={id}>
          {n > 0 && '; '}
          <a href={`/edges/${encodeURIComponent(id)}`}>{name[lang]}</a> ({say(NETWORK.since)} {time(differsSince!)})
        </span>
      ))}
    </p>
  )
}

export const page = definePage<EdgesData>({
  View: Edges,
  async load({ call }) {
    const [edges, unmapped] = await Promise.all([
      everyPage((pageToken) => call('get', '/v1/edges', { query: { pageSize: 1_000, pageToken } })),
      everyPage((pageToken) => call('get', '/v1/unmapped', { query: { pageSize: 1_000, pageToken } })),
    ])
    const most = unmapped
      .filter(({ carried }) => (carried ?? 0) > 0)
      .sort((a, b) => (b.carried ?? 0) - (a.carried ?? 0))
    return { edges, unmapped: most.slice(0, MOST_UNMAPPED) }
  },
})
