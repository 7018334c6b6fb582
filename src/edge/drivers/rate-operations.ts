// What must change so that what stands becomes what is desired, for drivers that hold rates as a table: the simulated
// data plane and the dry run. The order is the one every driver keeps: room is made before it is used.

import { type EdgeProfile, type RateRecord, recordKey } from '../../model/lease.js'
import { DIRECTIONS, type Enforcement } from '../../model/network.js'
import { CONTROL, UNMAPPED } from '../../model/plan.js'
import { type Desired, OPERATION_ORDER, type Operation } from '../driver.js'

export interface RateTable {
  readonly profile: EdgeProfile | null
  readonly enforcement: Enforcement | null
  readonly rates: ReadonlyMap<number, RateRecord>
  readonly lifted?: ReadonlySet<number>
}

export const EMPTY_TABLE: RateTable = { profile: null, enforcement: null, rates: new Map() }

export const tableAfter = ({ profile, enforcement, rates, lifted }: Desired): RateTable => ({
  profile,
  enforcement,
  rates: new Map(rates.map((record) => [recordKey(record), record])),
  ...(lifted ? { lifted } : {}),
})

/** Deletes, decreases, adds, increases, then what concerns classification. Empty: what stands is what is desired. */
export function rateOperations(desired: Desired, table: RateTable): readonly Operation[] {
  const operations: Operation[] = []
  const name = namesOf(desired.profile)
  const wanted = new Set<number>()
  for (const record of desired.rates) {
    const key = recordKey(record)
    wanted.add(key)
    const now = table.rates.get(key)
    if (now === undefined) operations.push({ kind: 'add', text: `add ${name(record)} at ${terms(record)}` })
    else if (!sameTerms(now, record)) {
      const kind = record.rate < now.rate ? 'decrease' : 'increase'
      operations.push({ kind, text: `${kind} ${name(record)} from ${terms(now)} to ${terms(record)}` })
    }
  }
  for (const [key, record] of table.rates) {
    if (!wanted.has(key)) operations.push({ kind: 'delete', text: `delete ${name(record)}` })
  }
  if (table.profile !== desired.profile) {
    const { institutions, services, classes } = desired.profile
    const sizes = `${institutions.length} institutions, ${services.length} services, ${classes.length} classes`
    operations.push({ kind: 'filter', text: `classify ${sizes}` })
  }
  if (table.enforcement !== desired.enforcement) {
    operations.push({ kind: 'filter', text: `${table.enforcement ?? 'nothing'} becomes ${desired.enforcement}` })
  }
  for (const { index, id } of desired.profile.institutions) {
    const lift = desired.lifted?.has(index) ?? false
    if (lift === (table.lifted?.has(index) ?? false)) continue
    operations.push({ kind: 'filter', text: lift ? `lift the limits of ${id}` : `limit ${id} again` })
  }
  const place = (operation: Operation): number => OPERATION_ORDER.indexOf(operation.kind)
  return operations.sort((a, b) => place(a) - place(b))
}

function sameTerms(a: RateRecord, b: RateRecord): boolean {
  if (a.rate !== b.rate || a.burst !== b.burst || a.classes.length !== b.classes.length) return false
  for (let c = 0; c < a.classes.length; c++) if (a.classes[c] !== b.classes[c]) return false
  return true
}

const terms = ({ rate, burst, classes }: RateRecord): string =>
  `${rate} kbit/s (classes ${classes.join('+')}, burst ${burst} bytes)`

/** The flow a record is about, by the ids people know; numbers where the profile does not name it. */
function namesOf(profile: EdgeProfile): (record: RateRecord) => string {
  const institutions = new Map(profile.institutions.map(({ index, id }) => [index, id]))
  institutions.set(0, UNMAPPED).set(1, CONTROL)
  const services = new Map(profile.services.map(({ index, id }) => [index, id]))
  return ({ institution, service, direction }) =>
    `${institutions.get(institution) ?? institution}/${services.get(service) ?? service}/${DIRECTIONS[direction]}`
}
