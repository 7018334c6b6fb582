// One proposal, as whoever is to agree reads it: who wants what and why, in words, and who loses by it as things are
// now. Agreeing is bound to what was seen, and is done in person.

import type { Schema } from '../call.js'
import { definePage } from '../page.js'
import { Changes } from '../parts/changes.js'
import { Deed } from '../parts/deed.js'
import { ImpactShown } from '../parts/impact.js'
import { InPersonDeed } from '../parts/in-person.js'
import { Pending } from '../parts/pending.js'
import { useStore, useWords } from '../store.js'
import { POLICY, touchedSaid } from '../words/policy-texts.js'
import { TEXTS } from '../words/texts.js'

type Detail = Schema['ProposalDetail']

interface ProposalData {
  readonly proposal: Detail
  readonly newest: Schema['Revision'] | null
}

function Proposal({ data: { proposal, newest } }: { readonly data: ProposalData }) {
  const { say, time, lang } = useWords()
  const { id, state, author, reason, reference, at, whyStale, effectiveAt, note } = proposal
  return (
    <>
      <p>
        <a href="/proposals">{say(POLICY.all)}</a>
      </p>
      <h1>
        {reason || `${say(POLICY.proposal)} ${id}`}: {say(POLICY[state])}
      </h1>
      {newest?.waits && <Pending {...newest} />}
      <p>
        {[`${say(POLICY.proposal)} ${id}`, author, time(at), reference, note].filter(Boolean).join(' · ')}
        {effectiveAt !== null && ` · ${say(POLICY.effectiveAt)} ${time(effectiveAt)}`}
      </p>
      {whyStale !== null && (
        <p class="bad">
          {say(POLICY.isStale)}: <WhyStale {...whyStale} />
        </p>
      )}
      <Acts proposal={proposal} />
      <section>
        <h2>{say(POLICY.changes)}</h2>
        <ul>
          {proposal.words.map((words) => (
            <li key={words.en}>{words[lang]}</li>
          ))}
        </ul>
        <details>
          <summary>{say(POLICY.place)}</summary>
          <Changes changes={proposal.changes} />
        </details>
      </section>
      {proposal.preview !== null && (
        <section>
          <h2>{say(POLICY.preview)}</h2>
          <ImpactShown preview={proposal.preview} warnings={proposal.warnings} guards={proposal.guards} />
        </section>
      )}
    </>
  )
}

/** What the policy in force refuses is said in English, as the API says it. */
function WhyStale(why: NonNullable<Detail['whyStale']>) {
  const { say, lang } = useWords()
  if (why.code === 'TOUCHED') return <>{touchedSaid(lang, why.place, why.since)}</>
  return (
    <>
      {say(POLICY.refusedNow)} <span lang="en">{why.detail}</span>
    </>
  )
}

function Acts({ proposal: { id, state, author, seenOn, effectiveAt } }: { readonly proposal: Detail }) {
  const store = useStore()
  const { say } = useWords()
  const path = { id }
  const isMine = store.me.value?.actor === author
  if (state !== 'open' && state !== 'approved') return null
  const early = effectiveAt !== null
  return (
    <div class="row">
      {state === 'open' && isMine && <p class="quiet">{say(POLICY.yours)}</p>}
      {state === 'open' && !isMine && store.may('approver') && (
        <InPersonDeed
          id="approve"
          title={POLICY.approve}
          done={POLICY.isApproved}
          fields={[]}
          act={() => store.call('post', '/v1/proposals/{id}/approve', { path, query: { seenOn } })}
        />
      )}
      {store.may('operator', 'approver') && (
        <Deed
          id="reject"
          title={isMine ? POLICY.takeBack : POLICY.reject}
          done={POLICY.isRejected}
          isGrave
          fields={[{ name: 'reason', label: TEXTS.reason }]}
          act={({ reason = '' }) => store.call('post', '/v1/proposals/{id}/reject', { path, query: { reason } })}
        />
      )}
      {state === 'approved' && store.may('operator') && (
        <Deed
          id="commit"
          title={POLICY.make}
          done={POLICY.made}
          fields={[
            ...(early ? [{ name: 'reason', label: TEXTS.reason }] : []),
            { name: 'minutes', label: POLICY.minutes, type: 'number', isFree: true },
          ]}
          act={({ minutes = '', reason }) =>
            store.call('post', '/v1/proposals/{id}/commit', {
              path,
              query: {
                confirmWithin: minutes === '' ? undefined : Math.round(Number(minutes) * 60),
                ...(early ? { now: 'true' as const, reason } : {}),
              },
            })
          }
        />
      )}
    </div>
  )
}

export const page = definePage<ProposalData>({
  View: Proposal,
  // With it comes a preview, which is solved anew.
  concerns: ['revision'],
  async load({ call, address }) {
    const id = address.names.id ?? ''
    const [{ items }, proposal] = await Promise.all([
      call('get', '/v1/policy/revisions', { query: { pageSize: 1 } }),
      call('get', '/v1/proposals/{id}', { path: { id } }),
    ])
    return { newest: items[0] ?? null, proposal }
  },
})
