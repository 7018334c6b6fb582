// A sheet from somewhere else, taken in steps: what its columns mean, who is meant by names that are nearly somebody's,
// cells that cannot be understood mended where they stand, then who gains and loses, and only then it is saved, as a
// whole. What was done so far stays in the tab.

import { useEffect, useState } from 'preact/hooks'
import { keepDraft, readDraft } from '../browser.js'
import type { Schema } from '../call.js'
import { definePage } from '../page.js'
import { FileChoice } from '../parts/file-choice.js'
import { ImportColumns } from '../parts/import-columns.js'
import { ImportResult } from '../parts/import-result.js'
import { ImportRows } from '../parts/import-rows.js'
import { SHEET_KINDS, type Sheet, useReading } from '../parts/import-sheet.js'
import { Pending } from '../parts/pending.js'
import { useReady } from '../parts/ready.js'
import { SheetButton } from '../parts/sheet.js'
import { decoded, readTable } from '../sheet-text.js'
import { useStore, useWords } from '../store.js'
import { IMPORT, rowsSaid } from '../words/import-texts.js'
import { POLICY } from '../words/policy-texts.js'

interface ImportData {
  readonly newest: Schema['Revision'] | null
}

const DRAFT = '/import'

function Import({ data: { newest } }: { readonly data: ImportData }) {
  const store = useStore()
  const { say } = useWords()
  const [sheet, setSheet] = useState<Sheet | null>(null)
  // This page has written it.
  useEffect(() => setSheet(JSON.parse(readDraft(DRAFT) ?? 'null') as Sheet | null), [])
  const keep = (next: Sheet | null): void => {
    keepDraft(DRAFT, next === null ? null : JSON.stringify(next))
    setSheet(next)
  }
  return (
    <>
      <p>
        <a href="/policy">{say(POLICY.backToPolicy)}</a>
      </p>
      <h1>{say(IMPORT.title)}</h1>
      <p class="quiet">{say(IMPORT.how)}</p>
      {newest?.waits && <Pending {...newest} />}
      {!store.may('operator', 'engineer') ? (
        <p>{say(IMPORT.mayNot)}</p>
      ) : sheet === null ? (
        <Choose choose={keep} />
      ) : (
        <Steps sheet={sheet} change={keep} />
      )}
    </>
  )
}

function Choose({ choose }: { choose(sheet: Sheet): void }) {
  const store = useStore()
  const { say } = useWords()
  const isReady = useReady()
  const [kind, setKind] = useState<Sheet['kind']>('institutions')
  const read = async (event: Event): Promise<void> => {
    event.preventDefault()
    const said = new FormData(event.currentTarget as HTMLFormElement)
    const file = said.get('file')
    const isFile = file instanceof File && file.size > 0
    const table = readTable(isFile ? decoded(await file.arrayBuffer()) : String(said.get('text') ?? ''))
    if (table.rows.length === 0) return store.say(say(IMPORT.empty), true)
    choose({ kind, table, columns: {}, same: {}, defaults: {}, prune: false })
  }
  return (
    <form id="choose" method="post" class="tall" onSubmit={(event) => void read(event)}>
      <label for="kind">{say(IMPORT.kind)}</label>
      <select
        id="kind"
        value={kind}
        onChange={({ currentTarget: { value } }) => setKind(SHEET_KINDS.find((one) => one === value) ?? 'institutions')}
      >
        <option value="institutions">{say(IMPORT.institutions)}</option>
        <option value="sites">{say(IMPORT.sites)}</option>
        <option value="contracts">{say(IMPORT.contracts)}</option>
        <option value="agreements">{say(IMPORT.agreements)}</option>
      </select>
      <FileChoice label={IMPORT.file} accept=".csv,.txt,.tsv,text/csv" />
      <label for="text">{say(IMPORT.paste)}</label>
      <textarea id="text" name="text" class="code" rows={6} spellcheck={false} />
      <div class="buttons">
        <button type="submit" class="main" disabled={!isReady}>
          {say(IMPORT.read)}
        </button>
        <span>
          {say(IMPORT.present)}: <SheetButton address={`/v1/policy/export/${kind}`} file={`${kind}.csv`} />
        </span>
      </div>
    </form>
  )
}

function Steps({ sheet, change }: { readonly sheet: Sheet; change(sheet: Sheet | null): void }) {
  const { say, lang } = useWords()
  const reading = useReading(sheet)
  const faults = reading?.refused?.problem.errors ?? []
  return (
    <>
      <div class="row">
        <p>{rowsSaid(lang, sheet.table.rows.length)}</p>
        <button type="button" onClick={() => change(null)}>
          {say(IMPORT.again)}
        </button>
      </div>
      <ImportColumns sheet={sheet} found={reading?.found ?? null} change={change} />
      <section aria-live="polite">
        {reading === null && <p class="quiet">{say(POLICY.checking)}</p>}
        {reading?.refused && <ImportRows sheet={sheet} refused={reading.refused} faults={faults} change={change} />}
      </section>
      {reading?.found && <ImportResult sheet={sheet} found={reading.found} change={change} />}
    </>
  )
}

export const page = definePage<ImportData>({
  View: Import,
  concerns: ['revision'],
  async load({ call }) {
    const { items } = await call('get', '/v1/policy/revisions', { query: { pageSize: 1 } })
    return { newest: items[0] ?? null }
  },
})
