// A replay as a report: who loses by what is proposed, in moments that were, and how surely that is said.

import { civilTime } from '../../model/civil-time.js'
import type { Text } from '../../model/network.js'
import { MINUTE, SLOT } from '../../model/units.js'
import {
  type Cell,
  column,
  count,
  type Named,
  named,
  type PlanReport,
  type PlanTable,
  text,
} from '../study/plan-report.js'
import { planeText, recordedUntil, tierText } from '../study/plan-words.js'
import type { Study } from '../study/study.js'
import { harmOf, lostBy, type Replay, type ReplayedInstitution } from './replay.js'

/** A page shows so many; the sheet has all. */
const SHOWN = 30
/** A mean that moves by less is the same. */
const LEAST = 1_000

export interface ReplayWords {
  /** What is proposed, by its name; the policy with it, and as it is. */
  readonly study: Pick<Study, 'scenario' | 'document' | 'habits' | 'notPlayed'>
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

/** Minutes of which something is recorded, and those that were asked about. */
const minutesOf = ({ recordedSlots, slots }: Replay): number[] => [recordedSlots, slots].map((n) => (n * SLOT) / MINUTE)

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
  const { moments, equal, institutions } = replay
  const sum = (of: 'before' | 'after'): number =>
    institutions.reduce((total, each) => total + (each[of]?.minutesShort ?? 0), 0)
  const [before, after] = [count(sum('before')), count(sum('after'))]
  const worst = losers[0] && nameOf(study, losers[0].id)
  const [recorded, asked] = minutesOf(replay).map(count)
  const who =
    worst === undefined
      ? text('nobody loses', 'hakuna anayepoteza')
      : text(
          `${losers.length} institutions lose and ${gainers.length} gain, most is lost by ${worst.en}`,
          `taasisi ${losers.length} zinapoteza na ${gainers.length} zinapata, inayopoteza zaidi ni ${worst.sw}`,
        )
  return [
    text(
      `${recorded} of ${asked} minutes were recorded; in them ${who.en}.`,
      `Dakika ${recorded} kati ya ${asked} zilirekodiwa; katika hizo ${who.sw}.`,
    ),
    text(
      `Institution-minutes short: ${before} under the policy in force, ${after} under what is proposed.`,
      `Dakika za upungufu za taasisi zote: ${before} chini ya sera iliyopo, ${after} chini ya pendekezo.`,
    ),
    text(
      `In ${count(equal)} of ${count(moments)} recorded moments the policy in force gives what was recorded, ` +
        'to the kbit/s.',
      `Katika nyakati ${count(equal)} kati ya ${count(moments)} zilizorekodiwa sera iliyopo inatoa kile ` +
        'kilichorekodiwa, hadi kbit/s.',
    ),
  ]
}

const EVERYONE = named('everyone', text('Everyone', 'Wote'))

/** Everyone together, then each who loses or gains; a row says of how many minutes it is. */
function sidesTable(replay: Replay, study: ReplayWords['study']): PlanTable {
  const { institutions } = study.document
  const { losers, gainers } = sidesOf(replay)
  const known = replay.institutions.filter(({ before, after }) => before !== null && after !== null)
  const cells = (some: readonly ReplayedInstitution[]): Cell[] => {
    const sum = (of: (each: ReplayedInstitution) => number): number => some.reduce((all, each) => all + of(each), 0)
    return [
      ...[sum((each) => each.before!.minutesShort), sum((each) => each.after!.minutesShort), sum(harmOf) / 8e9],
      ...[sum((each) => each.before!.need), sum((each) => each.after!.need), ...minutesOf(replay)],
    ]
  }
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
      column('minutes_recorded', 'count', 'Minutes recorded', 'Dakika zilizorekodiwa'),
      column('minutes_asked', 'count', 'Of minutes', 'Kati ya dakika'),
    ],
    rows: [
      [EVERYONE, null, ...cells(known)],
      ...[...losers, ...gainers.toReversed()].map((each) => {
        const tier = tierText(study, institutions[each.id]!.tier)
        return [nameOf(study, each.id), tier, ...cells([each])]
      }),
    ],
    ...{ shown: SHOWN, first: 16, aside: ['minutes_recorded', 'minutes_asked'] },
  }
}

function limitsOf(replay: Replay, study: ReplayWords['study']): Text[] {
  const { moments, equal, ofRevision, unsteered, institutions } = replay
  const added = institutions.filter(({ before }) => before === null)
  const gone = institutions.filter(({ after }) => after === null)
  const unknown = [...added, ...gone].map(({ id }) => nameOf(study, id))
  const [missed, older] = [count(moments - equal), count(moments - ofRevision)]
  const { notPlayed: events = [] } = study
  const played = text(
    events.length === 0 ? '' : ` Its events (${events.map(({ en }) => en).join(', ')}) are not played.`,
    events.length === 0 ? '' : ` Matukio yake (${events.map(({ sw }) => sw).join(', ')}) hayachezwi.`,
  )
  return [
    text(
      `Of the scenario its changes alone are tried, on what was asked for then: its demand and growth are not played.` +
        played.en,
      `Katika kisa ni mabadiliko tu yanayojaribiwa, kwa kilichoombwa wakati huo: mahitaji na ukuaji wake ` +
        `hayachezwi.${played.sw}`,
    ),
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
