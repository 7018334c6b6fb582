// A month in the record: one institution's flows, five minutes a row, as the archive keeps days that are over.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DAY, SLOT, type UnixMilliseconds } from '../../src/model/units.js'
import { writeTable } from '../../src/record/parquet-file.js'
import { emptyRows, FLOWS, type FlowRows } from '../../src/record/tables.js'

const DAYS = 30
/** Whose month it is. */
export const REMEMBERED = 'hosp-mnh-upanga'
const SERVICES = ['internet', 'govnet', 'exchange', 'datacentre']
const NAMES = SERVICES.flatMap((service) => ['down', 'up'].map((way) => `${REMEMBERED}/${service}/${way}`))

/** Writes the month before today, or so many days of it, into the folder of a record. @returns its span. */
export function rememberMonth(
  folder: string,
  now: UnixMilliseconds,
  days = DAYS,
): { from: UnixMilliseconds; to: UnixMilliseconds } {
  const to = now - (now % DAY)
  const from = to - days * DAY
  for (let start = from; start < to; start += DAY) {
    const day = join(folder, new Date(start).toISOString().slice(0, 10))
    mkdirSync(day, { recursive: true, mode: 0o700 })
    const rows = emptyRows(FLOWS)
    for (const flow of NAMES) for (let at = start; at < start + DAY; at += SLOT) addRow(rows, flow, at)
    writeTable(join(day, `${FLOWS.name}.parquet`), FLOWS, rows)
  }
  return { from, to }
}

function addRow(rows: FlowRows, flow: string, slot: UnixMilliseconds): void {
  const said: Readonly<Record<string, number | string>> = {
    ...{ slot, seconds: SLOT / 1_000, flow, revision: 1, plan: 'none', enforcement: 'enforce', m_at: slot },
    ...{ heard: SLOT / 1_000, m_limit: '', below_guarantee_s: 0, at_ceiling_s: 0 },
  }
  for (const [name, column] of Object.entries(rows)) {
    // Each column takes what its kind says: what is not said above is a rate.
    const values = column as (number | string)[]
    values.push(said[name] ?? 10_000 + ((slot / SLOT) % 97) * 100)
  }
}
