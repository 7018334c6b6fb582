// A sheet with what was said of it so far, and what the policy makes of it: tried anew after each answer.

import { useEffect, useRef, useState } from 'preact/hooks'
import type { ApiAsked } from '../../client/api-operations.js'
import { Refused, type Schema } from '../call.js'
import { after } from '../clock.js'
import { type Table, writeTable } from '../sheet-text.js'
import { type Store, useStore } from '../store.js'

export type Found = Schema['ImportOutcome']

export const SHEET_KINDS = ['institutions', 'sites', 'contracts', 'agreements'] as const

export interface Sheet {
  readonly kind: (typeof SHEET_KINDS)[number]
  readonly table: Table
  /** What headers mean. */
  readonly columns: Readonly<Record<string, string>>
  /** Institutions by the names that it has for them. */
  readonly same: Readonly<Record<string, string>>
  /** For empty cells, by column. */
  readonly defaults: Readonly<Record<string, string>>
  readonly prune: boolean
}

interface Reading {
  readonly found: Found | null
  readonly refused: Refused | null
}

/** Tries the sheet, or takes it, as `asked` says. */
export function sendSheet(
  store: Store,
  kind: Sheet['kind'],
  asked: ApiAsked<'post', '/v1/policy/import/institutions'>,
) {
  if (kind === 'sites') return store.call('post', '/v1/policy/import/sites', asked)
  if (kind === 'contracts') return store.call('post', '/v1/policy/import/contracts', asked)
  if (kind === 'agreements') return store.call('post', '/v1/policy/import/agreements', asked)
  return store.call('post', '/v1/policy/import/institutions', asked)
}

export const bodyOf = ({ table, columns, same, defaults }: Sheet) => ({
  ...{ columns, same, defaults },
  csv: writeTable(table),
})

const PAUSE = 500

/** @returns null as long as it is being tried. */
export function useReading(sheet: Sheet): Reading | null {
  const store = useStore()
  const [reading, setReading] = useState<(Reading & { readonly of: Sheet; readonly on: number | null }) | null>(null)
  // On another policy the same sheet is another change.
  const on = store.revision.value
  const round = useRef(0)
  useEffect(() => {
    const mine = ++round.current
    return after(PAUSE, () => {
      const query = { dryRun: 'true', prune: sheet.prune ? 'true' : 'false' } as const
      const asked = { query, body: bodyOf(sheet) }
      sendSheet(store, sheet.kind, asked).then(
        (found) => {
          if (mine === round.current && !('proposal' in found)) setReading({ of: sheet, on, found, refused: null })
        },
        (error: unknown) => {
          if (mine !== round.current) return
          if (error instanceof Refused) setReading({ of: sheet, on, found: null, refused: error })
          else store.complain(error)
        },
      )
    })
  }, [sheet, on])
  // What was wrong stays to be seen while it is mended.
  const isOfNow = reading?.of === sheet && reading.on === on
  return isOfNow || (reading?.refused ?? null) !== null ? reading : null
}
