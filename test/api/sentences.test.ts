// The sentences, word for word: what a person reads to a caller on the telephone must not change by accident.

import t from 'tap'
import { behindWords } from '../../src/api/institutions/behind.js'
import { liftingOf, type Subject, sentenceOf, stepsOf } from '../../src/api/institutions/sentences.js'
import { PROBLEMS } from '../../src/api/problem.js'
import { INSTITUTION } from '../../src/console/words/institution-texts.js'
import { INSTITUTIONS } from '../../src/console/words/institutions-texts.js'
import { NETWORK } from '../../src/console/words/network-texts.js'
import { OVERVIEW } from '../../src/console/words/overview-texts.js'
import { PERSON } from '../../src/console/words/person-texts.js'
import { TEXTS } from '../../src/console/words/texts.js'
import {
  type Behind,
  type Explanation,
  LIMIT_CODES,
  type LimitCode,
  type WouldBe,
} from '../../src/model/explanation.js'
import { BAND_KINDS, BANDS, LIMITS, PROBLEM_TITLES, ROLE_NAMES, STATES, WORDS } from '../../src/model/glossary.mjs'
import type { Text } from '../../src/model/network.js'
import { ROLES } from '../../src/model/principal.js'
import { explanationOf } from './board-fixture.js'

const subject: Subject = {
  institution: { en: 'Ministry of Education', sw: 'Wizara ya Elimu' },
  service: { en: 'the internet', sw: 'intaneti' },
  edge: 'dom-1',
}
const base = {
  ...explanationOf(8, 'LINK'),
  limitedBy: { code: 'LINK' as LimitCode, id: 'x-1' },
}

const GETS = 'Ministry of Education gets 40 of the 60 Mbit/s it asks for.'
const KEPT = 'Its guarantee of 20 Mbit/s is kept.'
const INAPATA = 'Wizara ya Elimu inapata 40 kati ya 60 Mbit/s inazoomba.'
const LIMEZINGATIWA = 'Kiwango chake cha uhakika cha 20 Mbit/s kimezingatiwa.'

const SENTENCES: Readonly<Record<Exclude<LimitCode, 'DEMAND'>, readonly [string, string]>> = {
  CEILING: ['100 Mbit/s is the ceiling of its tier ministry.', '100 Mbit/s ni kikomo cha daraja lake ministry.'],
  LINK: [
    'The link x-1 is full and is shared with 157 other institutions.',
    'Kiungo x-1 kimejaa na kinatumiwa pia na taasisi nyingine 157.',
  ],
  ENVELOPE: [
    'The envelope x-1 has reached its ceiling and is shared with 157 other institutions.',
    'Fungu x-1 limefika kikomo chake na linatumiwa pia na taasisi nyingine 157.',
  ],
  OVERRIDE: [
    'The override x-1 limits it until it ends.',
    'Badiliko la muda x-1 linaiwekea kikomo hadi litakapokwisha.',
  ],
  PENDING: [
    'The rest follows within seconds, as soon as others have given back the room it needs.',
    'Sehemu iliyobaki itatolewa ndani ya sekunde chache, wengine wakiachia nafasi inayohitajika.',
  ],
  PINNED: [
    'The edge dom-1 takes no new rates now and keeps 40 Mbit/s.',
    'Lango dom-1 halipokei viwango vipya kwa sasa; linabaki na 40 Mbit/s.',
  ],
  NO_PATH: [
    'No path to the internet is left; the edge keeps only the lifeline.',
    'Hakuna njia iliyobaki kwenda intaneti; lango linabaki na kiwango cha msingi pekee.',
  ],
  OBSERVE: [
    'The edge dom-1 only observes, so nothing is held back: shaping is not the cause.',
    'Lango dom-1 linaangalia tu, hakuna kinachozuiliwa: mgao wa kasi siyo chanzo cha tatizo.',
  ],
  SAFE: [
    'The edge dom-1 has lost the controller and enforces its safe rates until contact returns.',
    'Lango dom-1 limepoteza mawasiliano na kituo cha udhibiti; linatumia viwango salama hadi mawasiliano yarudi.',
  ],
}

t.test('every cause has its sentence in English and Swahili', async (t) => {
  t.strictSame(new Set([...Object.keys(SENTENCES), 'DEMAND']), new Set(LIMIT_CODES), 'no cause is forgotten')
  for (const [code, [en, sw]] of Object.entries(SENTENCES)) {
    const sentence = sentenceOf({ ...base, limitedBy: { code: code as LimitCode, id: 'x-1' } }, subject)
    t.equal(sentence.en, `${GETS} ${en} ${KEPT}`)
    t.equal(sentence.sw, `${INAPATA} ${sw} ${LIMEZINGATIWA}`)
  }
})

t.test('who gets all is told that shaping is not the cause', async (t) => {
  const all = { ...base, need: 60e6, limitedBy: { code: 'DEMAND' as const, id: null } }
  t.strictSame(sentenceOf(all, subject), {
    en: 'Ministry of Education gets all it asks for (60 of 60 Mbit/s). Shaping is not the cause.',
    sw: 'Wizara ya Elimu inapata kasi yote inayoomba (60 kati ya 60 Mbit/s). Mgao wa kasi siyo chanzo cha tatizo.',
  })
  const rounded = sentenceOf({ ...all, need: 60e6 - 999 }, subject)
  t.match(rounded.en, /^Ministry of Education gets all it asks for/, 'less than 1 kbit/s is rounding')
  const idle = sentenceOf({ ...all, demand: 256_000, need: 1e6 }, subject)
  t.match(idle.en, /\(256 of 256 kbit\/s\)/, 'never more than is asked')
})

t.test('who is below the guarantee is told so; units are named where they differ', async (t) => {
  const below = sentenceOf({ ...base, need: 900_000 }, subject)
  t.equal(
    below.en,
    'Ministry of Education gets 900 kbit/s of the 60 Mbit/s it asks for. The link x-1 is full and is shared with 157 ' +
      'other institutions. That is below its guarantee of 20 Mbit/s.',
  )
  t.match(below.sw, /Hiyo ni chini ya kiwango chake cha uhakika cha 20 Mbit\/s\.$/)
  const none = sentenceOf({ ...base, guarantee: 0 }, subject)
  t.notMatch(none.en, /guarantee/, 'without a guarantee nothing is said of one')
  t.match(sentenceOf({ ...base, sharingInstitutions: 1 }, subject).en, /shared with 1 other institution\./)
  t.match(sentenceOf({ ...base, sharersTotal: 0, sharingInstitutions: 0 }, subject).en, /The link x-1 is full\. /)
  const flow = 'min-elimu/internet/down'
  const sharers = [{ flow: 'min-elimu/govnet/down', need: 412_000, level: null }]
  const own = { ...base, flow, sharers, sharersTotal: 1, sharingInstitutions: 0 }
  t.match(sentenceOf(own, subject).en, /The link x-1 is full and is shared with its other services\./)
  t.match(sentenceOf(own, subject).sw, /kimejaa na kinatumiwa pia na huduma zake nyingine\./)
  t.match(stepsOf(own).at(-1), { en: /x-1: its own govnet \(412 kbit\/s\)\./, sw: /x-1: huduma yake ya govnet \(/ })
  t.match(
    sentenceOf({ ...base, limitedBy: { code: 'CEILING', id: null }, tier: null }, subject).en,
    /of this institution\./,
  )
})

const cause: Behind = {
  ...{ kind: 'LINK_STATE', id: 'transit-a', on: 'transit-a.down', instead: null, capacity: { now: 2.4e9, built: 8e9 } },
  ...{ by: 'monitoring', owner: 'monitoring', reason: 'EASSy derated', event: 'eassy-1' },
  ...{ since: '2026-11-25T11:05:00.000Z', until: null },
}
const override: Behind = {
  ...{
    kind: 'OVERRIDE',
    id: 'ov-1',
    on: null,
    instead: null,
    capacity: null,
    by: 'asha',
    owner: 'juma',
    reason: 'the census.',
  },
  ...{ event: null, since: '2026-11-25T11:05:00.000Z', until: '2026-11-25T14:00:00.000Z' },
}
const unrecorded = { by: null, owner: null, reason: null, event: null, since: null, until: null }

const [FROM, TO] = ['2026-11-25 14:05 EAT', '2026-11-25 17:00 EAT']

t.test('the cause behind the cause: who, since when, until when, in the time of the plane', async (t) => {
  const onLink = { ...override, on: 'transit-a.down', capacity: { now: 0, built: 8e9 } }
  const table: readonly (readonly [Partial<Behind>, string, string])[] = [
    [
      cause,
      `transit-a.down is derated to 2.4 of 8 Gbit/s since ${FROM} by monitoring (event eassy-1: EASSy derated).`,
      `Uwezo wa kiungo transit-a.down umepungua hadi 2.4 kati ya 8 Gbit/s tangu ${FROM} kwa taarifa ya ` +
        'monitoring (tukio eassy-1: EASSy derated).',
    ],
    [
      { ...cause, id: 'cable-eassy', capacity: { now: 0, built: 8e9 }, reason: '', until: '2026-11-25T14:00:00.000Z' },
      `transit-a.down is cut with cable-eassy since ${FROM} by monitoring, until ${TO} (event eassy-1).`,
      `Kiungo transit-a.down kimekatika pamoja na cable-eassy tangu ${FROM} kwa taarifa ya ` +
        `monitoring, hadi ${TO} (tukio eassy-1).`,
    ],
    [
      { ...cause, ...unrecorded, capacity: null },
      'transit-a.down is derated; by whom and since when was not recorded.',
      'Uwezo wa kiungo transit-a.down umepungua; nani alisema na tangu lini haikurekodiwa.',
    ],
    [
      { ...cause, instead: 'transit-b.down', capacity: { now: 0, built: 8e9 } },
      `transit-a.down is cut since ${FROM} by monitoring (event eassy-1: EASSy derated); what it does not carry goes ` +
        'over transit-b.down.',
      `Kiungo transit-a.down kimekatika tangu ${FROM} kwa taarifa ya monitoring (tukio eassy-1: EASSy derated); ` +
        'kisichopita hapo kinapita transit-b.down.',
    ],
    [
      onLink,
      `The override ov-1 of juma takes transit-a.down out of use until ${TO} (the census).`,
      `Kiungo transit-a.down kimeondolewa kwenye matumizi na badiliko la muda ov-1 la juma hadi ${TO} (the census).`,
    ],
    [
      { ...onLink, kind: 'MODE', id: 'exam-week', capacity: { now: 4e9, built: 8e9 } },
      `The mode exam-week of juma leaves transit-a.down 4 of 8 Gbit/s until ${TO} (the census).`,
      `Kiungo transit-a.down kimebakizwa 4 kati ya 8 Gbit/s na hali maalumu exam-week ya juma hadi ${TO} (the census).`,
    ],
    [
      { ...override, kind: 'SCHEDULE', id: 'night', reason: 'Backups by night' },
      `The schedule night sets it until ${TO} (Backups by night).`,
      `Kikomo hicho kimewekwa na ratiba night hadi ${TO} (Backups by night).`,
    ],
    [
      { ...override, kind: 'FREEZE', id: 'freeze', until: null },
      `The policy is frozen since ${FROM} by asha (the census), so schedules stay as they were.`,
      `Mabadiliko ya sera yamesitishwa tangu ${FROM} na asha (the census), hivyo ratiba zinabaki zilivyokuwa.`,
    ],
  ]
  for (const [behind, en, sw] of table) {
    const said = behindWords({ timezone: 'Africa/Dar_es_Salaam', behind: [{ ...cause, ...behind }] })
    t.strictSame(said, { en, sw })
  }
  const sentence = sentenceOf({ ...base, behind: [cause, onLink] }, subject)
  t.match(
    sentence.en,
    / is full and is shared with 157 other institutions\. transit-a\.down is derated .*\. The override ov-1 .* Its /,
  )
  t.match(sentence.sw, /157\. Uwezo wa kiungo .*\. Kiungo transit-a\.down kimeondolewa .*\. Kiwango chake/)
})

t.test('what is estimated is said to be, and no promise is broken by it alone', async (t) => {
  const of = (more: Partial<Explanation>) => {
    const asked = { guarantee: 150e6, demand: 150e6, need: 44e6, estimatedSince: '2026-05-12T07:42:00.000Z' }
    const told: Explanation = { ...base, ...asked, atLeast: 44e6, waits: false, ...more }
    const [step] = stepsOf(told)
    return { ...sentenceOf(told, subject), step: step! }
  }
  const held = of({})
  t.match(
    held.en,
    / gets 44 of about 150 Mbit\/s it asks for\. .* Whether that is below its guarantee of 150 Mbit\/s is not known\./,
  )
  t.match(
    held.sw,
    / 44 kati ya takriban 150 .* Haijulikani kama hiyo ni chini ya kiwango chake cha uhakika cha 150 Mbit\/s\./,
  )
  t.equal(
    held.step.en,
    'What it asks for is an estimate since 2026-05-12 10:42 EAT, for its rate decides what arrives: ' +
      '44 Mbit/s of it was seen.',
  )
  t.match(held.step.sw, /^Inachoomba ni makadirio tangu 2026-05-12 10:42 EAT, .* 44 Mbit\/s kati yake ilionekana\.$/)
  const below = / That is below its guarantee of 150 Mbit\/s\./
  t.match(of({ atLeast: 103e6 }).en, below, 'it had asked for more than it has')
  t.match(of({ waits: true }).en, below, 'packets wait for more')
  t.match(of({ waits: true }).step.en, /, and packets wait for more\.$/)
  t.match(of({ estimatedSince: null, atLeast: 150e6 }).en, / gets 44 of the 150 Mbit\/s it asks for\. /)
})

t.test('what limits for a while says until when, or that this is not known', async (t) => {
  const of = (behind: readonly Behind[]) =>
    sentenceOf({ ...base, limitedBy: { ...base.limitedBy, code: 'OVERRIDE', id: 'ov-1' }, behind }, subject)
  t.match(of([override]), {
    en: `The override ov-1 of juma limits it until ${TO} (the census). Its`,
    sw: `Badiliko la muda ov-1 la juma linaiwekea kikomo hadi ${TO} (the census). Kiwango`,
  })
  t.match(of([{ ...override, kind: 'MODE', id: 'exam-week' }]), {
    en: `The mode exam-week of juma limits it until ${TO} (the census).`,
    sw: 'Hali maalumu exam-week ya juma inaiwekea kikomo hadi',
  })
  t.match(of([{ ...override, ...unrecorded }]), {
    en: 'The override ov-1 limits it until it ends. Its',
    sw: 'Badiliko la muda ov-1 linaiwekea kikomo hadi litakapokwisha. Kiwango',
  })
})

t.test('the chain goes band by band, then the rate, the edge and the sharers', async (t) => {
  const steps = stepsOf(explanationOf(10))
  t.strictSame(
    steps.map(({ en }) => en),
    [
      'committed (guarantee): 30 of 40 Mbit/s; 75 % of the promise kept; transit-a.down was full.',
      'fair share: 0 of 260 Mbit/s; transit-a.down was full.',
      'Need 30 Mbit/s; with headroom 30 Mbit/s. The published rate is 45 Mbit/s: ' +
        'a small change of headroom is not sent.',
      'The edge applied 30 Mbit/s when it last told us, at 2026-05-12 11:58:40 EAT; ' +
        'what arrives and what is carried now is not known.',
      'Also on transit-a.down: uni-udsm (30 Mbit/s) and 157 more institutions.',
    ],
  )
  t.equal(
    steps[0]?.sw,
    'kiwango kilichoahidiwa (uhakika): 30 kati ya 40 Mbit/s; 75 % ya ahadi imetimizwa; transit-a.down kilijaa.',
  )
  t.ok(steps.every(({ en, sw }) => en !== sw))
  const reserved = [
    { edge: 'kgm-1', rate: 12_000_000, by: 'STATIC' },
    { edge: 'dom-1', rate: 4_000_000, by: 'OBSERVE' },
  ] as const
  t.same(stepsOf({ ...explanationOf(10), reserved }).at(-1), {
    en:
      'Not shared out on transit-a.down: kgm-1 (12 Mbit/s, as a person configured it), ' +
      'dom-1 (4 Mbit/s, limits nothing).',
    sw:
      'Kasi isiyogawanywa kwenye transit-a.down: kgm-1 (12 Mbit/s, kama mtu alivyoweka), ' +
      'dom-1 (4 Mbit/s, halizuii chochote).',
  })
  const names: Readonly<Record<string, { en: string; sw: string }>> = {
    'institutions/uni-udsm': { en: 'University of Dar es Salaam', sw: 'Chuo Kikuu cha Dar es Salaam' },
    'edges/kgm-1': { en: 'Kigoma gateway', sw: 'Lango la Kigoma' },
  }
  const called = stepsOf({ ...explanationOf(10), reserved }, { nameOf: (of, id) => names[`${of}/${id}`] }).slice(-2)
  t.match(called[0], {
    en: 'Also on transit-a.down: University of Dar es Salaam (30 Mbit/s) and 157 more institutions.',
    sw: 'Wengine kwenye transit-a.down: Chuo Kikuu cha Dar es Salaam (30 Mbit/s) na taasisi nyingine 157.',
  })
  t.match(called[1], { en: /: Kigoma gateway \(12 Mbit\/s, .*, dom-1 \(4/, sw: /: Lango la Kigoma \(12 Mbit\/s, / })
  const past = stepsOf({ ...explanationOf(10), applied: null, arrived: 28_000_000, carried: null }, { past: true })
  t.match(past[3], {
    en: 'At its edge over those minutes: arrived 28 Mbit/s, carried not known.',
    sw: 'Langoni kwa dakika hizo: kasi iliyofika 28 Mbit/s, iliyopitishwa haijulikani.',
  })
})

t.test('what would lift it is said for each lever', async (t) => {
  const by = ['NOTHING', 'TIER', 'CEILING', 'LINK', 'ENVELOPE', 'WAIT'] as const
  const texts = by.map((lever) => liftingOf({ ...base, lift: { by: lever, id: 'x-1' } }, subject))
  t.equal(new Set(texts.map(({ en }) => en)).size, by.length)
  t.equal(new Set(texts.map(({ sw }) => sw)).size, by.length)
  t.match(liftingOf({ ...base, limitedBy: { code: 'OVERRIDE', id: 'ov-1' } }, subject), {
    en: 'The end of the override ov-1 would give more.',
    sw: /badiliko la muda ov-1/,
  })
  t.match(texts[3], {
    en: 'More capacity on the link x-1 would give more.',
    sw: 'Uwezo zaidi kwenye kiungo x-1 ungetoa zaidi.',
  })
})

t.test('who is pinned or cut off hears what would give more, and not that nothing has to be lifted', async (t) => {
  const held = (code: LimitCode): Explanation => ({
    ...base,
    limitedBy: { code, id: null },
    lift: { by: 'NOTHING', id: null },
  })
  t.strictSame(liftingOf(held('PINNED'), subject), {
    en: 'It gets more when the edge dom-1 takes new rates again.',
    sw: 'Lango dom-1 likipokea viwango vipya tena, itapata zaidi.',
  })
  t.match(liftingOf(held('NO_PATH'), subject).en, /when a way to the internet is repaired/)
  t.match(liftingOf(held('OBSERVE'), subject).en, /^Nothing has to be lifted/, 'true where nothing is held back')
})

t.test('Swahili verbs agree with the noun that is spoken of', async (t) => {
  const ya = (sw: string, nounClass?: 3 | 7): Subject => ({ ...subject, institution: { en: 'X', sw }, nounClass })
  const cases: readonly [Subject, string][] = [
    [ya('Chuo Kikuu cha Dodoma'), 'ki'],
    [ya('Baraza la Mitihani la Tanzania'), 'li'],
    [ya('Mfuko wa Maendeleo ya Jamii'), 'u'],
    [ya('Makumbusho ya Taifa la Tanzania'), 'ya'],
    [ya('Mahakama Kuu ya Tanzania, Masjala Kuu'), 'i'],
    [ya('MUST, Kampasi ya Rukwa'), 'i'],
    [ya('SUMATRA'), 'i'],
    [ya('SUMATRA', 7), 'ki'],
  ]
  const explanation: Explanation = { ...base, lift: { by: 'LINK', id: 'x-1' } }
  for (const [who, it] of cases) {
    const name = who.institution.sw
    const some = sentenceOf(explanation, who).sw
    t.ok(some.startsWith(`${name} ${it}napata 40 kati ya 60 Mbit/s ${it}nazoomba.`), some)
    const all = sentenceOf({ ...explanation, need: 60e6, limitedBy: { code: 'DEMAND', id: null } }, who).sw
    t.ok(all.startsWith(`${name} ${it}napata kasi yote ${it}nayoomba (`), all)
    const bound = sentenceOf({ ...explanation, limitedBy: { code: 'OVERRIDE', id: 'ov-1' } }, who).sw
    t.ok(bound.includes(`Badiliko la muda ov-1 lina${it}wekea kikomo`), bound)
    const would = liftingOf(explanation, who, [{ change: 'ROOM', by: 2e7, need: 45e6, losers: 0 }]).sw
    t.ok(would.includes(` ${it}ngepata 45 Mbit/s.`), would)
  }
})

/** Words of English that once stood in Swahili texts, or would; ids, units and codes are names and stay. */
const ENGLISH =
  /\b(the|of|and|is|are|its|edges?|links?|guarantee|ceiling|rates?|tier|policy|store|simulated|lifeline|committed|critical|share|headroom|full|none|not|more|less|waits?|sign|needs?|asks|gets|failed|expected|revision|controller)\b/i

t.test('no English is left in what is Swahili', async (t) => {
  const texts: string[] = []
  for (const table of [WORDS, STATES, BANDS, BAND_KINDS, LIMITS, ROLE_NAMES, PROBLEM_TITLES])
    for (const [en, sw] of Object.values(table)) {
      t.ok(en !== '' && sw !== '')
      texts.push(sw)
    }
  t.strictSame(Object.keys(PROBLEM_TITLES).sort(), Object.keys(PROBLEMS).sort(), 'every code of an error has a title')
  t.strictSame(Object.keys(LIMITS).sort(), [...LIMIT_CODES].sort())
  t.strictSame(Object.keys(ROLE_NAMES).sort(), [...ROLES].sort())
  const whatIf = ['ROOM', 'CEILING', 'WEIGHT'] as const
  for (const code of LIMIT_CODES) {
    for (const by of ['NOTHING', 'TIER', 'CEILING', 'LINK', 'ENVELOPE', 'WAIT'] as const) {
      const explanation: Explanation = { ...base, tier: 'x', limitedBy: { code, id: 'x-1' }, lift: { by, id: 'x-1' } }
      const more = whatIf.flatMap((change) => [20e6, 45e6].map((need) => ({ change, by: 2, need, losers: 2 })))
      texts.push(sentenceOf(explanation, subject).sw, liftingOf(explanation, subject, more).sw)
      texts.push(...stepsOf(explanation).map(({ sw }) => sw))
    }
  }
  for (const table of [TEXTS, PERSON, OVERVIEW, INSTITUTIONS, INSTITUTION, NETWORK])
    for (const [key, [en, sw]] of Object.entries(table)) {
      t.ok(en !== '' && sw !== '', key)
      texts.push(sw)
    }
  t.ok(texts.length > 200, `${texts.length} texts`)
  for (const sw of new Set(texts)) t.notMatch(sw.replaceAll('first-sign-in', ''), ENGLISH, sw)
})

t.test('what a change would do is said with numbers, also where more is less', async (t) => {
  const explanation: Explanation = { ...base, need: 30e6, lift: { by: 'LINK', id: 'x-1' } }
  const said = (change: WouldBe): Text => liftingOf(explanation, subject, [change])
  t.strictSame(said({ change: 'ROOM', by: 20e6, need: 45e6, losers: 0 }), {
    en: 'More capacity on the link x-1 would give more. With 20 Mbit/s more there it would have 45 Mbit/s.',
    sw: 'Uwezo zaidi kwenye kiungo x-1 ungetoa zaidi. Nafasi ikiongezwa hapo kwa 20 Mbit/s ingepata 45 Mbit/s.',
  })
  t.match(said({ change: 'CEILING', by: 5e6, need: 35e6, losers: 1 }), {
    en: /With a ceiling 5 Mbit\/s higher it would have 35 Mbit\/s, and 1 other flow less\.$/,
    sw: /Kikomo chake kikiongezwa kwa 5 Mbit\/s ingepata 35 Mbit\/s, na mtiririko mwingine 1 ungepata pungufu\.$/,
  })
  t.match(said({ change: 'WEIGHT', by: 2, need: 40e6, losers: 7 }), {
    en: /With 2 times its weight it would have 40 Mbit\/s, and 7 other flows less\.$/,
    sw: /Uzito wake ukizidishwa mara 2 ingepata 40 Mbit\/s, na mitiririko mingine 7 ingepata pungufu\.$/,
  })
  t.match(said({ change: 'WEIGHT', by: 2, need: 29e6, losers: 7 }), {
    en: /More weight would not help: with 2 times its weight it would have less, 29 Mbit\/s/,
    sw: /Uzito zaidi haungesaidia: ukizidishwa mara 2 ingepata pungufu, 29 Mbit\/s/,
  })
})
