// Rows that cannot be taken: each with its cells to be mended, what is wrong with them, and, where a name is nearly
// somebody's, the question who is meant.

import { useEffect, useState } from 'preact/hooks'
import type { Fault, Refused } from '../call.js'
import { useStore, useWords } from '../store.js'
import { IMPORT, wrongSaid } from '../words/import-texts.js'
import type { Sheet } from './import-sheet.js'

interface Props {
  readonly sheet: Sheet
  readonly refused: Refused
  readonly faults: readonly Fault[]
  change(sheet: Sheet): void
}

/** Rows shown at once; the others come as these are mended. */
const MOST = 50

export function ImportRows({ sheet, refused, faults, change }: Props) {
  const { say, lang, refusal } = useWords()
  const byLine = new Map<number, Fault[]>()
  const others: Fault[] = []
  for (const fault of faults) {
    const line = Number(/^\/(\d+)/.exec(fault.pointer ?? '')?.[1] ?? Number.NaN)
    if (line >= 2 && line - 2 < sheet.table.rows.length) byLine.set(line, [...(byLine.get(line) ?? []), fault])
    else others.push(fault)
  }
  const missing = [...new Set(faults.filter(({ code }) => code === 'REQUIRED').map(columnOf))].filter(Boolean)
  if (byLine.size === 0 && others.length === 0) return <p class="bad">{refusal(refused)}</p>
  return (
    <section id="wrong-rows">
      <h2>{say(IMPORT.wrong)}</h2>
      {byLine.size > 0 && <p>{wrongSaid(lang, byLine.size)}</p>}
      {others.length > 0 && (
        <>
          <h3>{say(IMPORT.ofAll)}</h3>
          <ul lang="en" class="bad">
            {others.map(({ pointer, detail }) => (
              <li key={`${pointer} ${detail}`}>{detail}</li>
            ))}
          </ul>
        </>
      )}
      {missing.length > 0 && <Defaults columns={missing} sheet={sheet} change={change} />}
      {[...byLine].slice(0, MOST).map(([line, wrong]) => (
        <Row key={line} line={line} faults={wrong} sheet={sheet} change={change} />
      ))}
    </section>
  )
}

/** `/12/tier` speaks of the column tier. */
const columnOf = ({ pointer = '' }: Fault): string => pointer.split('/')[2] ?? ''

function Defaults({
  columns,
  sheet,
  change,
}: Pick<Props, 'sheet' | 'change'> & { readonly columns: readonly string[] }) {
  const { say } = useWords()
  return (
    <fieldset class="row">
      <legend>{say(IMPORT.forAll)}</legend>
      {columns.map((column) => (
        <label key={column}>
          {column}
          <Cell
            value={sheet.defaults[column] ?? ''}
            write={(value) => {
              const { [column]: _, ...others } = sheet.defaults
              change({ ...sheet, defaults: value.trim() === '' ? others : { ...others, [column]: value.trim() } })
            }}
          />
        </label>
      ))}
    </fieldset>
  )
}

interface CellProps {
  readonly value: string
  /** Id of what says what is wrong with it. */
  readonly wrong?: string | undefined
  write(value: string): void
}

/** What is being written stays, whatever is drawn anew around it, and counts when its writer goes on. */
function Cell({ value, wrong, write }: CellProps) {
  const [text, setText] = useState(value)
  useEffect(() => setText(value), [value])
  return (
    <input
      value={text}
      aria-invalid={wrong !== undefined || undefined}
      aria-describedby={wrong}
      onInput={({ currentTarget }) => setText(currentTarget.value)}
      onChange={({ currentTarget }) => write(currentTarget.value)}
    />
  )
}

interface RowProps extends Pick<Props, 'sheet' | 'faults' | 'change'> {
  readonly line: number
}

function Row({ line, faults, sheet, change }: RowProps) {
  const { say } = useWords()
  const { header, rows } = sheet.table
  const at = line - 2
  const cells = rows[at] ?? []
  const set = (column: number, text: string): void => {
    const row = cells.map((cell, i) => (i === column ? text : cell))
    change({ ...sheet, table: { header, rows: rows.map((one, i) => (i === at ? row : one)) } })
  }
  const asked = faults.some(({ code }) => code === 'ASK' || code === 'UNCLEAR')
  const nameAt = header.findIndex((name) => NAMES.test(meaningOf(sheet, name)))
  return (
    <fieldset class="card">
      <legend>
        {say(IMPORT.line)} {line}
      </legend>
      <ul lang="en" class="bad" id={`wrong-${line}`}>
        {faults.map((fault) => (
          <li key={`${fault.pointer} ${fault.detail}`}>
            {columnOf(fault) !== '' && <strong>{columnOf(fault)}: </strong>}
            {fault.detail}
          </li>
        ))}
      </ul>
      {asked && nameAt >= 0 && <Who name={cells[nameAt] ?? ''} sheet={sheet} change={change} />}
      <div class="row">
        {header.map((name, i) => {
          const isWrong = faults.some((fault) => columnOf(fault) === meaningOf(sheet, name))
          return (
            <label key={`${name} ${i}`}>
              {name}
              <Cell
                value={cells[i] ?? ''}
                write={(value) => set(i, value)}
                wrong={isWrong ? `wrong-${line}` : undefined}
              />
            </label>
          )
        })}
      </div>
    </fieldset>
  )
}

/** Headers of names, as sheets in both languages have them. */
const NAMES = /^(name|jina|institution|taasisi)/

/** As it was said, or as the header says of itself. */
const meaningOf = ({ columns }: Sheet, header: string): string =>
  columns[header] ?? header.trim().toLowerCase().replaceAll(' ', '_')

/** Those that are called nearly so, to choose from; or a new one. */
function Who({ name, sheet, change }: Pick<Props, 'sheet' | 'change'> & { readonly name: string }) {
  const store = useStore()
  const { say, lang } = useWords()
  const [near, setNear] = useState<readonly { readonly id: string; readonly name: string }[]>([])
  const [id, setId] = useState(idFrom(name))
  useEffect(() => {
    store.call('get', '/v1/institutions', { query: { q: name, pageSize: 5 } }).then(
      ({ items }) => setNear(items.map((one) => ({ id: one.id, name: one.name[lang] }))),
      (error: unknown) => store.complain(error),
    )
  }, [name])
  const answer = (who: string): void => change({ ...sheet, same: { ...sheet.same, [name]: who } })
  return (
    <div class="row who">
      <strong>
        {say(IMPORT.whoIsIt)} “{name}”
      </strong>
      {near.map((one) => (
        <button key={one.id} type="button" onClick={() => answer(one.id)}>
          {say(IMPORT.itIs)} {one.name}
        </button>
      ))}
      <label>
        {say(IMPORT.aNewOne)}
        <input value={id} maxLength={63} spellcheck={false} onInput={({ currentTarget: { value } }) => setId(value)} />
      </label>
      <button type="button" onClick={() => answer(id)}>
        {say(IMPORT.take)}
      </button>
    </div>
  )
}

/** To be changed by whoever knows better. */
const idFrom = (name: string): string =>
  (
    name
      .normalize('NFKD')
      .toLowerCase()
      .match(/[a-z0-9]+/g) ?? []
  )
    .join('-')
    .slice(0, 50)
