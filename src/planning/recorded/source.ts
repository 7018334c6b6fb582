// Where the demand of a step comes from: the seeded model, or the record. Of a recorded step each flow has what it
// wanted in the five minutes that stand for it (window.ts). Where no flow is recorded but links are measured (an
// import), the model is held to them; where nothing is, the model stands alone. All of that is counted, and said in
// the report.
//
// What was throttled wanted at least what is recorded: such a demand is a lower bound, and counted as one.

import { createLoadFactors, createLoadModel, type LoadEvent, type LoadSubject, offeredLoad } from '../../model/load.js'
import { HOUR, SLOT, type UnixMilliseconds } from '../../model/units.js'
import { Archive } from '../../record/archive.js'
import { type HourMeans, NOTHING, type RecordedDay, recordedDay, SLOTS_AN_HOUR } from '../../record/demand-digest.js'
import { LruMap } from '../../runtime/lru-map.js'
import { holdTo, type MeasuredLink } from './measured-links.js'
import { dayOf, slotFor, standInsFor, type Window } from './window.js'

/** Who asks, by flow of the plan, and what multiplies it; the same for every source. */
export interface Askers {
  readonly seed: number
  readonly ids: readonly string[]
  readonly subjects: readonly LoadSubject[]
  readonly events: readonly LoadEvent[]
}

/** The record as a demand of a plan. */
export interface Recorded {
  readonly folder: string
  readonly window: Window
  readonly links: readonly MeasuredLink[]
  /** f32, a row of `links` a slot of the window: bit/s, NaN where nobody measured. */
  readonly measured: SharedArrayBuffer
}

/** Steps by what they come from, and flows times steps that are lower bounds or of which the record is silent. */
export const BASIS = ['recorded', 'imported', 'repeated', 'modelled', 'least', 'silent'] as const
export type Basis = Record<(typeof BASIS)[number], number>
export const noBasis = (): Basis => ({ recorded: 0, imported: 0, repeated: 0, modelled: 0, least: 0, silent: 0 })

export interface DemandSource {
  readonly basis: Basis
  /** By flow, of the step filled last: 1: a lower bound. */
  readonly isLeast: Uint8Array
  /** Writes what every flow asks for, bit/s. */
  fill(at: UnixMilliseconds, load: Float64Array): Promise<void> | void
}

/** @param isLike which recorded five minutes may stand for those that are asked for; absent: all may */
export function demandSource(
  askers: Askers,
  recorded: Recorded | null,
  isLike: (slot: UnixMilliseconds) => boolean = () => true,
): DemandSource {
  if (recorded !== null) return new RecordedSource(askers, recorded, isLike)
  const { seed, subjects, events } = askers
  const model = createLoadModel(seed, subjects, events)
  return { basis: noBasis(), isLeast: new Uint8Array(0), fill: (at, load) => model.fill(at, load) }
}

/** Of a day, how its flows are those of the plan. */
interface Matched {
  readonly day: RecordedDay
  /** Slots of which anything is recorded. */
  readonly slots: ReadonlySet<UnixMilliseconds>
  /** Place of each flow in the day; -1: it has none of its own. */
  readonly own: Int32Array
  /** Of such a flow those of the same institution, service and direction at whatever edges, and its part of them. */
  readonly family: ReadonlyMap<number, { readonly places: readonly number[]; readonly part: number }>
  readonly hours: LruMap<HourMeans>
}

/** A chunk meets two days, and another in which something stands in. */
const DAYS_KEPT = 4

class RecordedSource implements DemandSource {
  readonly basis = noBasis()
  readonly isLeast: Uint8Array
  readonly #askers: Askers
  readonly #recorded: Recorded
  readonly #isLike: (slot: UnixMilliseconds) => boolean
  readonly #archive: Archive
  readonly #measured: Float32Array
  readonly #days = new LruMap<Promise<Matched | null>>(DAYS_KEPT)
  readonly #factors: (at: UnixMilliseconds, load: Float64Array) => void
  readonly #model: ReturnType<typeof createLoadModel>

  constructor(askers: Askers, recorded: Recorded, isLike: (slot: UnixMilliseconds) => boolean) {
    this.#askers = askers
    this.#recorded = recorded
    this.#isLike = isLike
    this.#archive = new Archive(recorded.folder)
    this.#measured = new Float32Array(recorded.measured)
    this.#factors = createLoadFactors(askers.subjects, askers.events)
    this.#model = createLoadModel(askers.seed, askers.subjects)
    this.isLeast = new Uint8Array(askers.ids.length)
  }

  async fill(at: UnixMilliseconds, load: Float64Array): Promise<void> {
    const { window } = this.#recorded
    const wanted = slotFor(at, window)
    this.isLeast.fill(0)
    const found = await this.#write(wanted, load)
    this.basis[found ?? 'modelled']++
    if (found === null) this.#model.fill(this.#isLike(wanted) ? wanted : at, load)
    for (const least of this.isLeast) this.basis.least += least
    this.#factors(at, load)
  }

  /** From the first slot that may stand for this one and of which anything is known; null: of none is. */
  async #write(wanted: UnixMilliseconds, load: Float64Array): Promise<keyof Basis | null> {
    for (const slot of standInsFor(wanted, this.#recorded.window).filter(this.#isLike)) {
      const day = await this.#dayOf(dayOf(slot))
      if (day?.slots.has(slot)) this.#writeRecorded(day, slot, load)
      else if (!this.#writeMeasured(slot, load)) continue
      if (slot !== wanted) return 'repeated'
      return day?.slots.has(slot) ? 'recorded' : 'imported'
    }
    return null
  }

  #dayOf(start: UnixMilliseconds): Promise<Matched | null> {
    return this.#days.get(String(start), async () => {
      const day = await recordedDay(this.#archive, start)
      return day && match(day, this.#askers)
    })
  }

  #writeRecorded({ day, own, family, hours }: Matched, slot: UnixMilliseconds, load: Float64Array): void {
    const hour = Math.floor((slot - dayOf(slot)) / HOUR)
    const { wanted, isLeast } = hours.get(String(hour), () => day.means(hour))
    const row = ((slot / SLOT) % SLOTS_AN_HOUR) * day.flows.length
    for (let i = 0; i < load.length; i++) {
      const place = own[i]!
      const kbps = place < 0 ? NOTHING : wanted[row + place]!
      if (kbps !== NOTHING) {
        load[i] = kbps * 1_000
        this.isLeast[i] = isLeast[row + place]!
      } else if (!this.#writeFamily(family.get(i), i, wanted, isLeast, row, load)) {
        load[i] = offeredLoad(this.#askers.seed, this.#askers.subjects[i]!, slot)
        this.basis.silent++
      }
    }
  }

  #writeFamily(
    family: { readonly places: readonly number[]; readonly part: number } | undefined,
    i: number,
    wanted: Uint32Array,
    isLeast: Uint8Array,
    row: number,
    load: Float64Array,
  ): boolean {
    let sum = 0
    if (family === undefined || family.places.some((place) => wanted[row + place] === NOTHING)) return false
    for (const place of family.places) {
      sum += wanted[row + place]! * 1_000
      if (isLeast[row + place] === 1) this.isLeast[i] = 1
    }
    load[i] = family.part * sum
    return true
  }

  #writeMeasured(slot: UnixMilliseconds, load: Float64Array): boolean {
    const { links, window } = this.#recorded
    const row = (slot - window.from) / SLOT
    const measured = this.#measured.subarray(row * links.length, (row + 1) * links.length)
    if (measured.every(Number.isNaN)) return false
    this.#model.fill(slot, load)
    holdTo(links, measured, load, this.isLeast)
    return true
  }
}

function match(day: RecordedDay, { ids, subjects }: Askers): Matched {
  const place = new Map(day.flows.map((id, n) => [id, n]))
  const named = new Map<string, number[]>()
  for (const [n, id] of day.flows.entries()) {
    const name = id.split('@')[0]!
    named.set(name, [...(named.get(name) ?? []), n])
  }
  const own = Int32Array.from(ids, (id) => place.get(id) ?? -1)
  const family = new Map<number, { places: readonly number[]; part: number }>()
  for (const [i, { institution, service, direction, scale = 1 }] of subjects.entries()) {
    const places = named.get(`${institution}/${service}/${direction}`)
    if (own[i] === -1 && places !== undefined) family.set(i, { places, part: scale })
  }
  return { day, own, family, slots: new Set(day.parts.map(({ slot }) => slot)), hours: new LruMap(2) }
}
