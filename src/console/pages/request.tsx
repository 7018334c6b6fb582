// One request, as whoever decides reads it: who asks for what and why, and what it would have done when it was made.

import { type Names, namesOf, useNames } from '../names.js'
import { definePage } from '../page.js'
import { Deed } from '../parts/deed.js'
import { InstitutionLink } from '../parts/institution-link.js'
import { Answer, placesOf, type Request, RequestPreview, Wanted, Withdraw } from '../parts/request.js'
import { useStore, useWords } from '../store.js'
import { POLICY } from '../words/policy-texts.js'
import { REQUEST, requestSaid } from '../words/request-texts.js'

interface RequestData {
  readonly request: Request
  readonly names: Names
}

function RequestPage({ data: { request, names } }: { readonly data: RequestData }) {
  const store = useStore()
  const { say, time, lang } = useWords()
  const name = useNames(names)('institutions', request.institution)
  const { id, institution, author, at, reason, preview, state, decided } = request
  const isOurs = store.looksAround
  const own = store.me.value?.scope?.institutions ?? []
  return (
    <>
      <p>
        <a href={isOurs ? '/requests' : '/mine'}>{say(REQUEST.all)}</a>
      </p>
      <h1>{requestSaid(lang, name, say(REQUEST[state]))}</h1>
      <p class="sentence">
        {isOurs ? <InstitutionLink id={institution} name={name} /> : name}
        {' · '}
        <Wanted {...request} names={names} />
      </p>
      <p>{reason}</p>
      <p class="quiet">{[id, author, time(at)].join(' · ')}</p>
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

export const page = definePage<RequestData>({
  View: RequestPage,
  concerns: ['revision'],
  async load({ call, address, before }) {
    const request = await call('get', '/v1/requests/{id}', { path: { id: address.names.id ?? '' } })
    return { request, names: await namesOf(call, placesOf(request), before?.names) }
  },
})
