// A table of rows: the first column names the row. It scrolls by itself where it is wider than the page.

import type { ComponentChildren } from 'preact'
import { useWords } from '../store.js'
import { TEXTS, type Text } from '../words/texts.js'
import { Scroll } from './scroll.js'

export interface Column<Row> {
  /** Where two have one heading. */
  readonly id?: string
  readonly head: Text
  readonly isNumber?: boolean
  /** Sentences need room; a time is not broken; what can be done stays in sight. */
  readonly look?: 'prose' | 'time' | 'act'
  cell(row: Row): ComponentChildren
  /** Such as bad or warn. */
  mark?(row: Row): string | undefined
}

interface Props<Row> {
  readonly id?: string
  readonly label: Text
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  keyOf(row: Row): string
  /** What is said where there is no row; null: the page says it. */
  readonly empty?: Text | null
}

export function Table<Row>({ id, label, columns, rows, keyOf, empty = TEXTS.nothingFound }: Props<Row>) {
  const { say } = useWords()
  if (rows.length === 0) return empty && <p class="quiet">{say(empty)}</p>
  return (
    <Scroll label={say(label)}>
      <table id={id}>
        <thead>
          <tr>
            {columns.map(({ id, head, isNumber, look }) => (
              <th key={id ?? head[0]} scope="col" class={isNumber ? 'number' : look}>
                {say(head)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map(({ id, head, isNumber, look: kind, cell, mark }, i) => {
                const look = [isNumber ? 'number' : '', kind, mark?.(row)].filter(Boolean).join(' ')
                if (i === 0)
                  return (
                    <th key={id ?? head[0]} scope="row" class={look || undefined}>
                      {cell(row)}
                    </th>
                  )
                return (
                  <td key={id ?? head[0]} class={look || undefined}>
                    {cell(row)}
                  </td>
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}
