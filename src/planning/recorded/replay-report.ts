// A replay as a report: who loses by what is proposed, in moments that were, and how surely that is said.

import { civilTime } from '../../model/civil-time.js'
import type { Text } from '../../model/network.js'
import { column, count, type Named, named, type PlanReport, type PlanTable, text } from '../study/plan-report.js'
import { planeText, recordedUntil, tierText } from '../study/plan-words.js'
import type { Study } from '../study/study.js'
import { harmOf, lostBy, type Replay, type ReplayedInstitution } from './replay.js'

/** A page shows so many; the sheet has all. */
const SHOWN = 30
/** A mean that moves by less is the same. */
const LEAST = 1_000

export interface ReplayWords {
  /** What is proposed, by its name; the policy with it, and as it is. */
  readonly study: Pick<Study, 'scenario' | 'document' | 'habits'>
  readonly command: string
  readonly inputHash: string
}

/** Who comes new is known to what is proposed alone, and who goes to the policy as it is. */
function nameOf({ document, habits }: ReplayWords['study'], id: string): Named {
  return named(id, (document.institutions[id] ?? habits.institutions[id])?.name ?? text(id, id))
}

/** Who loses and who gains: by what is missing of promises, else by what is given. */
function sidesOf({ institutions }: Replay): {
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

export function replayReport(replay: Replay, { study, command, inputHash }: ReplayWords): PlanReport {
  const { window } = replay
  const { plane } = study.document
  const zone = plane.timezone
  const [from, to] = [window.from, window.to - 1].map((at) => civilTime(at, zone).date)
  const { name } = study.scenario
  return {
    id: 'replay',
    title: text(`Replayed on what was recorded: ${name.en}`, `Kurudiwa kwa yaliyorekodiwa: ${name.sw}`),
    ...{ zone, command, inputHash },
    facts: [
      [text('plane', 'mtandao'), planeText(plane)],
      [text('recorded', 'yaliyorekodiwa'), `${from} - ${to}`],
      recordedUntil(window.to, zone),
    ],
    findings: [
      text(
        `Who would have lost, and who gained, if this had been in force from ${from} to ${to}: ${name.en}?`,
        `Nani angepoteza, na nani angepata, kama hili lingekuwa linatumika kuanzia ${from} hadi ${to}: ${name.sw}?`,
      ),
      ...findingsOf(replay, study),
    ],
    tables: [sidesTable(replay, study)],
    limits: limitsOf(replay, study),
  }
}

function findingsOf(replay: Replay, study: ReplayWords['study']): Text[] {
  const { losers, gainers } = sidesOf(replay)
  const { moments, slots, equal, institutions } = replay
  const sum = (of: 'before' | 'after'): number =>
    institutions.reduce((total, each) => total + (each[of]?.minutesShort ?? 0), 0)
  const [before, after] = [count(sum('before')), count(sum('after'))]
  const worst = losers[0] && nameOf(study, losers[0].id)
  const who =
    worst === undefined
      ? text('Nobody loses by it.', 'Hakuna anayepoteza kwa hilo.')
      : text(
          `${losers.length} institutions lose by it and ${gainers.length} gain; most is lost by ${worst.en}.`,
          `Taasisi ${losers.length} zinapoteza na ${gainers.length} zinapata; inayopoteza zaidi ni ${worst.sw}.`,
        )
  return [
    who,
    text(
      `Institution-minutes short: ${before} under the policy in force, ${after} under what is proposed.`,
      `Dakika za upungufu za taasisi zote: ${before} chini ya sera iliyopo, ${after} chini ya pendekezo.`,
    ),
    text(
      `${count(moments)} moments of ${count(slots)} five minutes; the policy in force gives in ${count(equal)} of ` +
        'them what was recorded, to the kbit/s.',
      `Nyakati ${count(moments)} kati ya dakika tano ${count(slots)}; sera iliyopo inatoa katika ${count(equal)} ` +
        'kile kilichorekodiwa, hadi kbit/s.',
    ),
  ]
}

function sidesTable(replay: Replay, study: ReplayWords['study']): PlanTable {
  const { institutions } = study.document
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
      ...[nameOf(study, each.id), tierText(study, institutions[each.id]!.tier)],
      ...[each.before!.minutesShort, each.after!.minutesShort, harmOf(each) / 8e9],
      ...[each.before!.need, each.after!.need],
    ]),
    ...{ shown: SHOWN, first: 15 },
    empty: text('Nobody loses or gains.', 'Hakuna anayepoteza wala kupata.'),
  }
}

function limitsOf(replay: Replay, study: ReplayWords['study']): Text[] {
  const { moments, equal, ofRevision, unsteered, institutions } = replay
  const added = institutions.filter(({ before }) => before === null)
  const gone = institutions.filter(({ after }) => after === null)
  const unknown = [...added, ...gone].map(({ id }) => nameOf(study, id))
  const [missed, older] = [count(moments - equal), count(moments - ofRevision)]
  return [
    text(
      'Each five minutes is judged by the one tick in which most was missing, which is kept in full. What was asked, ' +
        'the ' +
        `state of links and what could not be steered are as recorded. What was throttled may have wanted ` +
        'more than is known: its demand is a lower bound.',
      'Kila dakika tano hupimwa kwa wakati mmoja ambao zaidi kilikosekana, uliohifadhiwa wote. Kilichoombwa, hali ya ' +
        'viungo na kisichoongozwa ni kama kilivyorekodiwa. Kilichobanwa huenda kilitaka zaidi: ' +
        'mahitaji yake ni ya chini.',
    ),
    ...(equal === moments
      ? []
      : [
          text(
            `${missed} moments are not as the policy in force gives them: ${older} are of other ` +
              'revisions, and what was put in force for a while is repeated as far as it is remembered.',
            `Nyakati ${missed} si kama sera iliyopo inavyotoa: ${older} ni za matoleo mengine, na ` +
              'kilichowekwa kwa muda hurudiwa kadiri kinavyokumbukwa.',
          ),
        ]),
    ...(unsteered === 0
      ? []
      : [
          text(
            `In ${count(unsteered)} moments some gateway did not enforce: what it let through counts before all ` +
              'others.',
            `Katika nyakati ${count(unsteered)} lango fulani halikutekeleza: kilichopita huhesabiwa kabla ya ` +
              'wengine wote.',
          ),
        ]),
    ...(unknown.length === 0
      ? []
      : [
          text(
            `Nothing is recorded of who comes new; who goes is left out: ${unknown.map(({ en }) => en).join(', ')}.`,
            `Hakuna kilichorekodiwa cha wapya; wanaoondoka hawahesabiwi: ${unknown.map(({ sw }) => sw).join(', ')}.`,
          ),
        ]),
  ]
}
