// What tables say of a revision, and what can still be done with one: it is confirmed, signed, or gone back to.

import type { Schema } from '../call.js'
import { type Store, type Undo, useStore, useWords } from '../store.js'
import { POLICY } from '../words/policy-texts.js'
import { TEXTS, type Text } from '../words/texts.js'
import { Deed } from './deed.js'
import { InPersonDeed } from './in-person.js'
import type { Column } from './table.js'

/** Which, when, whose and why. */
export function useRevisionColumns(): Column<Schema['Revision']>[] {
  const { time } = useWords()
  return [
    { head: POLICY.revision, cell: ({ revision }) => <a href={`/policy/revisions/${revision}`}>{revision}</a> },
    { head: TEXTS.time, look: 'time', cell: ({ at }) => time(at) },
    { head: POLICY.author, cell: ({ author }) => author },
    {
      head: TEXTS.reason,
      look: 'prose',
      cell: ({ reason, reference }) => [reason, reference].filter(Boolean).join(' · '),
    },
  ]
}

interface Props {
  readonly of: number
}

/** What takes back a change that was just made, and nothing that comes after it; null: it waits, or changed nothing. */
export function undoOf(
  { call }: Store,
  { base, revision, confirmBy }: Schema['PolicyOutcome'],
  reason: string,
): Undo | null {
  if (confirmBy !== null || revision === base) return null
  const query = { reason, only: revision }
  return () => call('post', '/v1/policy/revisions/{n}/rollback', { path: { n: base }, query })
}

/** What went past approval is confirmed by an approver, in person. */
export function Confirm({ of: n, breakGlass }: Props & { readonly breakGlass: boolean }) {
  const store = useStore()
  if (!store.may('operator') || (breakGlass && !store.may('approver'))) return null
  const How = breakGlass ? InPersonDeed : Deed
  return (
    <How
      id="confirm"
      title={POLICY.confirm}
      done={POLICY.confirmed}
      fields={[]}
      act={() => store.call('post', '/v1/policy/revisions/{n}/confirm', { path: { n } })}
    />
  )
}

export function Sign({ of: n }: Props) {
  const store = useStore()
  if (!store.may('approver')) return null
  return (
    <InPersonDeed
      title={POLICY.sign}
      done={POLICY.signed}
      fields={[]}
      act={() => store.call('post', '/v1/policy/revisions/{n}/sign', { path: { n } })}
    />
  )
}

interface GoBackProps {
  readonly to: number
  /** What it is to undo, and nothing that came after it; without it, all that came after `to`. */
  readonly only?: number
  readonly id?: string
  readonly isGrave?: boolean
  readonly title?: Text
  readonly done?: Text
}

export function GoBack({ to: n, only, title = POLICY.restore, done = POLICY.restored, ...looks }: GoBackProps) {
  const store = useStore()
  if (!store.may('operator')) return null
  return (
    <Deed
      {...looks}
      title={title}
      done={done}
      fields={[{ name: 'reason', label: TEXTS.reason }]}
      act={({ reason }) =>
        store.call('post', '/v1/policy/revisions/{n}/rollback', { path: { n }, query: { reason, only } })
      }
      undo={(made, { reason = '' }) => (only === undefined ? undoOf(store, made, reason) : null)}
    />
  )
}
