// What of the policy has changed for an institution: itself, its sites, its tier. Each revision is looked through when
// somebody asks for it.

import { useState } from 'preact/hooks'
import type { Call, Schema } from '../call.js'
import { useStore, useWords } from '../store.js'
import { INSTITUTION } from '../words/institution-texts.js'
import type { Text } from '../words/texts.js'
import { useRevisionColumns } from './revision-deeds.js'
import { Table } from './table.js'

type Of = Pick<Schema['InstitutionDetail'], 'id' | 'tier' | 'sites'>

interface Change {
  readonly revision: Schema['Revision']
  readonly what: readonly Text[]
}

/** So many revisions are looked through. */
const MOST = 30

export function PolicyChanges({ of }: { readonly of: Of }) {
  const store = useStore()
  const { say } = useWords()
  const columns = useRevisionColumns()
  /** Null: nobody has asked. */
  const [found, setFound] = useState<readonly Change[] | null>(null)
  const find = (isOpen: boolean): void => {
    if (isOpen && found === null) changesOf(store.call, of).then(setFound, (error: unknown) => store.complain(error))
  }
  return (
    <details id="policy-changes" onToggle={({ currentTarget: { open } }) => find(open)}>
      <summary>{say(INSTITUTION.changes)}</summary>
      <div role="status">
        {found === null ? (
          <p class="quiet">{say(INSTITUTION.looking)}</p>
        ) : (
          <Table<Change>
            label={INSTITUTION.changes}
            empty={INSTITUTION.noChanges}
            rows={found}
            keyOf={({ revision }) => String(revision.revision)}
            columns={[
              ...columns.map(({ cell, head, look }) => ({
                ...{ head, ...(look && { look }) },
                cell: ({ revision }: Change) => cell(revision),
              })),
              { head: INSTITUTION.changed, cell: ({ what }) => what.map((one) => say(one)).join(', ') },
            ]}
          />
        )}
      </div>
    </details>
  )
}

/** The newest first. */
async function changesOf(call: Call, of: Of): Promise<Change[]> {
  const { items } = await call('get', '/v1/policy/revisions', { query: { pageSize: MOST } })
  const looked = items
    .filter(({ parent }) => parent !== null)
    .map(async (revision) => {
      const { changes } = await call('get', '/v1/policy/revisions/{n}/diff', { path: { n: revision.revision } })
      return { revision, what: touchedIn(changes, of) }
    })
  return (await Promise.all(looked)).filter(({ what }) => what.length > 0)
}

function touchedIn(changes: readonly { readonly pointer: string }[], { id, tier, sites }: Of): Text[] {
  const touches = (place: string): boolean =>
    changes.some(({ pointer }) => pointer === place || pointer.startsWith(`${place}/`))
  return [
    ...(touches(`/institutions/${id}`) ? [INSTITUTION.itself] : []),
    ...(sites.some((site) => touches(`/sites/${site.id}`)) ? [INSTITUTION.sites] : []),
    ...(touches(`/tiers/${tier}`) ? [INSTITUTION.whatIfTier] : []),
  ]
}
