// A change that has been tried, saved: why, for how long it may be taken back by itself, from when on; or proposed to a
// second person where a guard asks for one.

import { useState } from 'preact/hooks'
import { Refused } from '../call.js'
import type { Draft } from '../differences.js'
import type { Outcome, PolicySource, Writing } from '../policy-source.js'
import { useStore, useWords } from '../store.js'
import { POLICY } from '../words/policy-texts.js'
import { TEXTS } from '../words/texts.js'

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
  const [isBusy, setBusy] = useState(false)
  const [past, setPast] = useState(false)
  const isProposed = outcome?.needsApproval === true && !past
  const save = async (event: Event): Promise<void> => {
    event.preventDefault()
    const asked = writingOf(event.currentTarget as HTMLFormElement, past)
    setBusy(true)
    try {
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
        store.say(say('proposal' in made ? POLICY.proposed : POLICY.saved))
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
      {!isProposed && (
        <>
          <label for="minutes">{say(POLICY.minutes)}</label>
          <input id="minutes" name="minutes" type="number" min="0" max="1440" />
        </>
      )}
      <label for="effective">{say(POLICY.later)}</label>
      <input id="effective" name="effectiveAt" type="datetime-local" />
      {store.may('break-glass') && (
        <label>
          <input type="checkbox" checked={past} onChange={({ currentTarget: { checked } }) => setPast(checked)} />{' '}
          {say(POLICY.breakGlass)}
        </label>
      )}
      <div class="buttons">
        <button type="submit" class="main" disabled={isBusy || outcome === null}>
          {say(isProposed ? POLICY.propose : POLICY.save)}
        </button>
      </div>
    </form>
  )
}

function writingOf(form: HTMLFormElement, past: boolean): Writing & { readonly reason: string } {
  const said = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value).trim()]))
  const { reason = '', reference = '', minutes = '', effectiveAt = '' } = said
  return {
    reason,
    ...(reference === '' ? {} : { reference }),
    ...(effectiveAt === '' ? (minutes === '' ? {} : { confirmWithin: Number(minutes) * 60 }) : { effectiveAt }),
    ...(past ? { breakGlass: 'true' } : {}),
  }
}
