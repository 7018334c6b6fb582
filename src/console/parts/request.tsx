// A request of a member: what is asked for in words, what it would do under each demand, and what became of it.

import type { Schema } from '../call.js'
import { type Names, useFoundNames, useNames } from '../names.js'
import { useStore, useWords } from '../store.js'
import { POLICY } from '../words/policy-texts.js'
import { lookedSaid, REQUEST } from '../words/request-texts.js'
import { TEXTS } from '../words/texts.js'
import { Deed } from './deed.js'
import { InstitutionLink } from './institution-link.js'
import { Scroll } from './scroll.js'

export type Request = Schema['Request']
type Shift = Request['preview']['demands'][number]['own'][number]

/** What of it has a name. */
export const placesOf = ({ institution, tier }: Pick<Request, 'institution' | 'tier'>): string[] => [
  `institutions/${institution}`,
  ...(tier === null ? [] : [`tiers/${tier}`]),
]

export function Wanted({ tier, ceilings, names }: Pick<Request, 'tier' | 'ceilings'> & { readonly names: Names }) {
  const { say, both } = useWords()
  const named = useNames(names)
  const service = useServiceName()
  const raised = Object.entries(ceilings).map(([id, rates]) => `${service(id)} ${both(rates)}`)
  return <>{[...(tier === null ? [] : [`${say(TEXTS.tier)} ${named('tiers', tier)}`]), ...raised].join('; ')}</>
}

/** Name of a service in the language of whoever reads. */
export function useServiceName(): (id: string) => string {
  const { status } = useStore()
  const { lang } = useWords()
  return (id) => status.value?.services.find((known) => known.id === id)?.name[lang] ?? id
}

/** What was answered, or that it waits. */
export function Answer({ request }: { readonly request: Request }) {
  const store = useStore()
  const { say } = useWords()
  const { state, decided, proposal, outcome } = request
  const reason = decided?.reason ?? null
  return (
    <>
      {say(REQUEST[state])}
      {reason !== null && `: ${reason}`}
      {proposal !== null && (
        <>
          {`, ${say(REQUEST.proposal).toLowerCase()} `}
          {store.looksAround ? <a href={`/proposals/${encodeURIComponent(proposal)}`}>{proposal}</a> : proposal}
          {outcome !== null && `: ${say(POLICY[outcome])}`}
        </>
      )}
    </>
  )
}

export function Withdraw({ id }: { readonly id: string }) {
  const store = useStore()
  return (
    <Deed
      title={REQUEST.withdraw}
      done={REQUEST.isWithdrawn}
      fields={[]}
      act={() => store.call('post', '/v1/requests/{id}/withdraw', { path: { id } })}
    />
  )
}

export function RequestPreview({ preview }: Pick<Request, 'preview'>) {
  const { say, lang } = useWords()
  const { revision, demands, testsFailed } = preview
  return (
    <div class="impact">
      <Scroll label={say(POLICY.preview)}>
        <table class="request-preview">
          <thead>
            <tr>
              <th scope="col">{say(POLICY.demand)}</th>
              <th scope="col">{say(REQUEST.own)}</th>
              <th scope="col" class="number">
                {say(REQUEST.othersLess)}
              </th>
              <th scope="col" class="number">
                {say(REQUEST.otherPromises)}
              </th>
            </tr>
          </thead>
          <tbody>
            {demands.map(({ demand, own, losers, broken }) => (
              <tr key={demand}>
                <th scope="row">{say(POLICY[demand])}</th>
                <td>{own.length === 0 ? say(REQUEST.noChange) : <Shifts shifts={own} />}</td>
                <td class={losers > 0 ? 'number warn' : 'number'}>{losers}</td>
                <td class={broken > 0 ? 'number bad' : 'number'}>{broken}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {demands.map(({ demand, others }) => (
        <Others key={demand} name={say(POLICY[demand])} others={others} />
      ))}
      <p class="quiet">{lookedSaid(lang, revision, testsFailed)}</p>
    </div>
  )
}

function Shifts({ shifts }: { readonly shifts: readonly Shift[] }) {
  const { say, rate } = useWords()
  const service = useServiceName()
  return (
    <>
      {shifts.map(({ service: id, direction, before, after }) => (
        <div key={`${id} ${direction}`}>
          {service(id)}, {say(TEXTS[direction])}: {rate(before)} → {rate(after)}
        </div>
      ))}
    </>
  )
}

/** Those that would have less, as far as whoever reads sees them. */
function Others({ name, others }: { readonly name: string; readonly others: readonly Shift[] }) {
  const { say, rate } = useWords()
  const named = useFoundNames(others.map((one) => `institutions/${one.institution}`))
  if (others.length === 0) return null
  return (
    <details>
      <summary>
        {say(POLICY.losers)}, {name}
      </summary>
      <ul class="chips">
        {others.map(({ institution, service, direction, before, after }) => (
          <li key={`${institution} ${service} ${direction}`}>
            <InstitutionLink id={institution} name={named('institutions', institution)} />{' '}
            <small>
              {say(TEXTS[direction])} {rate(before)} → {rate(after)}
            </small>
          </li>
        ))}
      </ul>
    </details>
  )
}
