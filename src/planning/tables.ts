// The tables of a report: each column once, with its name and unit and how it is read from the outcome. CSV files and
// report.json are written from the same rows. Rates are Mbit/s to 1 kbit/s, volumes Mbit, and the names say which;
// times are UTC; a list in a cell is split by blanks; what is not known is an empty cell.

import type { BandOutcome, InstitutionOutcome, LinkOutcome, ShortFlow, TierOutcome, Worst } from './outcome.js'
import { rowNames } from './playthrough.js'
import type { Run } from './run.js'

export type Cell = string | number | null
export type Row = Readonly<Record<string, Cell>>

export interface Table {
  readonly columns: readonly string[]
  readonly rows: readonly Row[]
}

/** A table of so many rows that each is made as it is written. */
export interface LongTable {
  readonly columns: readonly string[]
  rows(): Iterable<Row>
}

type Columns<Item> = Readonly<Record<string, (item: Item) => Cell>>

const mbit = (bits: number): number => Number((bits / 1e6).toFixed(3))
const fraction = (value: number): number => Number(value.toFixed(4))
const known = (read: (value: number) => number, value: number | null): number | null => value && read(value)
/** bit/s: a volume by the minutes in which it was lacking. */
export const lackOf = (bits: number, minutes: number): number => (minutes > 0 ? bits / (60 * minutes) : 0)
const listed = (names: readonly string[]): string => names.join(' ')
/** 2024-05-12T00:00:00Z */
export const utc = (at: number): string => new Date(at).toISOString().replace('.000Z', 'Z')

/** Where and why, of something at its worst; null: it never was short. */
const CAUSE: Columns<Worst | null> = {
  cause_events: (w) => w && listed(w.events),
  cause_link: (w) => w?.links[0]?.id ?? null,
  cause_links: (w) => w && listed(w.links.map(({ id }) => id)),
}
const causeOf = <Item>(read: (item: Item) => Worst | null): Columns<Item> =>
  Object.fromEntries(Object.entries(CAUSE).map(([name, cell]) => [name, (item: Item) => cell(read(item))]))

const INSTITUTIONS: Columns<InstitutionOutcome> = {
  institution: (i) => i.id,
  category: (i) => i.category,
  region: (i) => i.region,
  tier: (i) => i.tier,
  minutes_below: (i) => i.minutesBelow,
  longest_spell_minutes: (i) => i.longestSpell?.minutes ?? 0,
  longest_spell_from: (i) => i.longestSpell && utc(i.longestSpell.from),
  missing_mbit: (i) => mbit(i.missing),
  lacks_mbps: (i) => mbit(lackOf(i.missing, i.minutesBelow)),
  worst_kept: (i) => fraction(i.worst?.kept ?? 1),
  worst_at: (i) => i.worst && utc(i.worst.at),
  worst_flow: (i) => i.worst?.flow ?? null,
  ...causeOf((i) => i.worst),
  demand_mbps: (i) => mbit(i.demand),
  need_mbps: (i) => mbit(i.need),
  rate_mbps: (i) => (i.rate === null ? null : mbit(i.rate)),
  satisfaction: (i) => fraction(i.satisfaction),
  lower_bound_minutes: (i) => i.minutesLeast,
}

const TIERS: Columns<TierOutcome> = {
  tier: (t) => t.tier,
  institutions: (t) => t.institutions,
  institutions_below: (t) => t.below,
  longest_minutes_below: (t) => t.longestMinutes,
  longest_spell_minutes: (t) => t.longestSpellMinutes,
  missing_mbit: (t) => mbit(t.missing),
  lacks_mbps: (t) => mbit(lackOf(t.missing, t.minutesBelow)),
  worst_kept: (t) => fraction(t.worstKept),
  satisfaction: (t) => fraction(t.satisfaction),
}

const SHORT_FLOWS: Columns<ShortFlow> = {
  flow: (f) => f.flow,
  institution: (f) => f.institution,
  band: (f) => f.band,
  size_mbps: (f) => mbit(f.size),
  minutes_short: (f) => f.minutes,
  missing_mbit: (f) => mbit(f.missing),
  lacks_mbps: (f) => mbit(lackOf(f.missing, f.minutes)),
  worst_kept: (f) => fraction(f.worst.kept),
  worst_at: (f) => utc(f.worst.at),
  ...causeOf((f) => f.worst),
}

interface Stretch extends BandOutcome {
  readonly from: number
  readonly to: number
  readonly events: readonly string[]
}

const BANDS: Columns<Stretch> = {
  from: (b) => utc(b.from),
  to: (b) => utc(b.to),
  events: (b) => listed(b.events),
  band: (b) => b.band,
  promised_mbit: (b) => mbit(b.promised),
  missing_mbit: (b) => mbit(b.missing),
  lacks_mbps: (b) => mbit(lackOf(b.missing, b.minutesShort)),
  worst_kept: (b) => fraction(b.worstKept),
  worst_at: (b) => (b.worstAt === null ? null : utc(b.worstAt)),
  most_institutions_short: (b) => b.mostInstitutionsShort,
  minutes_anyone_short: (b) => b.minutesShort,
  longest_spell_minutes: (b) => b.longestSpellMinutes,
}

const LINKS: Columns<LinkOutcome> = {
  link: (l) => l.id,
  kind: (l) => l.kind,
  direction: (l) => l.direction,
  p95_load_mbps: (l) => known(mbit, l.p95Load),
  p95_utilisation: (l) => known(fraction, l.p95Utilisation),
  minutes_full: (l) => l.minutesFull,
  minutes_dead: (l) => l.minutesDead,
  worst_hour: (l) => utc(l.worstHour.from),
  worst_hour_load_mbps: (l) => mbit(l.worstHour.load),
  worst_hour_room_mbps: (l) => mbit(l.worstHour.room),
  worst_hour_utilisation: (l) => known(fraction, l.worstHour.utilisation),
  worst_hour_headroom_mbps: (l) => mbit(Math.max(0, l.worstHour.room - l.worstHour.load)),
  cause_events: (l) => listed(l.worstHour.events),
  takers_mbps: (l) => listed(l.worstHour.takers.map((t) => `${t.institution}=${mbit(t.need)}`)),
}

/** By file name without its ending; beside them stands the timeline. */
export function tablesOf(run: Run): Readonly<Record<string, Table>> {
  const { outcome, scenario } = run
  const whole = { from: scenario.from, to: scenario.from + scenario.horizon, events: [] as string[] }
  const stretches = [{ ...whole, bands: outcome.bands }, ...outcome.phases]
  return {
    institutions: tableOf(INSTITUTIONS, outcome.institutions),
    tiers: tableOf(TIERS, outcome.tiers),
    'short-flows': tableOf(SHORT_FLOWS, outcome.shortFlows),
    bands: tableOf(
      BANDS,
      stretches.flatMap(({ bands, from, to, events }) => bands.map((band) => ({ ...band, from, to, events }))),
    ),
    links: tableOf(LINKS, outcome.links),
  }
}

function tableOf<Item>(columns: Columns<Item>, items: readonly Item[]): Table {
  return { columns: Object.keys(columns), rows: items.map(rowBy(columns)) }
}

function rowBy<Item>(columns: Columns<Item>): (item: Item) => Row {
  const cells = Object.entries(columns)
  return (item) => Object.fromEntries(cells.map(([name, cell]) => [name, cell(item)]))
}

/** Every step: what was asked and given, and of each guarantee band what was missing and how many were short. */
export function timelineOf({ scenario, plan, outcome, ledger }: Run): LongTable {
  const { steps, rows } = ledger.shape
  const columns: Record<string, (step: number) => Cell> = {
    time: (step) => utc(scenario.from + step * scenario.step),
    demand_mbps: (step) => mbit(ledger.stepDemand[step]!),
    need_mbps: (step) => mbit(ledger.stepNeed[step]!),
  }
  for (const [row, band] of rowNames(plan).entries()) {
    columns[`${band}_missing_mbps`] = (step) => mbit(ledger.stepMissing[step * rows + row]!)
    columns[`${band}_worst_kept`] = (step) => fraction(ledger.stepKept[step * rows + row]!)
    columns[`${band}_institutions_short`] = (step) => ledger.stepShort[step * rows + row]!
  }
  const eventsAt = (step: number) =>
    listed(outcome.phases.find(({ to }) => scenario.from + step * scenario.step < to)!.events)
  const read = rowBy({ ...columns, events: eventsAt })
  return {
    columns: [...Object.keys(columns), 'events'],
    *rows() {
      for (let step = 0; step < steps; step++) yield read(step)
    },
  }
}
