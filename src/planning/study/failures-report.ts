// What `plan failures` says: how many cuts hurt whom, the worst of them, then tier by tier.

import type { CutResult, Failures } from './failures.js'
import { type Cell, column, type PlanReport, type PlanTable, text } from './plan-report.js'
import { demandWords, inputHash, type Study, timeOfStep } from './study.js'
import type { Hurt } from './sweep.js'
import type { PlanTier } from './tiers.js'
import { tiersOf } from './tiers.js'

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
    tables: [cutsTable(failures), tiersTable(failures), byTierTable(failures), institutionsTable(failures)],
    limits: [
      text(
        'A cut stands alone, for the whole of the steps; routes have settled. Repair times are not asked about.',
        'Mkato mmoja hutazamwa peke yake, kwa hatua zote; njia zimeshatulia. Muda wa matengenezo hauangaliwi.',
      ),
    ],
  }
  return report
}

/** What a study was asked of. */
function studyFacts(study: Study, steps: number): PlanReport['facts'] {
  const { plane } = study.document
  const day = new Date(study.scenario.from + 12 * 3_600_000).toISOString().slice(0, 10)
  return [
    [text('plane', 'mtandao'), `${plane.name.en}${plane.demo ? ' (DEMO: figures are assumptions)' : ''}`],
    [text('demand', 'mahitaji'), demandWords(study)],
    [text('day', 'siku'), `${day}, ${steps} of 288 steps of 5 minutes, those in which most is asked for`],
  ]
}

function findingsOf({ intact, cuts, study, steps }: Failures, pairs: boolean): PlanReport['findings'] {
  const short = cuts.filter((cut) => cut.short.size > 0).length
  const lost = cuts.filter((cut) => cut.unreachable.size > 0).length
  const all = study.plan.institutions.length
  const what = pairs ? text('pairs of cuts', 'jozi za mikato') : text('single cuts', 'mikato ya pekee')
  const where = text(
    `In the ${steps.length} busiest steps, with nothing cut,`,
    `Katika hatua ${steps.length} zenye mahitaji makubwa zaidi, bila mkato,`,
  )
  const first =
    intact.short.size === 0
      ? text(
          `${where.en} all ${all} institutions have their promises.`,
          `${where.sw} taasisi zote ${all} zinapata ahadi.`,
        )
      : text(
          `${where.en} ${intact.short.size} of ${all} institutions are short.`,
          `${where.sw} taasisi ${intact.short.size} kati ya ${all} zimepungukiwa.`,
        )
  return [
    first,
    text(
      `Of ${cuts.length} ${what.en} ${short} leave a promise short, ` +
        `and ${lost} leave somebody without a way to a service.`,
      `Kati ya ${what.sw} ${cuts.length}, ${short} huacha ahadi ikiwa pungufu, ` +
        `na ${lost} huacha mtu bila njia ya kufikia huduma.`,
    ),
  ]
}

/** "exchange 554, internet 20" */
function servicesOf({ plan }: Study, hurts: readonly Hurt[]): string {
  const counts = new Map<number, number>()
  for (const { service } of hurts) counts.set(service, (counts.get(service) ?? 0) + 1)
  const listed = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0])
  return listed.map(([service, count]) => `${plan.services[service]!.id} ${count}`).join(', ') || '-'
}

const ofKind = ({ hurts }: CutResult, kind: Hurt['kind']): Hurt[] => hurts.filter((hurt) => hurt.kind === kind)

function cutsTable(failures: Failures): PlanTable {
  const { study, steps } = failures
  const causeOf = (hurt: Hurt | null): Cell => (hurt && study.plan.links[hurt.cause]?.id) ?? null
  return {
    id: 'cuts',
    title: text('Cuts, those that hurt most institutions first', 'Mikato, inayoathiri taasisi nyingi kwanza'),
    shown: SHOWN,
    plot: {
      label: 'cut',
      values: ['institutions_short', 'institutions_unreachable'],
      title: text('Institutions hurt by each cut', 'Taasisi zinazoathiriwa na kila mkato'),
    },
    columns: [
      column('cut', 'text', 'cut', 'mkato'),
      column('kind', 'text', 'kind', 'aina'),
      column('institutions_short', 'count', 'short', 'pungufu'),
      column('institutions_unreachable', 'count', 'unreachable', 'hazifikiki'),
      column('only_together', 'count', 'only together', 'zikiwa pamoja tu'),
      column('lacks', 'rate', 'lacks', 'kinakosekana'),
      column('worst_kept', 'part', 'worst kept', 'kiasi kidogo zaidi'),
      column('worst_institution', 'text', 'of', 'ya'),
      column('worst_at', 'time', 'at', 'saa'),
      column('cause', 'text', 'full', 'kilichojaa'),
      column('unreachable_services', 'text', 'unreachable services', 'huduma zisizofikika'),
    ],
    rows: failures.cuts.map((result) => [
      result.cut.id,
      result.cut.kind,
      result.short.size,
      result.unreachable.size,
      result.cut.kind === 'pair' ? result.onlyTogether.size : null,
      result.missing,
      result.worst?.kept ?? null,
      result.worst && study.plan.institutions[result.worst.institution]!.id,
      result.worst && timeOfStep(study, steps[result.worst.worstStep]!),
      causeOf(result.worst),
      servicesOf(study, ofKind(result, 'unreachable')),
    ]),
  }
}

/** Of each tier and service the cut that leaves most short, and the one that cuts most off. */
function tiersTable({ study, cuts }: Failures): PlanTable {
  const found = new Map<string, { tier: string; service: string; short: [number, string]; lost: [number, string] }>()
  for (const result of cuts) {
    for (const { tier, service, short, unreachable } of tiersOf(study.plan, result.hurts)) {
      const key = `${tier} ${service}`
      const row = found.get(key) ?? { tier, service, short: [0, '-'], lost: [0, '-'] }
      if (short > row.short[0]) row.short = [short, result.cut.id]
      if (unreachable > row.lost[0]) row.lost = [unreachable, result.cut.id]
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
      column('most_unreachable', 'count', 'unreachable at most', 'zisizofikika zaidi'),
      column('most_unreachable_cut', 'text', 'by', 'kwa'),
    ],
    rows: rows.map(({ tier, service, short, lost }) => [tier, service, ...short, ...lost]),
  }
}

/** Every cut by tier and service: the matrix. */
function byTierTable({ study, cuts }: Failures): PlanTable {
  const cells = ({ cut }: CutResult, row: PlanTier): Cell[] => {
    const { tier, service, institutions, short, unreachable, missing, kept } = row
    return [cut.id, cut.kind, tier, service, institutions, short, unreachable, missing, kept]
  }
  return {
    id: 'cuts-by-tier',
    title: text('Each cut by tier and service', 'Kila mkato kwa daraja na huduma'),
    shown: 0,
    columns: [
      column('cut', 'text', 'cut', 'mkato'),
      column('kind', 'text', 'kind', 'aina'),
      column('tier', 'text', 'tier', 'daraja'),
      column('service', 'text', 'service', 'huduma'),
      column('institutions', 'count', 'institutions', 'taasisi'),
      column('short', 'count', 'short', 'pungufu'),
      column('unreachable', 'count', 'unreachable', 'zisizofikika'),
      column('lacks', 'rate', 'lacks', 'kinakosekana'),
      column('worst_kept', 'part', 'worst kept', 'kiasi kidogo zaidi'),
    ],
    rows: cuts.flatMap((result) => tiersOf(study.plan, result.hurts).map((row) => cells(result, row))),
  }
}

function institutionsTable({ study, steps, cuts }: Failures): PlanTable {
  const { institutions, services, links } = study.plan
  return {
    id: 'cuts-by-institution',
    title: text('Each cut by institution', 'Kila mkato kwa taasisi'),
    shown: 0,
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
    rows: cuts.flatMap(({ cut, hurts }) =>
      hurts.map(({ institution, service, kind, missing, kept, worstStep, cause }): Cell[] => {
        const { id, tier } = institutions[institution]!
        const at = timeOfStep(study, steps[worstStep]!)
        return [cut.id, cut.kind, id, tier, services[service]!.id, kind, missing, kept, at, links[cause]?.id ?? null]
      }),
    ),
  }
}
