// What must change so that what stands becomes what is desired, for drivers that hold rates as a table: the simulated
// data plane and the dry run. The order is the one every driver keeps: room is made before it is used.

import { type EdgeProfile, type RateRecord, recordKey } from '../../model/lease.js'
import { DIRECTIONS, type Enforcement } from '../../model/network.js'
import { CONTROL, UNMAPPED } from '../../model/plan.js'
import { type Desired, OPERATION_ORDER, type Operation } from '../driver.js'

export interface RateTable {
  readonly profile: EdgeProfile | null
  readonly enforcement: Enforcement | null
  readonly rates: readonly RateRecord[]
  readonly lifted?: ReadonlySet<number>
}

export const EMPTY_TABLE: RateTable = { profile: null, enforcement: null, rates: [] }

export const tableAfter = ({ profile, enforcement, rates, lifted }: Desired): RateTable => ({
  ...{ profile, enforcement, rates },
  ...(lifted ? { lifted } : {}),
})

/** Deletes, decreases, adds, increases, then what concerns classification. Empty: what stands is what is desired. */
export function rateOperations(desired: Desired, table: RateTable): readonly Operation[] {
  const operations: Operation[] = desired.rates === table.rates ? [] : rateChanges(desired, table.rates)
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

function rateChanges({ rates, profile }: Desired, before: readonly RateRecord[]): Operation[] {
  const operations: Operation[] = []
  let byKey: ReadonlyMap<number, RateRecord> | null = null
  let found = 0
  for (let i = 0; i < rates.length; i++) {
    const record = rates[i]!
    const key = recordKey(record)
    // As a rule both are in the same order.
    let now = before[i]
    if (now === undefined || recordKey(now) !== key) {
      byKey ??= new Map(before.map((one) => [recordKey(one), one]))
      now = byKey.get(key)
    }
    if (now !== undefined) found++
    if (now === undefined) operations.push(new RateOperation('add', profile, record, null))
    else if (record.rate < now.rate) operations.push(new RateOperation('decrease', profile, record, now))
    else if (!sameTerms(now, record)) operations.push(new RateOperation('increase', profile, record, now))
  }
  if (found === before.length) return operations
  const wanted = new Set(rates.map(recordKey))
  for (const record of before)
    if (!wanted.has(recordKey(record))) operations.push(new RateOperation('delete', profile, record, null))
  return operations
}

/** Its text is made when somebody reads it, for most are only counted. */
class RateOperation implements Operation {
  readonly kind: 'add' | 'decrease' | 'increase' | 'delete'
  readonly #profile: EdgeProfile
  readonly #record: RateRecord
  /** What it is changed from. */
  readonly #before: RateRecord | null

  constructor(kind: RateOperation['kind'], profile: EdgeProfile, record: RateRecord, before: RateRecord | null) {
    this.kind = kind
    this.#profile = profile
    this.#record = record
    this.#before = before
  }

  get text(): string {
    const name = nameOf(this.#record, this.#profile)
    if (this.kind === 'delete') return `delete ${name}`
    if (this.#before === null) return `add ${name} at ${terms(this.#record)}`
    return `${this.kind} ${name} from ${terms(this.#before)} to ${terms(this.#record)}`
  }
}

function sameTerms(a: RateRecord, b: RateRecord): boolean {
  if (a.rate !== b.rate || a.burst !== b.burst || a.classes.length !== b.classes.length) return false
  for (let c = 0; c < a.classes.length; c++) if (a.classes[c] !== b.classes[c]) return false
  return true
}

const terms = ({ rate, burst, classes }: RateRecord): string =>
  `${rate} kbit/s (classes ${classes.join('+')}, burst ${burst} bytes)`

/** The flow a record is about, by the ids people know; numbers where the profile does not name it. */
function nameOf({ institution, service, direction }: RateRecord, { institutions, services }: EdgeProfile): string {
  const own = institution === 0 ? UNMAPPED : institution === 1 ? CONTROL : null
  const name = own ?? institutions.find(({ index }) => index === institution)?.id ?? institution
  return `${name}/${services.find(({ index }) => index === service)?.id ?? service}/${DIRECTIONS[direction]}`
}
