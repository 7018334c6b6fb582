// What institutions have asked for: what waits for an answer, and what was answered.

import { everyPage } from '../call.js'
import { type Names, namesOf, useNames } from '../names.js'
import { type Address, definePage } from '../page.js'
import { Choice } from '../parts/choice.js'
import { InstitutionLink } from '../parts/institution-link.js'
import { Answer, placesOf, type Request, Wanted } from '../parts/request.js'
import { Table } from '../parts/table.js'
import { useWords } from '../store.js'
import { REQUEST } from '../words/request-texts.js'
import { TEXTS } from '../words/texts.js'

const STATES = ['open', 'accepted', 'refused', 'withdrawn'] as const
/** In the page as the server writes it. */
const FIRST_ROWS = 50

interface RequestsData {
  readonly requests: readonly Request[]
  readonly names: Names
}

function Requests({ data, address }: { readonly data: RequestsData; readonly address: Address }) {
  const { say, time } = useWords()
  const named = useNames(data.names)
  return (
    <>
      <h1>{say(TEXTS.requests)}</h1>
      <p class="quiet">{say(REQUEST.how)}</p>
      <form class="row filters" onSubmit={(event) => event.preventDefault()}>
        <Choice
          label={say(TEXTS.state)}
          name="state"
          address={address}
          options={[['', say(TEXTS.everything)], ...STATES.map((state) => [state, say(REQUEST[state])] as const)]}
        />
      </form>
      <Table<Request>
        id="requests"
        label={TEXTS.requests}
        empty={REQUEST.none}
        rows={data.requests}
        keyOf={({ id }) => id}
        columns={[
          { head: REQUEST.request, cell: ({ id }) => <a href={`/requests/${encodeURIComponent(id)}`}>{id}</a> },
          {
            head: TEXTS.institution,
            cell: ({ institution }) => <InstitutionLink id={institution} name={named('institutions', institution)} />,
          },
          { head: REQUEST.wanted, look: 'prose', cell: (request) => <Wanted {...request} names={data.names} /> },
          { head: TEXTS.reason, look: 'prose', cell: ({ reason }) => reason },
          {
            ...{ head: REQUEST.by, look: 'prose' },
            cell: ({ author, at }) => (
              <>
                {author} · <span class="time">{time(at)}</span>
              </>
            ),
          },
          {
            ...{ head: REQUEST.answer, look: 'prose', cell: (request) => <Answer request={request} /> },
            mark: ({ state }) => (state === 'open' ? 'warn' : undefined),
          },
        ]}
      />
    </>
  )
}

export const page = definePage<RequestsData>({
  View: Requests,
  concerns: ['revision'],
  async load({ call, address, before, isFirst }) {
    const state = STATES.find((one) => one === address.query.get('state'))
    const rows = await everyPage((pageToken) =>
      call('get', '/v1/requests', { query: { pageSize: 1_000, state, pageToken } }),
    )
    // What waits stands first, the longest first; then the latest.
    const waits = rows.filter(({ state }) => state === 'open').sort((a, b) => (a.at < b.at ? -1 : 1))
    const decided = rows.filter(({ state }) => state !== 'open').sort((a, b) => (a.at < b.at ? 1 : -1))
    const sorted = [...waits, ...decided]
    const requests = isFirst ? sorted.slice(0, FIRST_ROWS) : sorted
    return { requests, names: await namesOf(call, requests.flatMap(placesOf), before?.names) }
  },
})
