// The sentences, word for word: what a person reads to a caller on the telephone must not change by accident.

import { readFileSync } from 'node:fs'
import t from 'tap'
import { PROBLEMS } from '../../src/api/problem.js'
import { liftingOf, type Subject, sentenceOf, stepsOf } from '../../src/api/sentences.js'
import { type Explanation, LIMIT_CODES, type LimitCode, type WouldBe } from '../../src/model/explanation.js'
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
    'The link x-1 is full and is shared with 311 other flows.',
    'Kiungo x-1 kimejaa na kinatumiwa pia na mitiririko mingine 311.',
  ],
  ENVELOPE: [
    'The envelope x-1 has reached its ceiling and is shared with 311 other flows.',
    'Fungu x-1 limefika kikomo chake na linatumiwa pia na mitiririko mingine 311.',
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
    'Ministry of Education gets 900 kbit/s of the 60 Mbit/s it asks for. The link x-1 is full and is shared with 311 ' +
      'other flows. That is below its guarantee of 20 Mbit/s.',
  )
  t.match(below.sw, /Hiyo ni chini ya kiwango chake cha uhakika cha 20 Mbit\/s\.$/)
  const none = sentenceOf({ ...base, guarantee: 0 }, subject)
  t.notMatch(none.en, /guarantee/, 'without a guarantee nothing is said of one')
  t.match(sentenceOf({ ...base, sharersTotal: 1 }, subject).en, /shared with 1 other flow\./)
  t.match(sentenceOf({ ...base, sharersTotal: 0 }, subject).en, /The link x-1 is full\. /)
  const flow = 'min-elimu/internet/down'
  const sharers = [{ flow: 'min-elimu/govnet/down', need: 412_000, level: null }]
  const own = { ...base, flow, sharers, sharersTotal: 1 }
  t.match(sentenceOf(own, subject).en, /The link x-1 is full and is shared with its other services\./)
  t.match(sentenceOf(own, subject).sw, /kimejaa na kinatumiwa pia na huduma zake nyingine\./)
  t.match(stepsOf(own).at(-1), { en: /x-1: its own govnet \(412 kbit\/s\)\./, sw: /x-1: huduma yake ya govnet \(/ })
  t.match(
    sentenceOf({ ...base, limitedBy: { code: 'CEILING', id: null }, tier: null }, subject).en,
    /of this institution\./,
  )
})

t.test('the chain goes band by band, then the rate, the edge and the sharers', async (t) => {
  const steps = stepsOf(explanationOf(10))
  t.strictSame(
    steps.map(({ en }) => en),
    [
      'committed (guarantee): 30 of 40 Mbit/s; 75 % of the promise kept; transit-a.down was full.',
      'fair share: 0 of 260 Mbit/s; transit-a.down was full.',
      'Need 30 Mbit/s; with headroom the published rate is 45 Mbit/s.',
      'The edge applies 30 Mbit/s; measured now: not known.',
      'Also on transit-a.down: uni-udsm (30 Mbit/s) and 310 more.',
    ],
  )
  t.equal(
    steps[0]?.sw,
    'kiwango kilichoahidiwa (uhakika): 30 kati ya 40 Mbit/s; 75 % ya ahadi imetimizwa; transit-a.down kilijaa.',
  )
  t.ok(steps.every(({ en, sw }) => en !== sw))
  const past = stepsOf({ ...explanationOf(10), applied: null, measured: 28_000_000 }, { past: true })
  t.match(past[3], {
    en: 'Measured over those minutes: 28 Mbit/s.',
    sw: 'Kasi halisi ya dakika hizo: 28 Mbit/s.',
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
  const page = new URL('../../src/api/page/messages.mjs', import.meta.url)
  const source = readFileSync(page, 'utf8')
  for (const [, sw = ''] of source.matchAll(/^\s*\w+: \[\s*'[^']*',\s*'([^']*)'/gms)) texts.push(sw)
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
