// One revision of the policy: who made it and why, and what it says differently from another.

import type { Change, Schema } from '../call.js'
import { type Address, definePage } from '../page.js'
import { Changes } from '../parts/changes.js'
import { Choice } from '../parts/choice.js'
import { GoBack } from '../parts/revision-deeds.js'
import { useStore, useWords } from '../store.js'
import { POLICY, revisionSaid } from '../words/policy-texts.js'

interface RevisionData {
  readonly n: number
  /** As the address asks; undefined: the one before it. */
  readonly wanted?: number | undefined
  readonly changes: readonly Change[]
  /** Of those that are near. */
  readonly near: readonly Schema['Revision'][]
}

const NEAR = 60

function Revision({ data, address }: { readonly data: RevisionData; readonly address: Address }) {
  const store = useStore()
  const { say, time, lang } = useWords()
  const { n, changes, near } = data
  const line = near.find(({ revision }) => revision === n)
  const others = near.filter(({ revision }) => revision !== n)
  return (
    <>
      <p>
        <a href="/policy">{say(POLICY.backToPolicy)}</a>
      </p>
      <h1>{revisionSaid(lang, n)}</h1>
      {line !== undefined && (
        <p>
          {time(line.at)} · {line.author} · {line.reason} {line.reference}
        </p>
      )}
      <form class="row filters" onSubmit={(event) => event.preventDefault()}>
        <Choice
          label={say(POLICY.against)}
          name="against"
          address={address}
          options={[
            ['', say(POLICY.itsParent)],
            ...others.map(({ revision, reason }) => [String(revision), `${revision}: ${reason.slice(0, 40)}`] as const),
          ]}
        />
      </form>
      <section>
        <h2>{say(POLICY.changes)}</h2>
        {n === 1 && data.wanted === undefined ? <p>{say(POLICY.isFirst)}</p> : <Changes changes={changes} />}
      </section>
      {n !== store.revision.value && (
        <p>
          <GoBack id="restore" to={n} />
        </p>
      )}
    </>
  )
}

export const page = definePage<RevisionData>({
  View: Revision,
  concerns: ['revision'],
  async load({ call, address, before }) {
    const n = Number(address.names.n)
    const wanted = Number(address.query.get('against')) || undefined
    // A revision never changes.
    if (before?.n === n && before.wanted === wanted) return before
    const [{ changes }, { items: near }] = await Promise.all([
      call('get', '/v1/policy/revisions/{n}/diff', { path: { n }, query: { against: wanted } }),
      call('get', '/v1/policy/revisions', { query: { pageSize: NEAR, pageToken: n + NEAR / 2 } }),
    ])
    return { n, wanted, changes, near }
  },
})
