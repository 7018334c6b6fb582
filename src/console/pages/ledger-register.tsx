// The register: what is in writing and what is not, found by kind and by any word, saved as a sheet.

import { useState } from 'preact/hooks'
import type { Schema } from '../call.js'
import { type Names, namesOf, useNames } from '../names.js'
import { definePage } from '../page.js'
import { turnNow } from '../page-turn.js'
import { InstitutionLink } from '../parts/institution-link.js'
import { SaveTable } from '../parts/sheet.js'
import { Table } from '../parts/table.js'
import { useWords } from '../store.js'
import { agreedSaid, FINDINGS, LEDGER, lookedSaid } from '../words/ledger-texts.js'
import { TEXTS } from '../words/texts.js'

type Register = Schema['LedgerRegister']
type Row = Register['rows'][number]

interface RegisterData {
  readonly turn: number
  readonly register: Register
  /** How many of each kind there are. */
  readonly counts: readonly (readonly [finding: string, count: number])[]
  readonly names: Names
  readonly isWhole: boolean
}

/** In the page as the server writes it. */
const FIRST_ROWS = 100
/** Rows that are shown at once: who looks for more chooses, or saves the sheet. */
const MOST = 1_000

function RegisterPage({ data: { register, counts, names } }: { readonly data: RegisterData }) {
  const named = useNames(names)
  const { say, lang } = useWords()
  const [kind, setKind] = useState('')
  const [wanted, setWanted] = useState('')
  const called = (finding: string): string => (FINDINGS[finding] ? say(FINDINGS[finding]) : finding)
  const words = wanted.trim().toLowerCase().split(/\s+/)
  const rows = register.rows.filter(({ finding, subject, detail }) => {
    const said = `${subject} ${named('institutions', subject)} ${detail}`.toLowerCase()
    return (kind === '' || finding === kind) && words.every((word) => said.includes(word))
  })
  return (
    <>
      <p>
        <a href="/ledger">{say(TEXTS.ledger)}</a>
      </p>
      <h1>{say(LEDGER.register)}</h1>
      <p class="quiet">{say(LEDGER.registerHow)}</p>
      <p id="agreed">{agreedSaid(lang, register.agreed, register.institutions, register.today)}</p>
      <p class="quiet">{lookedSaid(lang, register.month)}</p>
      <div class="row filters">
        <label>
          {say(LEDGER.finding)}
          <select id="kind" value={kind} onChange={({ currentTarget: { value } }) => setKind(value)}>
            <option value="">{say(TEXTS.everything)}</option>
            {counts.map(([finding, count]) => (
              <option key={finding} value={finding}>
                {called(finding)} ({count})
              </option>
            ))}
          </select>
        </label>
        <label>
          {say(LEDGER.subject)}
          <input
            type="search"
            id="find"
            maxLength={200}
            value={wanted}
            onInput={({ currentTarget: { value } }) => setWanted(value)}
          />
        </label>
        <SaveTable
          file="register.csv"
          table={() => ({
            header: ['finding', 'subject', 'detail', 'on'],
            rows: rows.map(({ finding, subject, detail, on }) => [finding, subject, detail, on ?? '']),
          })}
        />
      </div>
      <Table<Row>
        id="register"
        label={LEDGER.register}
        rows={rows.slice(0, MOST)}
        keyOf={({ finding, subject, detail, on }) => `${finding} ${subject} ${detail} ${on}`}
        columns={[
          { head: LEDGER.subject, cell: (row) => <Subject row={row} names={names} /> },
          { head: LEDGER.finding, look: 'prose', cell: ({ finding }) => called(finding) },
          { head: LEDGER.day, look: 'time', cell: ({ on }) => on ?? say(TEXTS.none) },
          {
            head: LEDGER.detail,
            look: 'prose',
            cell: ({ finding, words: text }) => (finding === 'no-agreement' ? say(TEXTS.none) : text[lang]),
          },
        ]}
      />
    </>
  )
}

/** Findings about institutions; the others are about contracts and lines. */
const OF_INSTITUTIONS: readonly string[] = [
  ...['no-agreement', 'agreement-ended', 'agreement-ends', 'other-tier', 'more-services', 'idle', 'unseen'],
]

function Subject({ row: { finding, subject }, names }: { readonly row: Row; readonly names: Names }) {
  const named = useNames(names)
  if (!OF_INSTITUTIONS.includes(finding)) return <>{subject}</>
  return <InstitutionLink id={subject} name={named('institutions', subject)} />
}

export const page = definePage<RegisterData>({
  View: RegisterPage,
  concerns: ['revision'],
  async load({ call, before, isFirst }) {
    if (before?.turn === turnNow() && before.isWhole) return before
    const register = await call('get', '/v1/ledger/register', {})
    const counts = new Map<string, number>()
    for (const { finding } of register.rows) counts.set(finding, (counts.get(finding) ?? 0) + 1)
    const rows = isFirst ? register.rows.slice(0, FIRST_ROWS) : register.rows
    const places = rows
      .filter(({ finding }) => OF_INSTITUTIONS.includes(finding))
      .map(({ subject }) => `institutions/${subject}`)
    const names = await namesOf(call, places, before?.names)
    return { turn: turnNow(), register: { ...register, rows }, counts: [...counts], names, isWhole: !isFirst }
  },
})
