// What the columns of a sheet mean: as their headers say, or as somebody says here, once; it is remembered.

import { useWords } from '../store.js'
import { IMPORT } from '../words/import-texts.js'
import type { Found, Sheet } from './import-sheet.js'
import { Scroll } from './scroll.js'

const PLACE = ['edge', 'prefixes', 'down', 'up', 'vlan', 'medium'] as const
/** What a column may mean. */
const IMPORT_COLUMNS: Readonly<Record<Sheet['kind'], readonly string[]>> = {
  institutions: [
    ...['id', 'name', 'name_sw', 'noun_class', 'category', 'region', 'tier', 'internet', 'govnet', 'envelope'],
    'restricted',
    ...PLACE,
    ...['split_from', 'merged_into', 'closed'],
  ],
  sites: ['id', 'institution', ...PLACE],
  contracts: [
    ...['id', 'name', 'name_sw', 'provider', 'links', 'down', 'up', 'committed', 'percent', 'counts', 'month_from'],
    ...['timezone', 'valid_from', 'until', 'lead_days', 'services', 'sharing', 'documents'],
  ],
  agreements: [
    ...[
      'id',
      'institution',
      'reference',
      'valid_from',
      'until',
      'tier',
      'services',
      'attainment',
      'signatory',
      'budget',
    ],
  ],
}
const LEFT_OUT = '-'
const SHOWN = 3

interface Props {
  readonly sheet: Sheet
  readonly found: Found | null
  change(sheet: Sheet): void
}

export function ImportColumns({ sheet, found, change }: Props) {
  const { say } = useWords()
  const { header, rows } = sheet.table
  const setMeaning = (name: string, means: string): void => {
    const { [name]: _, ...others } = sheet.columns
    change({ ...sheet, columns: means === '' ? others : { ...others, [name]: means } })
  }
  const takenAs = (name: string): string => {
    const column = found?.import.columns.find((one) => one.header === name)
    return column === undefined ? '' : (column.means ?? say(IMPORT.label))
  }
  return (
    <details open={found === null}>
      <summary>{say(IMPORT.columns)}</summary>
      <Scroll label={say(IMPORT.columns)}>
        <table id="columns">
          <thead>
            <tr>
              {([IMPORT.header, IMPORT.first, IMPORT.means, IMPORT.taken] as const).map((head) => (
                <th key={head[0]} scope="col">
                  {say(head)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {header.map((name, i) => (
              <tr key={`${name} ${i}`}>
                <th scope="row">{name}</th>
                <td class="quiet">
                  {rows
                    .slice(0, SHOWN)
                    .map((row) => row[i])
                    .filter(Boolean)
                    .join(', ')}
                </td>
                <td>
                  <select
                    aria-label={`${say(IMPORT.means)}: ${name}`}
                    value={sheet.columns[name] ?? ''}
                    onChange={({ currentTarget: { value } }) => setMeaning(name, value)}
                  >
                    <option value="">{say(IMPORT.byItself)}</option>
                    <option value={LEFT_OUT}>{say(IMPORT.leftOut)}</option>
                    {IMPORT_COLUMNS[sheet.kind].map((column) => (
                      <option key={column} value={column} selected={sheet.columns[name] === column}>
                        {column}
                      </option>
                    ))}
                  </select>
                </td>
                <td>{takenAs(name)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </details>
  )
}
