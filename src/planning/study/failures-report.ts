// What `plan failures` says: how many cuts hurt whom, the worst of them, then tier by tier.

import { civilTime } from '../../model/civil-time.js'
import type { Text } from '../../model/network.js'
import type { PlanService } from '../../model/plan.js'
import { cutName } from './cuts.js'
import type { CutResult, Failures } from './failures.js'
import type { Hurt, Moment } from './harm.js'
import {
  type Cell,
  column,
  count,
  named,
  type PlanReport,
  type PlanSheet,
  type PlanTable,
  text,
} from './plan-report.js'
import {
  ageFact,
  demandText,
  institutionAt,
  kindText,
  planeText,
  recordFindings,
  recordLimits,
  STATE,
  serviceText,
  tierText,
} from './plan-words.js'
import { inputHash, type Study, timeOfStep } from './study.js'
import type { PlanTier } from './tiers.js'
import { tiersOf } from './tiers.js'
import { waylessFindings } from './wayless.js'

const SHOWN = 15

export function failuresReport(failures: Failures, options: { readonly busiest: number; readonly pairs: boolean }) {
  const { study } = failures
  const more = `--busiest ${options.busiest}${options.pairs ? ' --pairs' : ''}`
  const report: PlanReport = {
    id: 'failures',
    title: text('What breaks, and whom it hurts', 'Kinachokatika, na kinamwathiri nani'),
    zone: study.document.plane.timezone,
    command: ['mizani plan failures', ...study.words, more].join(' '),
    inputHash: inputHash(study, options),
    facts: studyFacts(study, failures.steps.length),
    findings: findingsOf(failures, options.pairs),
    tables: [cutsTable(failures), tiersTable(failures)],
    sheets: [byTierSheet(failures), institutionsSheet(failures)],
    limits: [
      text(
        'A cut stands alone, for the whole of the steps; routes have settled. Repair times are not asked about. ' +
          'What takes the same links away is one cut, whatever it is called.',
        'Mkato mmoja hutazamwa peke yake, kwa hatua zote; njia zimeshatulia. Muda wa matengenezo hauangaliwi. ' +
          'Kinachokata viungo vilevile ni mkato mmoja, hata kikiitwaje.',
      ),
      ...recordLimits(study),
    ],
  }
  return report
}

const dayOf = ({ scenario, document }: Study): string => civilTime(scenario.from, document.plane.timezone).date

/** What a study was asked of. */
function studyFacts(study: Study, steps: number): PlanReport['facts'] {
  const day = dayOf(study)
  return [
    [text('plane', 'mtandao'), planeText(study.document.plane)],
    [text('demand', 'mahitaji'), demandText(study)],
    ageFact(study),
    [
      text('day', 'siku'),
      text(
        `${day}, ${steps} of 288 steps of 5 minutes, those in which most is asked for`,
        `${day}, hatua ${steps} kati ya 288 za dakika 5, zenye mahitaji makubwa zaidi`,
      ),
    ],
  ]
}

function questionOf(study: Study, pairs: boolean): Text {
  const day = dayOf(study)
  return pairs
    ? text(
        `Who is short, and who has no way to a service, if any two links or groups fail together on ${day}?`,
        `Nani anapungukiwa, na nani anakosa njia ya kufikia huduma, viungo au makundi mawili yoyote yakikatika ` +
          `pamoja ${day}?`,
      )
    : text(
        `Who is short, and who has no way to a service, if any one link, group or node fails on ${day}?`,
        `Nani anapungukiwa, na nani anakosa njia ya kufikia huduma, kiungo, kundi au kituo chochote kimoja ` +
          `kikikatika ${day}?`,
      )
}

function findingsOf({ intact, cuts, study, steps }: Failures, pairs: boolean): PlanReport['findings'] {
  const short = cuts.filter((cut) => cut.short.size > 0).length
  const lost = cuts.filter((cut) => cut.unreachable.size > 0).length
  const partly = cuts.filter((cut) => cut.partly.size > 0).length
  const all = study.plan.institutions.length
  const what = pairs ? text('pairs of cuts', 'jozi za mikato') : text('single cuts', 'mikato ya pekee')
  const where =
    steps.length === 1
      ? text('In the busiest step, with nothing cut,', 'Katika hatua yenye mahitaji makubwa zaidi, bila mkato,')
      : text(
          `In the ${steps.length} busiest steps, with nothing cut,`,
          `Katika hatua ${steps.length} zenye mahitaji makubwa zaidi, bila mkato,`,
        )
  const wayless = new Set([...intact.partly, ...intact.unreachable]).size
  return [
    questionOf(study, pairs),
    ...recordFindings(study),
    ...waylessFindings(study),
    intactText(where, { short: intact.short.size, wayless, all }),
    text(
      `Of ${count(cuts.length)} ${what.en} ${count(short)} leave a promise short, ` +
        `${count(lost)} leave somebody without a way to a service, ` +
        `and ${count(partly)} leave some of an institution's sites without.`,
      `Kati ya ${what.sw} ${count(cuts.length)}, ${count(short)} huacha ahadi ikiwa pungufu, ${count(lost)} huacha ` +
        `mtu bila njia ya kufikia huduma, na ${count(partly)} huacha baadhi ya vituo vya taasisi bila njia.`,
    ),
  ]
}

/** What the institutions get with nothing cut, those apart that have no way. */
function intactText(where: Text, { short, wayless, all }: Readonly<Record<'short' | 'wayless' | 'all', number>>): Text {
  if (short > 0)
    return text(
      `${where.en} ${short} of ${all} institutions are short.`,
      `${where.sw} taasisi ${short} kati ya ${all} zimepungukiwa.`,
    )
  if (wayless > 0)
    return text(
      `${where.en} ${all - wayless} of ${all} institutions have their promises.`,
      `${where.sw} taasisi ${all - wayless} kati ya ${all} zinapata ahadi.`,
    )
  return text(
    `${where.en} all ${all} institutions have their promises.`,
    `${where.sw} taasisi zote ${all} zinapata ahadi.`,
  )
}

/** What the tables list: the intact network, where somebody has no way in it, then every cut. */
const resultsOf = ({ intact, cuts }: Failures): readonly CutResult[] =>
  intact.partly.size + intact.unreachable.size === 0 ? cuts : [intact, ...cuts]

/** "exchange 554, internet 20" in files; names of services in a page. */
function servicesOf(study: Study, hurts: readonly Hurt[]): Cell {
  const counts = new Map<number, number>()
  for (const { service } of hurts) counts.set(service, (counts.get(service) ?? 0) + 1)
  if (counts.size === 0) return null
  const ordered = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0])
  const listed = ordered.map(([n, count]) => ({ service: study.plan.services[n]!, count }))
  const said = (of: (service: PlanService) => string): string =>
    listed.map(({ service, count }) => `${of(service)} ${count}`).join(', ')
  const names = text(
    said(({ name }) => name.en),
    said(({ name }) => name.sw),
  )
  return named(
    said(({ id }) => id),
    names,
  )
}

/** What names a cut, or the intact network. */
const cutCells = ({ intact }: Failures, { cut }: CutResult): Cell[] =>
  cut === intact.cut ? [text(cut.id, 'hakuna'), text('intact', 'mzima')] : [cut.id, kindText(cut.kind)]

/** What several lack together, and when. */
const LACKS = [
  column('lacks', 'rate', 'lack together', 'zinakosa kwa pamoja'),
  column('lacks_at', 'time', 'then', 'wakati huo'),
] as const

const momentCells = ({ study, steps }: Failures, most: Moment | null): Cell[] =>
  most === null || most.step < 0 ? [0, null] : [most.missing, timeOfStep(study, steps[most.step]!)]

const ofKind = ({ hurts }: CutResult, kind: Hurt['kind']): Hurt[] => hurts.filter((hurt) => hurt.kind === kind)

function cutsTable(failures: Failures): PlanTable {
  const { study, steps } = failures
  const causeOf = (hurt: Hurt | null): Cell => (hurt && study.plan.links[hurt.cause]?.id) ?? null
  return {
    id: 'cuts',
    title: text('Cuts, those that hurt most institutions first', 'Mikato, inayoathiri taasisi nyingi kwanza'),
    ...{ shown: SHOWN, first: 8, aside: ['lacks_at', 'worst_at', 'also'] },
    plot: {
      label: 'cut',
      values: ['institutions_short', 'institutions_unreachable'],
      title: text('Institutions hurt by each cut', 'Taasisi zinazoathiriwa na kila mkato'),
    },
    columns: [
      column('cut', 'text', 'cut', 'mkato'),
      column('kind', 'text', 'kind', 'aina'),
      column('institutions_short', 'count', 'short', 'pungufu'),
      column('institutions_partly', 'count', 'partly', 'kwa sehemu'),
      column('institutions_unreachable', 'count', 'unreachable', 'hazifikiki'),
      column('only_together', 'count', 'only together', 'zikiwa pamoja tu'),
      ...LACKS,
      column('worst_kept', 'part', 'worst kept', 'kiasi kidogo zaidi'),
      column('worst_institution', 'text', 'of', 'ya'),
      column('worst_at', 'time', 'which is worst at', 'mbaya zaidi saa'),
      column('cause', 'text', 'full', 'kilichojaa'),
      column('unreachable_services', 'text', 'unreachable services', 'huduma zisizofikika'),
      column('also', 'text', 'also called', 'huitwa pia'),
    ],
    rows: resultsOf(failures).map((result) => [
      ...cutCells(failures, result),
      result.short.size,
      result.partly.size,
      result.unreachable.size,
      result.cut.kind === 'pair' ? result.onlyTogether.size : null,
      ...momentCells(failures, result.most),
      result.worst?.kept ?? null,
      result.worst && institutionAt(study, result.worst.institution),
      result.worst && timeOfStep(study, steps[result.worst.worstStep]!),
      causeOf(result.worst),
      servicesOf(study, ofKind(result, 'unreachable')),
      result.cut.also?.join(', ') ?? null,
    ]),
  }
}

/** Of each tier and service the cut that leaves most short, and those that take a way from most. */
function tiersTable({ study, cuts }: Failures): PlanTable {
  const kinds = ['short', 'partly', 'unreachable'] as const
  type Most = Record<(typeof kinds)[number], readonly [number, string | null]>
  const found = new Map<string, { readonly tier: string; readonly service: string; readonly most: Most }>()
  for (const result of cuts) {
    for (const of of tiersOf(study.plan, result)) {
      const { tier, service } = of
      const key = `${tier} ${service}`
      const row = found.get(key) ?? {
        tier,
        service,
        most: { short: [0, null], partly: [0, null], unreachable: [0, null] },
      }
      for (const kind of kinds) if (of[kind] > row.most[kind][0]) row.most[kind] = [of[kind], cutName(result.cut)]
      found.set(key, row)
    }
  }
  const rows = [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row)
  return {
    id: 'tiers',
    title: text('By tier and service, the worst cut', 'Kwa daraja na huduma, mkato mbaya zaidi'),
    columns: [
      column('tier', 'text', 'tier', 'daraja'),
      column('service', 'text', 'service', 'huduma'),
      column('most_short', 'count', 'short at most', 'pungufu zaidi'),
      column('most_short_cut', 'text', 'by', 'kwa'),
      column('most_partly', 'count', 'partly at most', 'kwa sehemu zaidi'),
      column('most_partly_cut', 'text', 'by', 'kwa'),
      column('most_unreachable', 'count', 'unreachable at most', 'zisizofikika zaidi'),
      column('most_unreachable_cut', 'text', 'by', 'kwa'),
    ],
    rows: rows.map(({ tier, service, most }) => [
      ...[tierText(study, tier), serviceText(study, service)],
      ...kinds.flatMap((kind) => most[kind]),
    ]),
  }
}

/** Every cut by tier and service: the matrix. */
function byTierSheet(failures: Failures): PlanSheet {
  const { study } = failures
  const cells = (result: CutResult, row: PlanTier): Cell[] => {
    const { tier, service, institutions, short, partly, unreachable, most, kept } = row
    const of = [tierText(study, tier), serviceText(study, service)]
    return [
      ...cutCells(failures, result),
      ...of,
      institutions,
      short,
      partly,
      unreachable,
      ...momentCells(failures, most),
      kept,
    ]
  }
  return {
    id: 'cuts-by-tier',
    title: text('Each cut by tier and service', 'Kila mkato kwa daraja na huduma'),
    columns: [
      column('cut', 'text', 'cut', 'mkato'),
      column('kind', 'text', 'kind', 'aina'),
      column('tier', 'text', 'tier', 'daraja'),
      column('service', 'text', 'service', 'huduma'),
      column('institutions', 'count', 'institutions', 'taasisi'),
      column('short', 'count', 'short', 'pungufu'),
      column('partly', 'count', 'partly', 'kwa sehemu'),
      column('unreachable', 'count', 'unreachable', 'zisizofikika'),
      ...LACKS,
      column('worst_kept', 'part', 'worst kept', 'kiasi kidogo zaidi'),
    ],
    *rows() {
      for (const result of resultsOf(failures)) for (const row of tiersOf(study.plan, result)) yield cells(result, row)
    },
  }
}

function institutionsSheet(failures: Failures): PlanSheet {
  const { study, steps } = failures
  const { institutions, services, links } = study.plan
  return {
    id: 'cuts-by-institution',
    title: text('Each cut by institution', 'Kila mkato kwa taasisi'),
    columns: [
      column('cut', 'text', 'cut', 'mkato'),
      column('kind', 'text', 'kind', 'aina'),
      column('institution', 'text', 'institution', 'taasisi'),
      column('tier', 'text', 'tier', 'daraja'),
      column('service', 'text', 'service', 'huduma'),
      column('state', 'text', 'state', 'hali'),
      column('lacks', 'rate', 'lacks', 'kinakosekana'),
      column('kept', 'part', 'kept', 'inayopatikana'),
      column('worst_at', 'time', 'worst at', 'mbaya zaidi saa'),
      column('cause', 'text', 'full', 'kilichojaa'),
    ],
    *rows() {
      for (const result of resultsOf(failures)) {
        for (const { institution, service, kind, missing, kept, worstStep, cause } of result.hurts) {
          const { id, name, tier } = institutions[institution]!
          const at = timeOfStep(study, steps[worstStep]!)
          const full = links[cause]?.id ?? null
          const of = [named(id, name), tierText(study, tier), serviceText(study, services[service]!.id)]
          yield [...cutCells(failures, result), ...of, STATE[kind], missing, kept, at, full]
        }
      }
    },
  }
}
