// A replay as a report: who loses by what is proposed, in moments that were, and how surely that is said.

import { civilTime } from '../../model/civil-time.js'
import type { Plan } from '../../model/plan.js'
import { column, type PlanReport, type PlanTable, text } from '../study/plan-report.js'
import { harmOf, lostBy, type Replay, type ReplayedInstitution } from './replay.js'

/** A page shows so many; the sheet has all. */
const SHOWN = 30
/** A mean that moves by less is the same. */
const LEAST = 1_000

export interface ReplayWords {
  readonly plan: Plan
  readonly command: string
  readonly inputHash: string
  /** What is proposed, in a word. */
  readonly proposed: string
}

/** Who loses and who gains: by what is missing of promises, else by what is given. */
export function sidesOf({ institutions }: Replay): {
  losers: readonly ReplayedInstitution[]
  gainers: readonly ReplayedInstitution[]
} {
  const side = (each: ReplayedInstitution): number => Math.sign(harmOf(each)) || Math.sign(movedBy(each))
  return {
    losers: institutions.filter((each) => side(each) > 0),
    gainers: institutions.filter((each) => side(each) < 0),
  }
}

const movedBy = (each: ReplayedInstitution): number => (Math.abs(lostBy(each)) >= LEAST ? lostBy(each) : 0)

export function replayReport(replay: Replay, { plan, command, inputHash, proposed }: ReplayWords): PlanReport {
  const { window } = replay
  const zone = plan.timezone
  const days = `${civilTime(window.from, zone).date} - ${civilTime(window.to - 1, zone).date}`
  return {
    id: 'replay',
    title: text(`Replayed on what was recorded: ${proposed}`, `Kurudiwa kwa yaliyorekodiwa: ${proposed}`),
    ...{ zone, command, inputHash },
    facts: [
      [text('plane', 'mtandao'), `${plan.name.en}${plan.demo ? ' (DEMO: figures are assumptions)' : ''}`],
      [text('recorded', 'yaliyorekodiwa'), days],
    ],
    findings: findingsOf(replay),
    tables: [sidesTable(replay, plan)],
    limits: limitsOf(replay),
  }
}

function findingsOf(replay: Replay): PlanReport['findings'] {
  const { losers, gainers } = sidesOf(replay)
  const { moments, slots, equal, institutions } = replay
  const sum = (of: 'before' | 'after'): number =>
    institutions.reduce((total, each) => total + (each[of]?.minutesShort ?? 0), 0)
  const worst = losers[0]
  const who =
    worst === undefined
      ? text('Nobody loses by it.', 'Hakuna anayepoteza kwa hilo.')
      : text(
          `${losers.length} institutions lose by it and ${gainers.length} gain; most is lost by ${worst.id}.`,
          `Taasisi ${losers.length} zinapoteza na ${gainers.length} zinapata; inayopoteza zaidi ni ${worst.id}.`,
        )
  return [
    who,
    text(
      `Institution-minutes short: ${sum('before')} under the policy in force, ${sum('after')} under what is proposed.`,
      `Dakika za upungufu za taasisi zote: ${sum('before')} chini ya sera iliyopo, ${sum('after')} chini ya pendekezo.`,
    ),
    text(
      `${moments} moments of ${slots} five minutes; the policy in force gives in ${equal} of them what was recorded, to the kbit/s.`,
      `Nyakati ${moments} kati ya dakika tano ${slots}; sera iliyopo inatoa katika ${equal} kile kilichorekodiwa, hadi kbit/s.`,
    ),
  ]
}

function sidesTable(replay: Replay, { institutions }: Plan): PlanTable {
  const tier = new Map(institutions.map(({ id, tier }) => [id, tier]))
  const { losers, gainers } = sidesOf(replay)
  return {
    id: 'institutions',
    title: text('Who loses, who gains', 'Nani anapoteza, nani anapata'),
    columns: [
      column('institution', 'text', 'Institution', 'Taasisi'),
      column('tier', 'text', 'Tier', 'Daraja'),
      column('short_before', 'count', 'Minutes short now', 'Dakika pungufu sasa'),
      column('short_after', 'count', 'Minutes short then', 'Dakika pungufu baadaye'),
      column('missing_gigabytes', 'count', 'GB missing more', 'GB zinazokosekana zaidi'),
      column('given_before', 'rate', 'Given now, mean', 'Kinachotolewa sasa, wastani'),
      column('given_after', 'rate', 'Given then, mean', 'Kitakachotolewa, wastani'),
    ],
    rows: [...losers, ...gainers.toReversed()].map((each) => [
      ...[each.id, tier.get(each.id) ?? null],
      ...[each.before!.minutesShort, each.after!.minutesShort, harmOf(each) / 8e9],
      ...[each.before!.need, each.after!.need],
    ]),
    shown: SHOWN,
    empty: text('Nobody loses or gains.', 'Hakuna anayepoteza wala kupata.'),
  }
}

function limitsOf({ moments, equal, ofRevision, unsteered, institutions }: Replay): PlanReport['limits'] {
  const added = institutions.filter(({ before }) => before === null).map(({ id }) => id)
  const gone = institutions.filter(({ after }) => after === null).map(({ id }) => id)
  return [
    text(
      'Each five minutes is judged by the one tick in which most was missing, which is kept in full. What was asked, the ' +
        `state of links and what could not be steered are as recorded. What was throttled may have wanted ` +
        'more than is known: its demand is a lower bound.',
      'Kila dakika tano hupimwa kwa wakati mmoja ambao zaidi kilikosekana, uliohifadhiwa wote. Kilichoombwa, hali ya ' +
        'viungo na kisichoongozwa ni kama kilivyorekodiwa. Kilichobanwa huenda kilitaka zaidi: mahitaji yake ni ya chini.',
    ),
    ...(equal === moments
      ? []
      : [
          text(
            `${moments - equal} moments are not as the policy in force gives them: ${moments - ofRevision} are of other ` +
              'revisions, and what was put in force for a while is repeated as far as it is remembered.',
            `Nyakati ${moments - equal} si kama sera iliyopo inavyotoa: ${moments - ofRevision} ni za matoleo mengine, na ` +
              'kilichowekwa kwa muda hurudiwa kadiri kinavyokumbukwa.',
          ),
        ]),
    ...(unsteered === 0
      ? []
      : [
          text(
            `In ${unsteered} moments some gateway did not enforce: what it let through counts before all others.`,
            `Katika nyakati ${unsteered} lango fulani halikutekeleza: kilichopita huhesabiwa kabla ya wengine wote.`,
          ),
        ]),
    ...(added.length + gone.length === 0
      ? []
      : [
          text(
            `Nothing is recorded of who comes new (${added.join(', ') || 'nobody'}); who goes is left out (${gone.join(', ') || 'nobody'}).`,
            `Hakuna kilichorekodiwa cha wapya (${added.join(', ') || 'hakuna'}); wanaoondoka hawahesabiwi (${gone.join(', ') || 'hakuna'}).`,
          ),
        ]),
  ]
}
