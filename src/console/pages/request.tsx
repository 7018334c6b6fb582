// One request, as whoever decides reads it: who asks for what and why, and what it would have done when it was made.

import { definePage } from '../page.js'
import { Deed } from '../parts/deed.js'
import { Answer, type Request, RequestPreview, Wanted, Withdraw } from '../parts/request.js'
import { useStore, useWords } from '../store.js'
import { POLICY } from '../words/policy-texts.js'
import { REQUEST } from '../words/request-texts.js'

function RequestPage({ data: request }: { readonly data: Request }) {
  const store = useStore()
  const { say, time } = useWords()
  const { id, institution, author, at, reason, preview, state, decided } = request
  const isOurs = store.looksAround
  const own = store.me.value?.scope?.institutions ?? []
  return (
    <>
      <p>
        <a href={isOurs ? '/requests' : '/mine'}>{say(REQUEST.all)}</a>
      </p>
      <h1>
        {say(REQUEST.request)} {id}: {say(REQUEST[state])}
      </h1>
      <p class="sentence">
        {isOurs ? <a href={`/institutions/${encodeURIComponent(institution)}`}>{institution}</a> : institution}
        {' · '}
        <Wanted {...request} />
      </p>
      <p>{reason}</p>
      <p class="quiet">{[author, time(at)].join(' · ')}</p>
      {decided !== null && (
        <p>
          {say(REQUEST.answer)}: <Answer request={request} /> · {decided.by} · {time(decided.at)}
        </p>
      )}
      {state === 'open' && store.may('operator') && <Decide id={id} />}
      {state === 'open' && store.me.value?.roles.includes('member') && own.includes(institution) && (
        <Withdraw id={id} />
      )}
      <section>
        <h2>{say(POLICY.preview)}</h2>
        <RequestPreview preview={preview} />
      </section>
    </>
  )
}

function Decide({ id }: { readonly id: string }) {
  const store = useStore()
  const path = { id }
  return (
    <div class="row">
      <Deed
        id="accept"
        title={REQUEST.accept}
        done={REQUEST.isAccepted}
        fields={[]}
        act={() => store.call('post', '/v1/requests/{id}/accept', { path })}
      />
      <Deed
        id="refuse"
        title={REQUEST.refuse}
        done={REQUEST.isRefused}
        isGrave
        fields={[{ name: 'reason', label: REQUEST.refusedWhy }]}
        act={({ reason = '' }) => store.call('post', '/v1/requests/{id}/refuse', { path, query: { reason } })}
      />
    </div>
  )
}

export const page = definePage<Request>({
  View: RequestPage,
  concerns: ['revision'],
  load: ({ call, address }) => call('get', '/v1/requests/{id}', { path: { id: address.names.id ?? '' } }),
})
