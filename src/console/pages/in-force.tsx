// Everything that holds now, of every kind, in one table: on what, whose it is and why, until when; ended from here.

import type { Role } from '../../model/principal.js'
import { everyPage, type Schema } from '../call.js'
import { now } from '../clock.js'
import { collectionOf } from '../collections.js'
import { type Names, namesOf, useNames } from '../names.js'
import { definePage } from '../page.js'
import type { Lang } from '../page-data.js'
import { Deed } from '../parts/deed.js'
import { Confirm, GoBack, Sign } from '../parts/revision-deeds.js'
import { Table } from '../parts/table.js'
import { type Store, useStore, useWords } from '../store.js'
import { fieldNamed } from '../words/field-texts.js'
import { HELD, HELD_STATES, NETWORK } from '../words/network-texts.js'
import { POLICY } from '../words/policy-texts.js'
import { TEXTS } from '../words/texts.js'

type Row = Schema['InForce']

interface InForceData {
  readonly rows: readonly Row[]
  readonly names: Names
}

function InForce({ data: { rows, names } }: { readonly data: InForceData }) {
  const { say, time, lang } = useWords()
  const named = useNames(names)
  const unsigned = rows.filter(({ kind }) => kind === 'UNSIGNED').map(({ ref }) => ref)
  return (
    <>
      <h1>{say(TEXTS.inForce)}</h1>
      <Table
        id="held"
        label={TEXTS.inForce}
        rows={rows}
        keyOf={({ id }) => id}
        columns={[
          {
            head: NETWORK.held,
            cell: ({ kind, ref, state }) =>
              [
                say(HELD[kind]),
                named(REFS[kind] ?? '', ref),
                state !== null && say(HELD_STATES[state] ?? [state, state]),
              ]
                .filter(Boolean)
                .join(' · '),
          },
          {
            head: NETWORK.subjects,
            look: 'prose',
            cell: ({ subjects }) => subjects.map((subject) => subjectSaid(subject, lang, named)).join(', '),
          },
          { head: TEXTS.reason, look: 'prose', cell: ({ reason }) => reason ?? say(TEXTS.none) },
          { head: NETWORK.owner, cell: ({ owner, by }) => owner ?? by ?? say(TEXTS.none) },
          { head: NETWORK.since, look: 'time', cell: ({ since }) => (since === null ? say(TEXTS.none) : time(since)) },
          {
            head: NETWORK.until,
            look: 'time',
            cell: ({ until, kind }) =>
              until === null ? (kind === 'REVISION' ? say(TEXTS.none) : say(NETWORK.openEnd)) : time(until),
          },
          { head: NETWORK.end, look: 'act', cell: (row) => <End row={row} unsigned={unsigned} /> },
        ]}
      />
    </>
  )
}

/** Of which collection the ids of a kind are. */
const REFS: Partial<Record<Row['kind'], string>> = {
  ...{ MODE: 'modes', SCHEDULE: 'schedules', ENFORCEMENT: 'edges', DRAIN: 'edges', PIN: 'edges', LINK_STATE: 'groups' },
}

/** "institution min-afya": what it is, and its name where it has one. */
function subjectSaid(subject: string, lang: Lang, named: (collection: string, id: string) => string): string {
  const [kind = '', id] = subject.split(' ')
  if (id === undefined) return TEXTS.policy[lang === 'sw' ? 1 : 0]
  return `${fieldNamed(kind, lang)} ${named(collectionOf(kind), id)}`
}

const placesIn = ({ kind, ref, subjects }: Row): string[] => [
  ...(REFS[kind] === undefined ? [] : [`${REFS[kind]}/${ref}`]),
  ...subjects.flatMap((subject) => {
    const [of = '', id] = subject.split(' ')
    return id === undefined ? [] : [`${collectionOf(of)}/${id}`]
  }),
]

/** Others are ended by an operator. */
const ENDED_BY: Partial<Record<Row['kind'], readonly Role[]>> = {
  LINK_STATE: ['operator', 'engineer'],
  ...{ DRAIN: ['engineer'], ENFORCEMENT: ['engineer'] },
}

/** A schedule goes with a change of the policy, which is seen first; a trial has several ways to go on. */
function placeToEnd({ kind, ref, state }: Row): string | null {
  if (kind === 'SCHEDULE') return `/policy/schedules/${encodeURIComponent(ref)}`
  return kind === 'ENFORCEMENT' && state === 'trial' ? `/edges/${encodeURIComponent(ref)}` : null
}
/** What is asked for where it ends. */
const SAYS_WHY: readonly Row['kind'][] = ['MODE', 'ENFORCEMENT']

/** What ends it by itself; otherwise by which command it is ended. */
function End({ row, unsigned }: { readonly row: Row; readonly unsigned: readonly string[] }) {
  const store = useStore()
  const { say } = useWords()
  if (row.kind === 'REVISION' && row.state === 'pending' && store.may('operator'))
    return <Confirm of={Number(row.ref)} breakGlass={unsigned.includes(row.ref)} />
  if (row.kind === 'UNSIGNED' && store.may('approver')) return <Sign of={Number(row.ref)} />
  const back = /^POST \/v1\/policy\/revisions\/(\d+)\/rollback$/.exec(row.end.request ?? '')?.[1]
  if (row.kind === 'REVISION' && back !== undefined && store.may('operator'))
    return <GoBack to={Number(back)} title={POLICY.revert} done={POLICY.reverted} isGrave />
  const place = placeToEnd(row)
  if (place !== null) return <a href={place}>{say(row.kind === 'SCHEDULE' ? NETWORK.inPolicy : NETWORK.atEdge)}</a>
  const end = endOf(store, row)
  if (end !== null && store.may(...(ENDED_BY[row.kind] ?? ['operator'])))
    return (
      <Deed
        title={NETWORK.end}
        done={NETWORK.ended}
        fields={SAYS_WHY.includes(row.kind) ? [{ name: 'reason', label: TEXTS.reason }] : []}
        act={end}
      />
    )
  if (row.end.command === null) return <>{say(TEXTS.none)}</>
  return (
    <>
      {say(NETWORK.byCommand)} <code>{row.end.command}</code>
    </>
  )
}

type Act = (values: Readonly<Record<string, string>>) => Promise<unknown>

function endOf({ call }: Store, { kind, end }: Row): Act | null {
  const [, id = ''] = /\/v1\/\w+\/([^/]+)/.exec(end.request ?? '') ?? []
  const path = { id: decodeURIComponent(id) }
  switch (kind) {
    case 'OVERRIDE':
      return () => call('delete', '/v1/overrides/{id}', { path })
    case 'MODE':
      return ({ reason = '' }) => call('post', '/v1/modes/{id}/end', { path, body: { reason } })
    case 'FREEZE':
      return () => call('post', '/v1/unfreeze', {})
    case 'LINK_STATE':
      return () => call('post', '/v1/links/{id}/state', { path, body: { event: `console-${now()}`, state: 'up' } })
    case 'DRAIN':
      return () => call('delete', '/v1/edges/{id}/drain', { path })
    case 'ENFORCEMENT':
      if (end.request === null) return null
      return ({ reason = '' }) =>
        call('post', '/v1/edges/{id}/enforcement', { path, body: { enforcement: 'enforce', reason, until: null } })
    default:
      return null
  }
}

export const page = definePage<InForceData>({
  View: InForce,
  async load({ call, before }) {
    const rows = await everyPage((pageToken) => call('get', '/v1/in-force', { query: { pageSize: 1_000, pageToken } }))
    return { rows, names: await namesOf(call, rows.flatMap(placesIn), before?.names) }
  },
})
