// Words that stand in the cells of plan reports, in both languages: what is cut, what has become of whom, and dates.

import { civilTime } from '../../model/civil-time.js'
import { BANDS, PLANNED, WORDS, word } from '../../model/glossary.mjs'
import type { Text } from '../../model/network.js'
import type { PlanLink } from '../../model/plan.js'
import { DAY, MINUTE, SLOT, type UnixMilliseconds } from '../../model/units.js'
import type { PolicyDocument } from '../../policy/document/document.js'
import { GUARANTEE } from '../playthrough.js'
import { basisText } from '../recorded/basis-words.js'
import type { BASIS } from '../recorded/source.js'
import { type Cut, type CutKind, cutName } from './cuts.js'
import { wordIn } from './definitions.js'
import { type Growth, growthWords } from './growth.js'
import type { Hurt } from './harm.js'
import { type Cell, count, type Named, named, type PlanReport, text } from './plan-report.js'
import { demandWords, type Study } from './study.js'

/** Of a glossary in both languages; what is in none stays as it is. */
const worded = (table: Parameters<typeof word>[0], key: string): Text =>
  text(word(table, key, 'en'), word(table, key, 'sw'))

export const kindText = (kind: CutKind | PlanLink['kind']): Text => worded(PLANNED, kind)
export const directionText = (direction: string): Text => worded(WORDS, direction)
export const bandText = (band: string): Text =>
  band === GUARANTEE ? text('all guarantees', 'viwango vyote vya uhakika') : worded(BANDS, band)
export const serviceText = ({ plan }: Pick<Study, 'plan'>, id: string): Named =>
  named(id, plan.services.find((service) => service.id === id)?.name ?? text(id, id))
export const tierText = ({ document }: Pick<Study, 'document'>, id: string): Named =>
  named(id, document.tiers[id]?.name ?? text(id, id))
/** By its place in the plan. */
export function institutionAt({ plan }: Pick<Study, 'plan'>, n: number): Named {
  const { id, name } = plan.institutions[n]!
  return named(id, name)
}
export const institutionText = (study: Pick<Study, 'plan'>, id: string): Named => {
  const n = study.plan.institutions.findIndex((institution) => institution.id === id)
  return n < 0 ? named(id, text(id, id)) : institutionAt(study, n)
}

export const planeText = ({ name, demo }: Pick<PolicyDocument['plane'], 'name' | 'demo'>): Text =>
  demo ? text(`${name.en} (DEMO: figures are assumptions)`, `${name.sw} (MFANO: takwimu ni za kudhania)`) : name

/** What people list by comma: sorts and names, in words where there are some. */
export function listText(list: string, nameOf: (id: string) => Text | undefined = () => undefined): Text {
  const all = list.split(',').map((word) => word.trim())
  const said = all.map((id) => nameOf(id) ?? worded(PLANNED, id))
  return text(said.map(({ en }) => en).join(', '), said.map(({ sw }) => sw).join(', '))
}

/** Categories, tiers and institutions by their names. */
export const keptNames = (list: string, { categories, tiers, institutions }: PolicyDocument): Text =>
  listText(list, (id) => (categories[id] ?? tiers[id] ?? institutions[id])?.name)

/** With growth, where the demand of later years is asked about. */
export function grownText(study: Pick<Study, 'scenario'>, growth: Growth): Text {
  const [demand, grown] = [demandText(study), growthWords(growth)]
  return text(`${demand.en}, grown by ${grown.en} a year`, `${demand.sw}, yakikua kwa ${grown.sw} kwa mwaka`)
}

/** What is asked for on the day of the study. */
export function demandText(study: Pick<Study, 'scenario'>): Text {
  const { demand, seed } = study.scenario
  const en = demandWords(study)
  if (demand.model === 'seeded') return text(en, `ya modeli, mbegu ${seed}`)
  const [from, to] = [demand.from, demand.to].map((at) => new Date(at).toISOString())
  return text(en, `yaliyorekodiwa kuanzia ${from} hadi ${to}`)
}

const AGE = text('age of data', 'umri wa data')

/** How old what was measured is, on the day that is asked about: nothing here knows of today. */
export function ageFact({ scenario, document, recorded }: Study): PlanReport['facts'][number] {
  if (recorded === undefined)
    return [
      AGE,
      text(
        'none: demand is of a model, nothing of it was measured',
        'hakuna: mahitaji ni ya modeli, hakuna yaliyopimwa',
      ),
    ]
  const dateOf = (at: UnixMilliseconds): string => civilTime(at, document.plane.timezone).date
  const last = dateOf(recorded.record.until - 1)
  const days = Math.round((Date.parse(dateOf(scenario.from)) - Date.parse(last)) / DAY)
  if (days === 0)
    return [
      AGE,
      text(`recorded until ${last}, the day of the study`, `yaliyorekodiwa hadi ${last}, siku iliyochaguliwa`),
    ]
  const apart = count(Math.abs(days))
  const said =
    days > 0
      ? text(`${apart} days before the day of the study`, `siku ${apart} kabla ya siku iliyochaguliwa`)
      : text(`${apart} days after the day of the study`, `siku ${apart} baada ya siku iliyochaguliwa`)
  return [AGE, text(`recorded until ${last}, ${said.en}`, `yaliyorekodiwa hadi ${last}, ${said.sw}`)]
}

/** What was recorded, and nothing that comes after it. */
export function recordedUntil(at: UnixMilliseconds, zone: string): PlanReport['facts'][number] {
  const { date } = civilTime(at - 1, zone)
  return [AGE, text(`recorded until ${date}`, `yaliyorekodiwa hadi ${date}`)]
}

const stateText = (kind: Hurt['kind']): Text => text(kind, wordIn(kind, 'sw'))
export const STATE: Readonly<Record<Hurt['kind'], Text>> = {
  ...{ short: stateText('short'), partly: stateText('partly'), unreachable: stateText('unreachable') },
}

const NOTHING = text('nothing', 'hakuna')
export const NO_WAY = text('no way', 'hakuna njia')
export const NEVER = text('never', 'kamwe')

/** Which failure; null: the intact network. */
export const failureText = (cut: Cut | null): Cell => (cut === null ? NOTHING : cutName(cut))

export function afterText(at: UnixMilliseconds, zone: string): Text {
  const { date } = civilTime(at, zone)
  return text(`after ${date}`, `baada ya ${date}`)
}

/** A verdict on recorded demand begins with how much of the day is recorded. */
export function recordFindings({ recorded }: Pick<Study, 'recorded'>): Text[] {
  if (recorded === undefined) return []
  const minutesOf = (...some: readonly (typeof BASIS)[number][]): string =>
    count(some.reduce((sum, kind) => sum + (recorded.basis[kind] * SLOT) / MINUTE, 0))
  const all = minutesOf('recorded', 'imported', 'repeated', 'modelled')
  const [known, other, none] = [minutesOf('recorded', 'imported'), minutesOf('repeated'), minutesOf('modelled')]
  return [
    text(
      `${known} of ${all} minutes of that day were recorded; ${other} are of another day, ${none} of the model.`,
      `Dakika ${known} kati ya ${all} za siku hiyo zilirekodiwa; ${other} ni za siku nyingine, ${none} ni za modeli.`,
    ),
  ]
}

/** How much of the day's demand is recorded, where it is not the model's; and of the day off, where one was read. */
export function recordLimits({ recorded }: Pick<Study, 'recorded'>): Text[] {
  if (recorded === undefined) return []
  const [day, off] = [recorded, recorded.off].map((each) => each && basisText(each.basis))
  if (off === undefined) return [day!]
  return [
    text(`Working days. ${day!.en}`, `Siku za kazi. ${day!.sw}`),
    text(`Days off. ${off.en}`, `Mapumziko. ${off.sw}`),
  ]
}
