// A revision that is undone by itself unless somebody confirms it: how long there is, as a clock that runs down, and
// the two things that can be done.

import { useEffect, useState } from 'preact/hooks'
import { Refused, type Schema } from '../call.js'
import { after, now } from '../clock.js'
import { type Store, useStore, useWords } from '../store.js'
import { POLICY, pendingSaid } from '../words/policy-texts.js'
import { TEXTS } from '../words/texts.js'
import { Deed } from './deed.js'
import { InPersonDeed } from './in-person.js'

type Waiting = Pick<Schema['Revision'], 'revision' | 'confirmBy' | 'parent' | 'breakGlass'>

/** Of one revision: what was begun on one is not done to the next. */
export const Pending = (waiting: Waiting) => <PendingOne key={waiting.revision} {...waiting} />

function PendingOne({ revision, confirmBy, parent, breakGlass }: Waiting) {
  const store = useStore()
  const { lang, time } = useWords()
  if (confirmBy === null) return null
  // What went past approval is confirmed by an approver, in person.
  const Confirming = breakGlass ? InPersonDeed : Deed
  return (
    <section id="pending" class="card waits">
      <p>
        {pendingSaid(lang, revision, time(confirmBy))} <Countdown until={confirmBy} />
      </p>
      {store.may('operator', 'approver') && (
        <div class="row">
          <Confirming
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
              act={async ({ reason }) => {
                await assertNewest(store, revision)
                return store.call('post', '/v1/policy/revisions/{n}/rollback', {
                  path: { n: parent },
                  query: { reason },
                })
              }}
            />
          )}
        </div>
      )}
    </section>
  )
}

/** Going back past it would undo what came after it as well. @throws Refused where something has. */
async function assertNewest({ call }: Store, revision: number): Promise<void> {
  const { items } = await call('get', '/v1/policy/revisions', { query: { pageSize: 1 } })
  const newest = items[0]?.revision
  if (newest === revision) return
  const detail = `This was revision ${revision}; meanwhile there is revision ${newest}.`
  throw new Refused(412, { code: 'PRECONDITION_FAILED', detail })
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
