// One row of an imported sheet, cell by cell: what people write for yes, for a rate, for a network, for the name of a
// region. What cannot be understood is a fault of that cell, with what would be right.

import { NOUN_CLASSES, type NounClass } from '../../model/concord.js'
import { LINE_PROFILES, type LineProfile } from '../../model/network.js'
import { type BitsPerSecond, bytesFault, formatRate, MIN_LIFELINE, parseRate } from '../../model/units.js'
import type { SheetRow } from '../../runtime/sheet.js'
import { networkOf } from '../document/addressing.js'
import { type Column, LEFT_OUT } from './columns.js'
import { idFrom, keyOf, type NameBook } from './names.js'

export interface CellFault {
  readonly line: number
  /** Of ours; empty: the whole row. */
  readonly column: string
  readonly code: string
  readonly message: string
}

const YES = ['yes', 'y', 'true', '1', 'x', 'ndiyo', 'ndio']
const NO = ['no', 'n', 'false', '0', '-', 'hapana']
const MEDIA: ReadonlyMap<string, LineProfile> = new Map([
  ['fiber', 'fibre'],
  ['optical', 'fibre'],
  ['radio', 'microwave'],
])
const NUMBER = /^\d+(?:\.\d+)?$/

/** Ids that may be named: of a set, or the keys of a map. */
export type Ids = Pick<ReadonlySet<string>, 'has' | 'keys' | 'size'>

export class Cells {
  readonly line: number
  readonly columns: readonly Column[]
  readonly #texts = new Map<string, string>()
  readonly #units = new Map<string, number>()
  readonly #report: (fault: CellFault) => void

  constructor(
    { line, cells }: SheetRow,
    columns: readonly Column[],
    defaults: Readonly<Record<string, string>>,
    report: (fault: CellFault) => void,
  ) {
    this.line = line
    this.columns = columns
    this.#report = report
    columns.forEach(({ means, unit }, at) => {
      if (means === null) return
      this.#texts.set(means, cells[at] ?? '')
      if (unit !== null) this.#units.set(means, unit)
    })
    for (const [column, text] of Object.entries(defaults)) {
      if (!this.#texts.get(column)) this.#texts.set(column, text)
    }
  }

  fault(column: string, code: string, message: string): undefined {
    this.#report({ line: this.line, column, code, message })
    return undefined
  }

  /** Whether the sheet says anything about this column, be it nothing. */
  has(column: string): boolean {
    return this.#texts.has(column)
  }

  text(column: string): string | undefined {
    return this.#texts.get(column) || undefined
  }

  /** Nothing, or a dash, in a column that is there: what was there goes. */
  cleared(column: string): boolean {
    const text = this.#texts.get(column)
    return text === '' || text === LEFT_OUT
  }

  yesNo(column: string): boolean | undefined {
    const text = this.text(column)
    if (text === undefined) return undefined
    const word = text.toLowerCase()
    if (YES.includes(word)) return true
    if (NO.includes(word)) return false
    return this.fault(column, 'INVALID', `expected yes or no, found "${text}"`)
  }

  /** bit/s, from "20Mbps", "20 M", "2,5 Mbit/s", or a number in a column whose name has the unit. */
  rate(column: string, text = this.text(column)): BitsPerSecond | undefined {
    if (text === undefined) return undefined
    const plain = decimal(text)
    const unit = this.#units.get(column)
    if (!NUMBER.test(plain)) {
      const bytes = bytesFault(plain)
      if (bytes !== undefined) return this.fault(column, 'ASK', bytes)
      const bits = parseRate(plain.replace(/^([\d.]+)\s*([kmgt])(?:b|bits?)?(?:\/s|ps)?$/i, '$1$2bps'))
      return bits ?? this.fault(column, 'INVALID', `expected a rate such as 20Mbps, found "${text}"`)
    }
    const bits = Math.round(Number(plain) * (unit ?? 1))
    if (unit !== undefined || bits >= MIN_LIFELINE) return bits
    const hint = `write ${plain}Mbps, or call the column "${column} (Mbps)"`
    return this.fault(column, 'NO_UNIT', `${text} without a unit is ${formatRate(bits)}; ${hint}`)
  }

  /** Words parted by blanks, commas or semicolons, or as said. */
  list(column: string, parted = /[\s,;]+/): string[] | undefined {
    const parts = this.text(column)?.split(parted)
    return parts?.map((part) => part.trim()).filter((part) => part !== '')
  }

  /** 2026-07-01, or 1/7/2026 as it is written here: the day first. */
  date(column: string): string | undefined {
    const text = this.text(column)
    if (text === undefined) return undefined
    const [, day = '', month = '', year = ''] = /^(\d{1,2})[./-](\d{1,2})[./-](\d{4})$/.exec(text) ?? []
    const date = year === '' ? text : `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`
    const at = Date.parse(`${date}T00:00:00Z`)
    // Date.parse takes 30 February for 2 March.
    const isDate = /^\d{4}-\d\d-\d\d$/.test(date) && !Number.isNaN(at)
    if (isDate && new Date(at).toISOString().startsWith(date)) return date
    return this.fault(column, 'INVALID', `expected a date such as 2026-07-01 or 1/7/2026, found "${text}"`)
  }

  /** A last day; null where the sheet has taken it away. */
  end(column: string): string | null | undefined {
    return this.cleared(column) ? null : this.date(column)
  }

  whole(column: string): number | undefined {
    const text = this.text(column)
    if (text === undefined || /^\d{1,6}$/.test(text)) return text === undefined ? undefined : Number(text)
    return this.fault(column, 'INVALID', `expected a whole number, found "${text}"`)
  }

  /** "95", "99,5 %", or "0.99" as it stands. */
  percent(column: string): number | undefined {
    const text = this.text(column)
    if (text === undefined) return undefined
    const plain = text.replace('%', '').trim().replace(',', '.')
    const value = Number(plain)
    if (NUMBER.test(plain) && value > 0 && value <= 100) return value
    return this.fault(column, 'INVALID', `expected a part of a hundred such as 95, found "${text}"`)
  }

  /** Networks, parted by blanks, commas or semicolons, the host bits of each taken away. */
  prefixes(column: string): string[] | undefined {
    const text = this.text(column)
    if (text === undefined) return undefined
    const parts = text.replace(/(\d)\s+(255\.[\d.]+)/g, '$1/$2').split(/[\s,;]+/)
    return parts.flatMap((part) => {
      if (part === '') return []
      const network = networkOf(part)
      if (network !== undefined) return [network]
      this.fault(column, 'INVALID', `expected a network such as 10.1.2.0/24, found "${part}"`)
      return []
    })
  }

  vlan(column: string): number | null | undefined {
    const text = this.text(column)
    if (this.cleared(column)) return null
    if (text === undefined) return undefined
    const number = Number(text)
    if (Number.isInteger(number) && number >= 1 && number <= 4094) return number
    return this.fault(column, 'INVALID', `expected a VLAN from 1 to 4094, found "${text}"`)
  }

  nounClass(column: string): NounClass | undefined {
    const text = this.text(column)
    if (text === undefined) return undefined
    const found = NOUN_CLASSES.find((noun) => String(noun) === text)
    return (
      found ?? this.fault(column, 'INVALID', `expected a noun class of ${NOUN_CLASSES.join(', ')}, found "${text}"`)
    )
  }

  medium(column: string): LineProfile | undefined {
    const word = this.text(column)?.toLowerCase()
    if (word === undefined) return undefined
    const found = LINE_PROFILES.find((profile) => profile === word) ?? MEDIA.get(word)
    return found ?? this.fault(column, 'INVALID', `expected ${LINE_PROFILES.join(', ')}, found "${word}"`)
  }

  /** An id of the collection, by itself or by the name of who has it. */
  member(column: string, known: Ids, names: NameBook): string | undefined {
    const text = this.text(column)
    return text === undefined ? undefined : this.memberNamed(column, text, known, names)
  }

  memberNamed(column: string, text: string, known: Ids, names: NameBook): string | undefined {
    if (known.has(text)) return text
    const called = names.called(text)
    if (called.length === 1) return called[0]
    if (called.length > 1) return this.fault(column, 'UNCLEAR', `"${text}" may be ${called.join(' or ')}; write the id`)
    const asId = [...new Set([text.toLowerCase(), idFrom(text)])].find((id) => known.has(id))
    if (asId !== undefined) return asId
    const ids = [...known.keys()].sort()
    const near = [...names.nearly(text), ...names.having(text)]
    const alike = near.length > 0 ? near : ids.filter((id) => id.startsWith(text.slice(0, 3).toLowerCase()))
    const shown = alike.length > 0 ? alike.slice(0, 8) : known.size <= 16 ? ids : []
    const hint = known.size === 0 ? '; there is none' : shown.length === 0 ? '' : `; known: ${shown.join(', ')}`
    return this.fault(column, 'UNKNOWN', `no ${column.replace(/s$/, '')} is called "${text}"${hint}`)
  }
}

/** Digits with a point where people write 2,5 or 1,000,000 or 1 000. */
function decimal(text: string): string {
  return text
    .replace(/(\d)[\s\u00a0](?=\d{3}(?!\d))/g, '$1')
    .replace(/^\d{1,3}(?:,\d{3})+(?!\d)/, (number) => number.replaceAll(',', ''))
    .replace(/^(\d+),(\d+)/, '$1.$2')
}

/** Whether two texts are one name in other letters. */
export const sameName = (a: string, b: string): boolean => keyOf(a) === keyOf(b)
