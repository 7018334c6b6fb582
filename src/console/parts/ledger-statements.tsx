// The statements of a month, one row an institution: found by any word, saved as a sheet.

import { useState } from 'preact/hooks'
import { formatMinutes, fromKbps, percentOf } from '../../model/units.js'
import type { Schema } from '../call.js'
import { type Names, useNames } from '../names.js'
import { useWords } from '../store.js'
import { LEDGER } from '../words/ledger-texts.js'
import type { Text } from '../words/texts.js'
import { InstitutionLink } from './institution-link.js'
import { paidBy, parted } from './money.js'
import { SaveTable } from './sheet.js'
import { type Column, Table } from './table.js'

type Month = Schema['LedgerMonth']
type Institution = Month['institutions'][number]

interface StatementsProps {
  readonly month: Month
  readonly names: Names
}

export function MonthStatements({ month, names }: StatementsProps) {
  const { say } = useWords()
  const named = useNames(names)
  const [wanted, setWanted] = useState('')
  const paid = paidBy(month.charges)
  const nameOf = (id: string): string => named(collectionOf(names, id), id)
  const words = wanted.trim().toLowerCase().split(/\s+/)
  const rows = month.institutions.filter((one) => {
    const { institution, tiers } = one
    const places = [`${collectionOf(names, institution)}/${institution}`, ...tiers.map((tier) => `tiers/${tier}`)]
    const said = [institution, ...tiers, ...places.flatMap((place) => names[place] ?? [])].join(' ').toLowerCase()
    return words.every((word) => said.includes(word))
  })
  return (
    <section>
      <h2>{say(LEDGER.statements)}</h2>
      <div class="row filters">
        <label>
          {say(LEDGER.find)}
          <input
            type="search"
            id="find-statement"
            maxLength={200}
            value={wanted}
            onInput={({ currentTarget: { value } }) => setWanted(value)}
          />
        </label>
        <SaveTable file={`ledger-${month.month}.csv`} table={() => sheetOf(rows, nameOf, paid)} />
      </div>
      <Table<Institution>
        id="statements"
        label={LEDGER.statements}
        rows={rows}
        keyOf={({ institution }) => institution}
        columns={useColumns(month.month, nameOf, (id) => named('tiers', id), paid)}
      />
    </section>
  )
}

/** Who is closed has left a name elsewhere. */
const collectionOf = (names: Names, id: string): string =>
  Object.hasOwn(names, `institutions/${id}`) ? 'institutions' : 'former'

function useColumns(
  month: string,
  nameOf: (id: string) => string,
  tierOf: (id: string) => string,
  paid: ReadonlyMap<string, string> | null,
): Column<Institution>[] {
  const { say, rate } = useWords()
  const mean = (kbps: number | null): string => (kbps === null ? say(LEDGER.unseen) : rate(fromKbps(kbps)))
  const columns: Column<Institution>[] = [
    {
      head: LEDGER.statement,
      cell: ({ institution }) => (
        <InstitutionLink
          id={institution}
          name={nameOf(institution)}
          href={`/ledger/${month}/${encodeURIComponent(institution)}`}
        />
      ),
    },
    { head: LEDGER.tier, cell: ({ tiers }) => tiers.map(tierOf).join(', ') },
    { head: LEDGER.asked, isNumber: true, cell: ({ asked }) => mean(asked) },
    { head: LEDGER.used, isNumber: true, cell: ({ used }) => mean(used) },
    {
      ...{ head: LEDGER.below, isNumber: true, cell: ({ minutesBelow }) => formatMinutes(minutesBelow) },
      mark: ({ minutesBelow }) => (minutesBelow > 0 ? 'warn' : undefined),
    },
    { head: LEDGER.kept, isNumber: true, cell: ({ attainment }) => partSaid(attainment) ?? say(LEDGER.unseen) },
    {
      ...{ head: LEDGER.agreed, cell: (one) => say(verdictOf(one)) },
      mark: (one) => (verdictOf(one) === LEDGER.notKept ? 'bad' : undefined),
    },
  ]
  if (paid !== null)
    columns.push({ head: LEDGER.amount, isNumber: true, cell: ({ institution }) => sumSaid(paid.get(institution)) })
  return columns
}

/** "USD 31000.00, TZS 5.00" with thousands parted; who pays nothing pays it in no currency. */
const sumSaid = (paid: string | undefined): string =>
  (paid ?? '0')
    .split(', ')
    .map((one) =>
      one
        .split(' ')
        .map((part) => (/^-?\d/.test(part) ? parted(part) : part))
        .join(' '),
    )
    .join(', ')

/** "99.58 %". @param agreed what it is held against */
export const partSaid = (part: number | null, agreed?: number): string | null =>
  part === null ? null : percentOf(part, agreed)

function verdictOf({ agreements }: Institution): Text {
  if (agreements.length === 0) return LEDGER.none
  if (agreements.some(({ kept }) => kept === false)) return LEDGER.notKept
  return agreements.every(({ kept }) => kept === true) ? LEDGER.wasKept : LEDGER.unseen
}

/** For programs: names of the API, kbit/s, and nothing where nothing is known. */
function sheetOf(
  rows: readonly Institution[],
  nameOf: (id: string) => string,
  paid: ReadonlyMap<string, string> | null,
) {
  const said = (value: number | null): string => (value === null ? '' : String(value))
  const header = [
    ...['institution', 'name', 'tiers', 'asked', 'served', 'used', 'missed', 'seen', 'slots', 'minutesBelow'],
    ...['attainment', 'agreements', ...(paid === null ? [] : ['amount'])],
  ]
  return {
    header,
    rows: rows.map((one) => [
      ...[one.institution, nameOf(one.institution), one.tiers.join(' ')],
      ...[one.asked, one.served, one.used, one.missed, one.seen, one.slots, one.minutesBelow, one.attainment].map(said),
      one.agreements.map(({ reference, kept }) => `${reference}: ${kept ?? 'not seen'}`).join('; '),
      ...(paid === null ? [] : [paid.get(one.institution) ?? '0.00']),
    ]),
  }
}
