// The policy: what waits to be confirmed, where each part of it is changed, and its history, of which any revision
// can be looked into and restored.

import { FIELDS } from '../../model/field-names.js'
import type { Schema } from '../call.js'
import { type Address, definePage, withQuery } from '../page.js'
import { Pending } from '../parts/pending.js'
import { GoBack, Sign, useRevisionColumns } from '../parts/revision-deeds.js'
import { type Column, Table } from '../parts/table.js'
import { useStore, useWords } from '../store.js'
import { fieldNamed } from '../words/field-texts.js'
import { POLICY } from '../words/policy-texts.js'
import { TEXTS } from '../words/texts.js'

type Revision = Schema['Revision']

interface PolicyData {
  readonly newest: Revision | null
  readonly revisions: readonly Revision[]
  readonly older: string | null
  /** Proposals that wait for somebody, or are agreed and wait to be made: "3", "100+". */
  readonly open: string
}

/** In the order in which they are looked for. */
const COLLECTIONS = [
  ...['institutions', 'tiers', 'envelopes', 'schedules', 'calendars', 'modes', 'guards', 'tests', 'links', 'edges'],
  ...['sites', 'services', 'nodes', 'groups', 'classes', 'regions', 'categories', 'former', 'plane', 'bands'],
  ...['contracts', 'agreements', 'sharing'],
].filter((name) => Object.hasOwn(FIELDS, name))
const PAGE = 50

function Policy({ data, address }: { readonly data: PolicyData; readonly address: Address }) {
  const { say, lang } = useWords()
  const { newest, revisions, older, open } = data
  return (
    <>
      <h1>{say(TEXTS.policy)}</h1>
      {newest?.waits && <Pending {...newest} />}
      <section>
        <h2>{say(POLICY.edit)}</h2>
        <p class="quiet">{say(POLICY.editHow)}</p>
        <ul class="chips">
          {COLLECTIONS.map((name) => (
            <li key={name}>
              <a href={`/policy/${name}`}>{fieldNamed(name, lang)}</a>
            </li>
          ))}
        </ul>
        <p class="row">
          <a class="button" href="/policy/whole">
            {say(POLICY.wholeText)}
          </a>
          <a class="button" href="/import">
            {say(POLICY.importSheet)}
          </a>
          <a class="button" href="/proposals">
            {say(TEXTS.proposals)} ({say(POLICY.waiting)}: {open})
          </a>
        </p>
      </section>
      <section>
        <h2>{say(POLICY.history)}</h2>
        <Table
          id="revisions"
          label={POLICY.history}
          rows={revisions}
          keyOf={({ revision }) => String(revision)}
          columns={useColumns()}
        />
        {older !== null && (
          <p>
            <a href={withQuery(address, { pageToken: older })}>{say(POLICY.earlier)}</a>
          </p>
        )}
      </section>
    </>
  )
}

function useColumns(): Column<Revision>[] {
  const store = useStore()
  const { say } = useWords()
  const kinds = { commit: POLICY.commit, rollback: POLICY.rollback, revert: POLICY.revertKind }
  return [
    ...useRevisionColumns(),
    {
      head: TEXTS.state,
      cell: ({ kind, waits, unsigned, revision }) =>
        [
          say(kinds[kind]),
          ...(revision === store.revision.value ? [say(POLICY.inForce)] : []),
          ...(waits ? [say(POLICY.waits)] : []),
          ...(unsigned ? [say(POLICY.unsigned)] : []),
        ].join(' · '),
      mark: ({ waits, unsigned }) => (waits || unsigned ? 'warn' : undefined),
    },
    { head: POLICY.approvedBy, cell: ({ approvedBy }) => approvedBy ?? say(POLICY.needsNone) },
    { head: TEXTS.act, look: 'act', cell: (row) => <Acts row={row} /> },
  ]
}

function Acts({ row: { revision: n, unsigned } }: { readonly row: Revision }) {
  const store = useStore()
  if (unsigned && store.may('approver')) return <Sign of={n} />
  return n === store.revision.value ? null : <GoBack to={n} />
}

export const page = definePage<PolicyData>({
  View: Policy,
  concerns: ['revision'],
  async load({ call, address }) {
    const pageToken = Number(address.query.get('pageToken')) || undefined
    const waiting = (state: 'open' | 'approved') => call('get', '/v1/proposals', { query: { pageSize: 100, state } })
    const [{ items, nextPageToken }, latest, open, agreed] = await Promise.all([
      call('get', '/v1/policy/revisions', { query: { pageSize: PAGE, pageToken } }),
      call('get', '/v1/policy/revisions', { query: { pageSize: 1 } }),
      waiting('open'),
      waiting('approved'),
    ])
    return {
      newest: latest.items[0] ?? null,
      revisions: items,
      older: nextPageToken,
      open: `${open.items.length + agreed.items.length}${(open.nextPageToken ?? agreed.nextPageToken) ? '+' : ''}`,
    }
  },
})
