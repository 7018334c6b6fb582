// A change that has been tried, saved: why, for how long it may be taken back by itself, from when on; or proposed to a
// second person where a guard asks for one.

import { useState } from 'preact/hooks'
import { Refused } from '../call.js'
import type { Draft } from '../differences.js'
import type { Outcome, PolicySource, Writing } from '../policy-source.js'
import { useStore, useWords } from '../store.js'
import { IN_PERSON } from '../words/in-person-texts.js'
import { POLICY } from '../words/policy-texts.js'
import { TEXTS } from '../words/texts.js'
import { type InPerson, useInPerson } from './in-person.js'
import { undoOf } from './revision-deeds.js'

interface Props {
  readonly source: PolicySource
  readonly draft: Draft
  /** What it would do; null: not known yet, or it cannot be done. */
  readonly outcome: Outcome | null
  saved(): void
  refused(): void
}

export function SavePolicy({ source, draft, outcome, saved, refused }: Props) {
  const store = useStore()
  const { say } = useWords()
  const { isFresh, byCode, prove } = useInPerson()
  const [isBusy, setBusy] = useState(false)
  const [isLater, setLater] = useState(false)
  const [chosenPast, setPast] = useState(false)
  // What waits for its hour is made by itself: nobody confirms it, and it goes past nobody.
  const past = chosenPast && !isLater
  const isProposed = outcome?.needsApproval === true && !past
  const save = async (event: Event): Promise<void> => {
    event.preventDefault()
    const form = event.currentTarget as HTMLFormElement
    const asked = writingOf(form, past)
    setBusy(true)
    try {
      if (past) await prove(String(new FormData(form).get('code') ?? ''))
      if (isProposed) {
        const { reason, reference, effectiveAt } = asked
        await source.propose(draft.value, {
          reason,
          ...(reference && { reference }),
          ...(effectiveAt && { effectiveAt }),
        })
        store.say(say(POLICY.proposed))
      } else {
        const made = await source.write(draft.value, draft.etag, asked)
        if ('proposal' in made) store.say(say(POLICY.proposed))
        else store.say(say(POLICY.saved), false, past ? null : undoOf(store, made, asked.reason))
      }
      saved()
      await store.refresh()
    } catch (error) {
      store.complain(error)
      if (error instanceof Refused) refused()
    } finally {
      setBusy(false)
    }
  }
  return (
    <form id="save" method="post" class="card tall" onSubmit={(event) => void save(event)}>
      <p class="quiet">{say(POLICY.draftKept)}</p>
      <label for="reason">{say(TEXTS.reason)}</label>
      <input id="reason" name="reason" required maxLength={500} />
      <label for="reference">{say(POLICY.reference)}</label>
      <input id="reference" name="reference" maxLength={500} />
      {!isProposed && !isLater && (
        <>
          <label for="minutes">{say(POLICY.minutes)}</label>
          <input id="minutes" name="minutes" type="number" min="0" max="1440" />
        </>
      )}
      <label for="effective">{say(POLICY.later)}</label>
      <input
        {...{ id: 'effective', name: 'effectiveAt', type: 'datetime-local' }}
        onInput={({ currentTarget: { value } }) => setLater(value !== '')}
      />
      {store.may('break-glass') && !isLater && (
        <PastApproval past={past} byCode={byCode} isFresh={isFresh} choose={setPast} />
      )}
      <div class="buttons">
        <button type="submit" class="main" disabled={isBusy || outcome === null}>
          {say(isProposed ? POLICY.propose : POLICY.save)}
        </button>
      </div>
    </form>
  )
}

interface PastProps extends Pick<InPerson, 'isFresh' | 'byCode'> {
  readonly past: boolean
  choose(past: boolean): void
}

/** Done in person. */
function PastApproval({ past, byCode, isFresh, choose }: PastProps) {
  const { say } = useWords()
  return (
    <>
      <label>
        <input type="checkbox" checked={past} onChange={({ currentTarget: { checked } }) => choose(checked)} />{' '}
        {say(POLICY.breakGlass)}
      </label>
      {past && byCode && (
        <label class="field">
          {say(IN_PERSON.codeAgain)}
          <input name="code" inputMode="numeric" autocomplete="one-time-code" required maxLength={40} />
        </label>
      )}
      {past && !isFresh && <small>{say(IN_PERSON.how)}</small>}
    </>
  )
}

function writingOf(form: HTMLFormElement, past: boolean): Writing & { readonly reason: string } {
  const said = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value).trim()]))
  const { reason = '', reference = '', minutes = '', effectiveAt = '' } = said
  return {
    reason,
    ...(reference === '' ? {} : { reference }),
    ...(minutes === '' ? {} : { confirmWithin: Math.round(Number(minutes) * 60) }),
    ...(effectiveAt === '' ? {} : { effectiveAt }),
    ...(past ? { breakGlass: 'true' } : {}),
  }
}
