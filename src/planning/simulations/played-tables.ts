// The tables of a scenario that was played, for whoever reads them in a page: each column with its unit, its kind and a
// head in both languages. The files of `mizani simulate` have the same columns under the same names; here times are
// milliseconds since 1970, so that they are shown by the clocks of the plane, and bodies have their names.

import type { Text } from '../../model/network.js'
import type { PlanLink } from '../../model/plan.js'
import type { PolicyDocument } from '../../policy/document/document.js'
import type { CellKind, Column, Cell as PlanCell, PlanSheet } from '../study/plan-report.js'
import { column, named, text } from '../study/plan-report.js'
import { bandText, directionText, kindText } from '../study/plan-words.js'
import type { Cell, LongTable } from '../tables.js'

type Known = readonly [CellKind, en: string, sw: string]

const TITLES: Readonly<Record<string, Text>> = {
  tiers: text('By tier', 'Kwa daraja'),
  institutions: text('By institution', 'Kwa taasisi'),
  'short-flows': text('Flows that are short', 'Mitiririko inayopungukiwa'),
  bands: text(
    'By band, for the whole story and for each part of it',
    'Kwa hatua ya mgao, kwa kisa chote na kwa kila sehemu yake',
  ),
  links: text('By link', 'Kwa kiungo'),
  timeline: text('Step by step', 'Hatua kwa hatua'),
}

const COLUMNS: Readonly<Record<string, Known>> = {
  tier: ['text', 'tier', 'daraja'],
  institution: ['text', 'institution', 'taasisi'],
  category: ['text', 'category', 'aina'],
  region: ['text', 'region', 'mkoa'],
  link: ['text', 'link', 'kiungo'],
  kind: ['text', 'kind', 'aina'],
  direction: ['text', 'direction', 'mwelekeo'],
  flow: ['text', 'flow', 'mtiririko'],
  band: ['text', 'band', 'hatua ya mgao'],
  events: ['text', 'events', 'matukio'],
  time: ['time', 'time', 'wakati'],
  from: ['time', 'from', 'kuanzia'],
  to: ['time', 'until', 'hadi'],
  institutions: ['count', 'institutions', 'taasisi'],
  institutions_below: ['count', 'below their promise', 'chini ya ahadi'],
  most_institutions_short: ['count', 'institutions short at most', 'taasisi zilizopungukiwa, nyingi zaidi'],
  minutes_below: ['count', 'minutes below', 'dakika chini ya ahadi'],
  longest_minutes_below: ['count', 'most minutes below', 'dakika nyingi zaidi chini ya ahadi'],
  longest_spell_minutes: ['count', 'longest spell, minutes', 'mfululizo mrefu zaidi, dakika'],
  longest_spell_from: ['time', 'longest spell from', 'mfululizo mrefu zaidi kuanzia'],
  minutes_short: ['count', 'minutes short', 'dakika za upungufu'],
  minutes_anyone_short: ['count', 'minutes with anyone short', 'dakika ambazo yeyote anapungukiwa'],
  lower_bound_minutes: ['count', 'minutes held back in the record', 'dakika zilizozuiliwa kwenye rekodi'],
  promised_mbit: ['count', 'promised, Mbit', 'kilichoahidiwa, Mbit'],
  missing_mbit: ['count', 'missing, Mbit', 'kinachokosekana, Mbit'],
  lacks_mbps: ['count', 'missing while below, Mbit/s', 'kinachokosekana wakati huo, Mbit/s'],
  size_mbps: ['count', 'promise, Mbit/s', 'ahadi, Mbit/s'],
  demand_mbps: ['count', 'demand, Mbit/s', 'mahitaji, Mbit/s'],
  need_mbps: ['count', 'given, Mbit/s', 'kinachotolewa, Mbit/s'],
  rate_mbps: ['count', 'rate, Mbit/s', 'kasi, Mbit/s'],
  satisfaction: ['part', 'given of demand', 'kinachotolewa kati ya mahitaji'],
  worst_kept: ['part', 'least kept of the promise', 'sehemu ndogo zaidi ya ahadi iliyopatikana'],
  worst_at: ['time', 'worst at', 'mbaya zaidi saa'],
  worst_flow: ['text', 'worst flow', 'mtiririko ulioathirika zaidi'],
  cause_events: ['text', 'events then', 'matukio ya wakati huo'],
  cause_link: ['text', 'first full', 'kilichojaa kwanza'],
  cause_links: ['text', 'full', 'vilivyojaa'],
  p95_load_mbps: ['count', 'P95 of load, Mbit/s', 'P95 ya matumizi, Mbit/s'],
  p95_utilisation: ['part', 'P95 of use', 'P95 ya matumizi, sehemu ya uwezo'],
  minutes_full: ['count', 'minutes full', 'dakika kikiwa kimejaa'],
  minutes_dead: ['count', 'minutes cut', 'dakika kikiwa kimekatika'],
  worst_hour: ['time', 'busiest hour from', 'saa yenye matumizi makubwa zaidi kuanzia'],
  worst_hour_load_mbps: ['count', 'load then, Mbit/s', 'matumizi ya saa hiyo, Mbit/s'],
  worst_hour_room_mbps: ['count', 'room then, Mbit/s', 'uwezo wa saa hiyo, Mbit/s'],
  worst_hour_utilisation: ['part', 'use in the busiest hour', 'matumizi ya saa hiyo, sehemu ya uwezo'],
  worst_hour_headroom_mbps: ['count', 'headroom then, Mbit/s', 'nafasi ya ziada ya saa hiyo, Mbit/s'],
  takers_mbps: ['text', 'who took most then, Mbit/s', 'waliotumia zaidi saa hiyo, Mbit/s'],
}

/** Of the timeline: a column for each band that promises. */
const BY_BAND = /^(.+)_(missing_mbps|worst_kept|institutions_short)$/
const OF_BAND: Readonly<Record<string, Known>> = {
  missing_mbps: ['count', 'missing, Mbit/s', 'kinachokosekana, Mbit/s'],
  worst_kept: ['part', 'least kept', 'sehemu ndogo zaidi iliyopatikana'],
  institutions_short: ['count', 'institutions short', 'taasisi zilizopungukiwa'],
}

function columnOf(id: string): Column {
  const known = COLUMNS[id]
  if (known !== undefined) return column(id, ...known)
  const [, band = id, what = ''] = BY_BAND.exec(id) ?? []
  const said = bandText(band)
  const [kind, en, sw] = OF_BAND[what] ?? (['text', id, id] as const)
  return column(id, kind, `${said.en}: ${en}`, `${said.sw}: ${sw}`)
}

/** Columns of events: their ids, by blanks. */
const OF_EVENTS: readonly string[] = ['events', 'cause_events']

/** What is called by ids in a table: the policy that was played, and the events of the story. */
interface Played {
  readonly document: PolicyDocument
  readonly events: Readonly<Record<string, { readonly name: Text }>>
}

/** A table as it is read. */
export function playedTable(id: string, { columns, rows }: LongTable, { document, events }: Played): PlanSheet {
  const { institutions, tiers, categories, regions } = document
  const bodies: Readonly<Record<string, Readonly<Record<string, { readonly name: Text }>>>> = {
    ...{ institution: institutions, tier: tiers, category: categories, region: regions },
  }
  const read = columns.map(columnOf)
  const cellOf = (cell: Cell, { id, kind }: Column): PlanCell => {
    if (typeof cell !== 'string') return cell
    if (kind === 'time') return Date.parse(cell)
    if (OF_EVENTS.includes(id)) return eventsText(cell, events)
    if (id === 'band') return bandText(cell)
    if (id === 'kind') return kindText(cell as PlanLink['kind'])
    if (id === 'direction') return directionText(cell)
    const name = bodies[id]?.[cell]?.name
    return name === undefined ? cell : named(cell, name)
  }
  return {
    ...{ id, title: TITLES[id] ?? text(id, id), columns: read },
    *rows() {
      for (const row of rows()) yield read.map((one) => cellOf(row[one.id]!, one))
    },
  }
}

function eventsText(ids: string, events: Played['events']): PlanCell {
  if (ids === '') return null
  const names = ids.split(' ').map((id) => events[id]?.name ?? text(id, id))
  return named(ids, text(names.map(({ en }) => en).join(', '), names.map(({ sw }) => sw).join(', ')))
}
