// Proposals: what waits for a second person or for its hour, and what became of the others.

import type { Schema } from '../call.js'
import { type Address, definePage } from '../page.js'
import { Choice } from '../parts/choice.js'
import { Table } from '../parts/table.js'
import { useWords } from '../store.js'
import { POLICY } from '../words/policy-texts.js'
import { TEXTS } from '../words/texts.js'

type Proposal = Schema['Proposal']

const STATES = ['open', 'approved', 'rejected', 'committed', 'void'] as const

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
          { head: POLICY.proposal, cell: ({ id }) => <a href={`/proposals/${encodeURIComponent(id)}`}>{id}</a> },
          {
            ...{ head: TEXTS.state, cell: ({ state }) => say(POLICY[state]) },
            mark: ({ state }) => (state === 'open' ? 'warn' : undefined),
          },
          { head: POLICY.author, cell: ({ author }) => author },
          { head: TEXTS.reason, cell: ({ reason, reference }) => [reason, reference].filter(Boolean).join(' · ') },
          { head: TEXTS.time, cell: ({ at }) => time(at) },
          {
            head: POLICY.effectiveAt,
            cell: ({ effectiveAt }) => (effectiveAt === null ? say(TEXTS.none) : time(effectiveAt)),
          },
          { head: POLICY.approvedBy, cell: ({ approvedBy }) => approvedBy ?? say(TEXTS.none) },
        ]}
      />
    </>
  )
}

export const page = definePage<ProposalsData>({
  View: Proposals,
  async load({ call, address }) {
    const state = STATES.find((one) => one === address.query.get('state'))
    const { items } = await call('get', '/v1/proposals', { query: { pageSize: 200, state } })
    return { proposals: items.map(({ changes: _, losses: __, ...proposal }) => proposal) }
  },
})
