// The trail is cut off by two people. The first reads it to its end, which is how it is exported, and asks; the second,
// an approver whom another has vouched for, agrees to just that.

import { useState } from 'preact/hooks'
import { type Call, everyPage, type Schema } from '../call.js'
import { useStore, useWords } from '../store.js'
import { TEXTS } from '../words/texts.js'
import { trimSaid, WATCH } from '../words/watch-texts.js'
import { Deed } from './deed.js'
import { InPersonDeed } from './in-person.js'
import { saveAs } from './sheet.js'

type Verdict = Schema['AuditVerdict']

interface Exported {
  readonly through: Verdict['head']
  /** That it was read to its end, and by whom. */
  readonly receipt: string
}

/** Lines as `mizani audit export` writes them, so that the same command proves them. */
async function exportTrail(call: Call): Promise<Exported | null> {
  const { base, plane } = await call('get', '/v1/audit/verify', {})
  const last: { receipt: string | null } = { receipt: null }
  const entries = await everyPage(async (pageToken) => {
    const page = await call('get', '/v1/audit', { query: { order: 'oldest', pageSize: 1_000, pageToken } })
    last.receipt = page.receipt
    return page
  })
  saveAs('audit.jsonl', [{ base, plane }, ...entries].map((line) => `${JSON.stringify(line)}\n`).join(''))
  const end = entries.at(-1)
  return end === undefined || last.receipt === null
    ? null
    : { through: { n: end.n, hash: end.hash }, receipt: last.receipt }
}

export function ExportTrail() {
  const store = useStore()
  const { say } = useWords()
  const [exported, setExported] = useState<Exported | null>(null)
  return (
    <p>
      <Deed
        id="export"
        title={WATCH.exportAll}
        done={WATCH.exported}
        fields={[]}
        act={async () => setExported(await exportTrail(store.call))}
      />{' '}
      {exported !== null && (
        <InPersonDeed
          id="trim"
          title={WATCH.trim}
          done={WATCH.trimAsked}
          isGrave
          fields={[{ name: 'reason', label: TEXTS.reason }]}
          act={async ({ reason = '' }) => {
            await store.call('post', '/v1/audit/trim', { body: { ...exported, reason } })
            setExported(null)
          }}
        />
      )}{' '}
      <small>{say(WATCH.trimHow)}</small>
    </p>
  )
}

/** What waits for the second person; `done` is told how the trail stands then. */
export function WaitingTrim({ trim, done }: { readonly trim: Verdict['trim']; done(verdict: Verdict): void }) {
  const store = useStore()
  const { lang, time } = useWords()
  if (trim === null) return null
  const { through, reason, by, until } = trim
  return (
    <div class="notice">
      <p>{trimSaid(lang, { n: through.n, reason, by, until: time(until) })}</p>
      {store.may('approver') && by !== store.me.value?.actor && (
        <InPersonDeed
          id="agree-trim"
          title={WATCH.agreeTrim}
          done={WATCH.trimmed}
          isGrave
          fields={[]}
          act={async () => done(await store.call('post', '/v1/audit/trim', { body: { through, reason } }))}
        />
      )}
    </div>
  )
}
