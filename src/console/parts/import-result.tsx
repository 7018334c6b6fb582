// What a sheet would change, row by row, who gains and loses by it; and its saving, or proposing.

import { useState } from 'preact/hooks'
import { useStore, useWords } from '../store.js'
import { countsSaid, IMPORT, warningSaid } from '../words/import-texts.js'
import { POLICY } from '../words/policy-texts.js'
import { TEXTS } from '../words/texts.js'
import { ImpactShown } from './impact.js'
import { bodyOf, type Found, type Sheet, sendSheet } from './import-sheet.js'
import { undoOf } from './revision-deeds.js'
import { Table } from './table.js'

interface Props {
  readonly sheet: Sheet
  readonly found: Found
  change(sheet: Sheet | null): void
}

const MOST = 200

export function ImportResult({ sheet, found, change }: Props) {
  const { say, lang } = useWords()
  const { counts, rows, warnings, missing } = found.import
  const moved = rows.filter(({ verdict }) => verdict !== 'same')
  return (
    <section id="result">
      <h2>{say(IMPORT.result)}</h2>
      <p class="sentence">{countsSaid(lang, counts)}</p>
      <Table
        label={IMPORT.result}
        empty={POLICY.noChanges}
        rows={moved.slice(0, MOST)}
        keyOf={({ line, id }) => `${line} ${id}`}
        columns={[
          { head: IMPORT.line, cell: ({ line }) => line },
          { head: POLICY.id, cell: ({ id }) => id },
          { head: IMPORT.verdict, cell: ({ verdict }) => say(IMPORT[verdict]) },
          { head: POLICY.place, cell: ({ changes }) => changes.map(({ pointer }) => pointer).join(' ') },
        ]}
      />
      {warnings.length > 0 && (
        <ul class="warn">
          {warnings.map(({ line, site, code }) => (
            <li key={`${line} ${site}`}>{warningSaid(lang, line, site, code)}</li>
          ))}
        </ul>
      )}
      {missing.length > 0 && (
        <details>
          <summary>
            {say(IMPORT.missing)} ({missing.length})
          </summary>
          <p class="raw">{missing.join(', ')}</p>
          <label>
            <input
              type="checkbox"
              checked={sheet.prune}
              onChange={({ currentTarget: { checked } }) => change({ ...sheet, prune: checked })}
            />{' '}
            {say(IMPORT.prune)}
          </label>
        </details>
      )}
      <h2>{say(POLICY.preview)}</h2>
      <ImpactShown preview={found} warnings={found.warnings} guards={found.guards} />
      <Save sheet={sheet} found={found} done={() => change(null)} />
    </section>
  )
}

function Save({ sheet, found, done }: { readonly sheet: Sheet; readonly found: Found; done(): void }) {
  const store = useStore()
  const { say } = useWords()
  const [isBusy, setBusy] = useState(false)
  const propose = found.needsApproval
  const save = async (event: Event): Promise<void> => {
    event.preventDefault()
    const said = new FormData(event.currentTarget as HTMLFormElement)
    const reference = String(said.get('reference') ?? '').trim()
    const query = {
      ...{ reason: String(said.get('reason') ?? ''), reference: reference === '' ? undefined : reference },
      ...{ prune: yesNo(sheet.prune), propose: yesNo(propose) },
    }
    const asked = { query, body: bodyOf(sheet) }
    setBusy(true)
    try {
      const made = await sendSheet(store, sheet.kind, asked)
      const undo = 'proposal' in made ? null : undoOf(store, made, query.reason)
      store.say(say(propose ? POLICY.proposed : IMPORT.saved), false, undo)
      done()
      await store.refresh()
    } catch (error) {
      store.complain(error)
    } finally {
      setBusy(false)
    }
  }
  return (
    <form id="save" method="post" class="card tall" onSubmit={(event) => void save(event)}>
      <label for="reason">{say(TEXTS.reason)}</label>
      <input id="reason" name="reason" required maxLength={500} />
      <label for="reference">{say(POLICY.reference)}</label>
      <input id="reference" name="reference" maxLength={500} />
      <div class="buttons">
        <button type="submit" class="main" disabled={isBusy}>
          {say(propose ? POLICY.propose : IMPORT.save)}
        </button>
      </div>
    </form>
  )
}

const yesNo = (is: boolean): 'true' | 'false' => (is ? 'true' : 'false')
