// Proposals: what waits for a second person or for its hour, and what became of the others.

import { everyPage, type Schema } from '../call.js'
import { type Address, definePage } from '../page.js'
import { Choice } from '../parts/choice.js'
import { Table } from '../parts/table.js'
import { useWords } from '../store.js'
import { POLICY } from '../words/policy-texts.js'
import { TEXTS } from '../words/texts.js'

type Proposal = Schema['Proposal']

const STATES = ['open', 'approved', 'rejected', 'committed', 'void'] as const

/** In the page as the server writes it. */
const FIRST_ROWS = 50
const rank = ({ state }: Pick<Proposal, 'state'>): number => Number(state === 'open') * 2 + Number(state === 'approved')

type Row = Omit<Proposal, 'changes' | 'losses'>

interface ProposalsData {
  readonly proposals: readonly Row[]
}

function Proposals({ data, address }: { readonly data: ProposalsData; readonly address: Address }) {
  const { say, time } = useWords()
  return (
    <>
      <h1>{say(TEXTS.proposals)}</h1>
      <p class="quiet">{say(POLICY.proposalsHow)}</p>
      <form class="row filters" onSubmit={(event) => event.preventDefault()}>
        <Choice
          label={say(TEXTS.state)}
          name="state"
          address={address}
          options={[['', say(TEXTS.everything)], ...STATES.map((state) => [state, say(POLICY[state])] as const)]}
        />
      </form>
      <Table<Row>
        id="proposals"
        label={TEXTS.proposals}
        empty={POLICY.noProposals}
        rows={data.proposals}
        keyOf={({ id }) => id}
        columns={[
          {
            head: POLICY.proposal,
            cell: ({ id, reason }) => <a href={`/proposals/${encodeURIComponent(id)}`}>{reason || id}</a>,
          },
          {
            ...{ head: TEXTS.state, cell: ({ state }) => say(POLICY[state]) },
            mark: ({ state }) => (state === 'open' ? 'warn' : undefined),
          },
          { head: POLICY.author, cell: ({ author }) => author },
          { head: POLICY.reference, cell: ({ id, reference }) => [reference, id].filter(Boolean).join(' · ') },
          { head: TEXTS.time, look: 'time', cell: ({ at }) => time(at) },
          {
            head: POLICY.effectiveAt,
            look: 'time',
            cell: ({ effectiveAt }) => (effectiveAt === null ? say(TEXTS.none) : time(effectiveAt)),
          },
          {
            head: POLICY.approvedBy,
            cell: ({ approvedBy, state }) =>
              approvedBy ?? say(state === 'approved' || state === 'committed' ? POLICY.needsNone : TEXTS.none),
          },
        ]}
      />
    </>
  )
}

export const page = definePage<ProposalsData>({
  View: Proposals,
  concerns: ['revision'],
  async load({ call, address, isFirst }) {
    const state = STATES.find((one) => one === address.query.get('state'))
    const items = await everyPage((pageToken) =>
      call('get', '/v1/proposals', { query: { pageSize: 1_000, state, pageToken } }),
    )
    const rows = items.map(({ changes: _, losses: __, ...proposal }) => proposal)
    // The API has them by id. What waits stands first, then the latest.
    rows.sort((a, b) => rank(b) - rank(a) || (a.at < b.at ? 1 : -1))
    return { proposals: isFirst ? rows.slice(0, FIRST_ROWS) : rows }
  },
})
