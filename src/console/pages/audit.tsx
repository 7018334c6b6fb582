// The trail: who did what, found by person, deed, subject, time or any word of it; and whether it is still what was
// written, as the server says and as whoever holds an earlier end can compare.

import { useState } from 'preact/hooks'
import { Refused, type Schema } from '../call.js'
import { now } from '../clock.js'
import { type Address, definePage, withQuery } from '../page.js'
import { ExportTrail, WaitingTrim } from '../parts/audit-trim.js'
import { InPersonDeed } from '../parts/in-person.js'
import { SheetButton } from '../parts/sheet.js'
import { type Column, Table } from '../parts/table.js'
import { useStore, useWords } from '../store.js'
import { TEXTS, type Text } from '../words/texts.js'
import { purgedSaid, verdictSaid, WATCH } from '../words/watch-texts.js'

type Entry = Schema['AuditEntry']

interface AuditData {
  readonly whole: string
  readonly at: number
  /** Null: whoever reads may prove the trail, and not read it. */
  readonly entries: readonly Entry[] | null
  readonly older: string | null
}

const OUTCOMES = ['done', 'refused', 'unknown'] as const
const PAGE = 100
/** The trail is read anew so often, and not with every tick. */
const LASTS = 20_000

function Audit({ data, address }: { readonly data: AuditData; readonly address: Address }) {
  const store = useStore()
  const { say, lang } = useWords()
  return (
    <>
      <h1>{say(TEXTS.audit)}</h1>
      <p class="quiet">{say(WATCH.trailHow)}</p>
      {store.may('auditor', 'approver') && <Verify />}
      {data.entries === null ? (
        <p>{say(TEXTS.noRights)}</p>
      ) : (
        <Trail data={data} entries={data.entries} address={address} />
      )}
      {store.may('auditor') && <ExportTrail />}
      {store.may('auditor') && (
        <p>
          <InPersonDeed
            id="purge"
            title={WATCH.purge}
            done={WATCH.purged}
            isGrave
            fields={[{ name: 'reason', label: TEXTS.reason }]}
            act={async ({ reason = '' }) => {
              const { entries } = await store.call('post', '/v1/audit/purge', { body: { reason } })
              return purgedSaid(lang, entries.length)
            }}
          />
        </p>
      )}
    </>
  )
}

interface TrailProps {
  readonly data: AuditData
  readonly entries: readonly Entry[]
  readonly address: Address
}

function Trail({ data, entries, address }: TrailProps) {
  const { say } = useWords()
  return (
    <>
      <Filters address={address} />
      <Table id="trail" label={TEXTS.audit} rows={entries} keyOf={({ n }) => String(n)} columns={useColumns()} />
      <p class="row">
        {address.query.has('pageToken') && (
          <a href={withQuery(address, { pageToken: undefined })}>{say(WATCH.newest)}</a>
        )}
        {data.older !== null && <a href={withQuery(address, { pageToken: data.older })}>{say(WATCH.older)}</a>}
      </p>
    </>
  )
}

function useColumns(): Column<Entry>[] {
  const { say, time } = useWords()
  return [
    { head: TEXTS.time, look: 'time', cell: (entry) => `${time(entry.time)} · ${entry.n}` },
    { head: WATCH.actor, cell: ({ actor }) => actor },
    { head: WATCH.action, cell: ({ action, times }) => (times > 1 ? `${action} × ${times}` : action) },
    { head: WATCH.subject, cell: ({ subject }) => subject || say(TEXTS.none) },
    {
      ...{ head: WATCH.outcome, cell: ({ outcome, code }) => [say(WATCH[outcome]), code].filter(Boolean).join(' · ') },
      mark: ({ outcome }) => (outcome === 'done' ? undefined : outcome === 'refused' ? 'warn' : 'bad'),
    },
    { head: TEXTS.reason, look: 'prose', cell: ({ reason }) => reason ?? say(TEXTS.none) },
    { head: WATCH.details, cell: (entry) => <Details entry={entry} /> },
  ]
}

function Details({ entry }: { readonly entry: Entry }) {
  const { say } = useWords()
  const rows: readonly (readonly [Text, unknown])[] = [
    [WATCH.way, `${entry.via} · ${entry.address}`],
    [WATCH.reference, entry.reference],
    [WATCH.beforeIt, entry.before],
    [WATCH.afterIt, entry.after],
    [WATCH.request, entry.requestId],
  ]
  return (
    <details>
      <summary>{say(WATCH.details)}</summary>
      <dl>
        {rows.map(([label, value]) =>
          value === null || value === undefined ? null : (
            <div key={label[0]}>
              <dt>{say(label)}</dt>
              <dd class="raw">{typeof value === 'string' ? value : JSON.stringify(value)}</dd>
            </div>
          ),
        )}
      </dl>
    </details>
  )
}

const FIELDS = ['actor', 'action', 'subject', 'q'] as const

function Filters({ address }: { readonly address: Address }) {
  const store = useStore()
  const { say } = useWords()
  const { query } = address
  const search = (event: Event): void => {
    event.preventDefault()
    const said = new FormData(event.currentTarget as HTMLFormElement)
    const wanted = Object.fromEntries([...said].map(([name, value]) => [name, String(value).trim()]))
    store.go(withQuery(address, { ...wanted, pageToken: undefined }))
  }
  const labels = { actor: WATCH.actor, action: WATCH.action, subject: WATCH.subject, q: WATCH.anywhere }
  return (
    <form key={query.toString()} class="row filters" role="search" onSubmit={search}>
      {FIELDS.map((name) => (
        <label key={name}>
          {say(labels[name])}
          <input type="search" name={name} maxLength={200} defaultValue={query.get(name) ?? ''} />
        </label>
      ))}
      <label>
        {say(WATCH.outcome)}
        <select name="outcome">
          <option value="">{say(TEXTS.everything)}</option>
          {OUTCOMES.map((outcome) => (
            <option key={outcome} value={outcome} selected={query.get('outcome') === outcome}>
              {say(WATCH[outcome])}
            </option>
          ))}
        </select>
      </label>
      {(['from', 'until'] as const).map((name) => (
        <label key={name}>
          {say(WATCH[name])}
          <input type="date" name={name} defaultValue={query.get(name) ?? ''} />
        </label>
      ))}
      <button type="submit" class="main">
        {say(WATCH.search)}
      </button>
      <SheetButton address={`/v1/audit?${addressed(address, 1_000)}`} file="audit.csv" />
    </form>
  )
}

function Verify() {
  const store = useStore()
  const { say, lang } = useWords()
  const [found, setFound] = useState<Schema['AuditVerdict'] | 'busy' | null>(null)
  const verify = (): void => {
    setFound('busy')
    store.call('get', '/v1/audit/verify', {}).then(setFound, (error: unknown) => {
      setFound(null)
      store.complain(error)
    })
  }
  const isWrong = found !== null && found !== 'busy' && !found.ok
  return (
    <div class="row">
      <button type="button" id="verify" disabled={found === 'busy'} onClick={verify}>
        {say(WATCH.verify)}
      </button>
      <p id="verdict" role="status" class={isWrong ? 'bad' : undefined}>
        {found === 'busy' ? say(WATCH.verifying) : found !== null && verdictSaid(lang, found)}
      </p>
      {found !== null && found !== 'busy' && <WaitingTrim trim={found.trim} done={setFound} />}
    </div>
  )
}

/** What the address asks for, as the API is asked. */
function asked({ query }: Address, pageSize: number) {
  const said = (name: string): string | undefined => query.get(name) || undefined
  const day = (name: string, clock: string): string | undefined => said(name) && `${said(name)}T${clock}`
  return {
    ...{ pageSize, pageToken: said('pageToken'), actor: said('actor'), action: said('action') },
    ...{ subject: said('subject'), q: said('q'), outcome: OUTCOMES.find((outcome) => outcome === said('outcome')) },
    ...{ since: day('from', '00:00'), until: day('until', '23:59') },
  }
}

const addressed = (address: Address, pageSize: number): string =>
  new URLSearchParams(
    Object.entries(asked(address, pageSize)).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, String(value)]],
    ),
  ).toString()

async function unlessForbidden<Body>(answer: Promise<Body>): Promise<Body | null> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof Refused && error.status === 403) return null
    throw error
  }
}

export const page = definePage<AuditData>({
  View: Audit,
  async load({ call, address, before }) {
    const { whole } = address
    if (before !== undefined && before.whole === whole && now() - before.at < LASTS) return before
    const read = await unlessForbidden(call('get', '/v1/audit', { query: asked(address, PAGE) }))
    return { whole, at: now(), entries: read?.items ?? null, older: read?.nextPageToken ?? null }
  },
})
