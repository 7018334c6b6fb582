// A revision that is undone by itself unless somebody confirms it: how long there is, as a clock that runs down, and
// the two things that can be done.

import { useEffect, useState } from 'preact/hooks'
import type { Schema } from '../call.js'
import { after, now } from '../clock.js'
import { useStore, useWords } from '../store.js'
import { POLICY, pendingSaid } from '../words/policy-texts.js'
import { TEXTS } from '../words/texts.js'
import { Deed } from './deed.js'

type Waiting = Pick<Schema['Revision'], 'revision' | 'confirmBy' | 'parent'>

export function Pending({ revision, confirmBy, parent }: Waiting) {
  const store = useStore()
  const { lang, time } = useWords()
  if (confirmBy === null) return null
  return (
    <section id="pending" class="card waits">
      <p>
        {pendingSaid(lang, revision, time(confirmBy))} <Countdown until={confirmBy} />
      </p>
      {store.may('operator', 'approver') && (
        <div class="row">
          <Deed
            id="confirm"
            title={POLICY.confirm}
            done={POLICY.confirmed}
            fields={[]}
            act={() => store.call('post', '/v1/policy/revisions/{n}/confirm', { path: { n: revision } })}
          />
          {parent !== null && (
            <Deed
              id="revert"
              title={POLICY.revert}
              done={POLICY.reverted}
              isGrave
              fields={[{ name: 'reason', label: TEXTS.reason }]}
              act={({ reason }) =>
                store.call('post', '/v1/policy/revisions/{n}/rollback', { path: { n: parent }, query: { reason } })
              }
            />
          )}
        </div>
      )}
    </section>
  )
}

/** Minutes and seconds that are left; a screen reader asks for them, and is not told each second. */
function Countdown({ until }: { readonly until: string }) {
  const [left, setLeft] = useState<number | null>(null)
  useEffect(() => {
    const look = (): void => {
      setLeft(Math.max(0, Math.round((Date.parse(until) - now()) / 1_000)))
      stop = after(500, look)
    }
    let stop = after(0, look)
    return () => stop()
  }, [until])
  if (left === null) return null
  return (
    <strong class="countdown" role="timer">
      {Math.floor(left / 60)}:{String(left % 60).padStart(2, '0')}
    </strong>
  )
}
