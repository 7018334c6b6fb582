// A revision that is undone by itself unless somebody confirms it: how long there is, as a clock that runs down, and
// the two things that can be done.

import { useEffect, useState } from 'preact/hooks'
import type { Schema } from '../call.js'
import { after } from '../clock.js'
import { useStore, useWords } from '../store.js'
import { POLICY, pendingSaid } from '../words/policy-texts.js'
import { Confirm, GoBack } from './revision-deeds.js'

type Waiting = Pick<Schema['Revision'], 'revision' | 'confirmBy' | 'parent' | 'breakGlass'>

/** Of one revision: what was begun on one is not done to the next. */
export const Pending = (waiting: Waiting) => <PendingOne key={waiting.revision} {...waiting} />

function PendingOne({ revision, confirmBy, parent, breakGlass }: Waiting) {
  const { lang, time } = useWords()
  if (confirmBy === null) return null
  return (
    <section id="pending" class="card waits">
      <p>
        {pendingSaid(lang, revision, time(confirmBy))} <Countdown until={confirmBy} />
      </p>
      <div class="row">
        <Confirm of={revision} breakGlass={breakGlass} />
        {parent !== null && (
          <GoBack id="revert" to={parent} only={revision} title={POLICY.revert} done={POLICY.reverted} isGrave />
        )}
      </div>
    </section>
  )
}

/** Minutes and seconds that are left; a screen reader asks for them, and is not told each second. */
function Countdown({ until }: { readonly until: string }) {
  const store = useStore()
  const [left, setLeft] = useState<number | null>(null)
  useEffect(() => {
    const look = (): void => {
      setLeft(Math.max(0, Math.round((Date.parse(until) - store.time()) / 1_000)))
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
