// What people write is read, and what is written is read back: times, durations, rates.

import t from 'tap'
import { readTime, stampsInWords, timeInWords } from '../../src/model/civil-time.js'
import { classOf, headClass } from '../../src/model/concord.js'
import { parseDuration } from '../../src/model/duration.js'
import { parseRate, parseRatePair, writeRate, writeRatePair } from '../../src/model/units.js'
import { hashOf } from '../../src/policy/document/canonical.js'
import { rate, ratePair } from '../../src/policy/document/scalars.js'
import { validatePolicy } from '../../src/policy/document/validate.js'
import { loadPlane } from '../../src/policy/files/files.js'
import { written } from '../../src/policy/files/written.js'

const zone = 'Africa/Dar_es_Salaam'
const now = Date.parse('2026-11-25T07:05:30Z')

t.test('a time is read in the words people use; without a zone it is the plane’s', async (t) => {
  const read: Readonly<Record<string, string | undefined>> = {
    now: '2026-11-25T07:05:30Z',
    '10 minutes ago': '2026-11-25T06:55:30Z',
    '1h30m ago': '2026-11-25T05:35:30Z',
    'in 2 hours': '2026-11-25T09:05:30Z',
    'dakika 10 zilizopita': '2026-11-25T06:55:30Z',
    yesterday: '2026-11-23T21:00:00Z',
    'yesterday 14:00': '2026-11-24T11:00:00Z',
    'jana saa 14:00': '2026-11-24T11:00:00Z',
    'tomorrow 6:00': '2026-11-26T03:00:00Z',
    '14:00': '2026-11-25T11:00:00Z',
    '14:00 UTC': '2026-11-25T14:00:00Z',
    '2026-11-25': '2026-11-24T21:00:00Z',
    '2026-11-25 10:05': '2026-11-25T07:05:00Z',
    '2026-11-25T10:05': '2026-11-25T07:05:00Z',
    '2026-11-25 10:05 EAT': '2026-11-25T07:05:00Z',
    '2026-11-25T10:05:00+05:30': '2026-11-25T04:35:00Z',
    '2026-11-25T10:05:00.250Z': '2026-11-25T10:05:00.250Z',
    '2026-02-30 10:00': undefined,
    '2026-02-30T10:00:00Z': undefined,
    '25:00': undefined,
    '14:00 CET': undefined,
    'a while ago': undefined,
    constructor: undefined,
    '': undefined,
  }
  for (const [text, time] of Object.entries(read)) {
    t.equal(readTime(text, { now, zone }), time && Date.parse(time), JSON.stringify(text))
  }
})

t.test('a time is written with its zone’s name, and that is read back, in any zone and over its changes', async (t) => {
  t.equal(timeInWords(now, zone), '2026-11-25 10:05:30 EAT')
  t.equal(timeInWords(Date.parse('2026-07-01T12:00:00Z'), 'Europe/Berlin'), '2026-07-01 14:00 CEST')
  // Half an hour off, a clock that is set back, no name of its own, the southern summer, none of it.
  for (const place of ['Asia/Kolkata', 'Europe/Berlin', 'America/Sao_Paulo', 'Australia/Lord_Howe', 'UTC', zone]) {
    const hours = Array.from({ length: 300 }, (_, k) => Date.parse('2026-01-01T00:30:00Z') + k * 105_300_000)
    const twice = [Date.parse('2026-10-25T00:30:00Z'), Date.parse('2026-10-25T01:30:00Z')]
    for (const at of [...hours, ...twice])
      if (readTime(timeInWords(at, place), { now, zone: place }) !== at) t.fail(`${place}: ${timeInWords(at, place)}`)
  }
  t.equal(readTime('2026-03-29 02:30', { now, zone: 'Europe/Berlin' }), undefined, 'an hour that never was')
  t.equal(
    stampsInWords('undone at 2026-11-25T07:05:00.000Z unless …', zone),
    'undone at 2026-11-25 10:05 EAT unless …',
    'times of machines in a text become those of people',
  )
})

t.test('a duration is read as people write it; a number without a unit is none', async (t) => {
  const minute = 60_000
  const read: Readonly<Record<string, number | undefined>> = {
    ...{ '90s': 1.5 * minute, '30m': 30 * minute, '5min': 5 * minute, '2h': 120 * minute, '90d': 90 * 1440 * minute },
    ...{ '1h30m': 90 * minute, '90 minutes': 90 * minute, '2 days': 2880 * minute, '1.5 hours': 90 * minute },
    ...{ '2 days and 3 hours': 3060 * minute, 'siku 2 na saa 3': 3060 * minute, 'Dakika 90': 90 * minute },
    ...{ '90': undefined, '': undefined, h: undefined, '2 fortnights': undefined, '2 days and': undefined },
  }
  for (const [text, length] of Object.entries(read)) t.equal(parseDuration(text), length, JSON.stringify(text))
})

t.test('a rate is written as people write it and read back to the bit; a pair has one reader', async (t) => {
  for (const [bits, text] of [
    ...([
      [20e6, '20Mbps'],
      [1.5e9, '1.5Gbps'],
      [64_000, '64kbps'],
      [12_345_678, '12345.678kbps'],
      [512, '512bps'],
    ] as const),
    ...([
      [0, '0'],
      [4e12, '4Tbps'],
      [1_000_001, '1000.001kbps'],
      [999_999_999_999, '999999999.999kbps'],
    ] as const),
  ]) {
    t.equal(writeRate(bits), text)
    t.equal(parseRate(text), bits)
  }
  for (let k = 1; k < 2_000; k++) {
    const bits = Math.floor(k ** 3.7)
    if (parseRate(writeRate(bits)) !== bits) t.fail(String(bits))
  }
  const pair = { down: 300e6, up: 150e6 }
  for (const text of ['300Mbps/150Mbps', '300 Mbit/s / 150 Mbit/s', '300/150 Mbps', '0.3Gbps/150Mbit/s'])
    t.same(parseRatePair(text), pair, text)
  t.same(parseRatePair('20Mbit/s'), { down: 20e6, up: 20e6 })
  for (const text of ['300/150', '/', '300Mbps/', 'x/20Mbps', '20']) t.equal(parseRatePair(text), undefined, text)
  t.equal(writeRatePair(pair), '300Mbps/150Mbps')
  t.same(ratePair.parse('300Mbps/150Mbps'), pair, 'in YAML as in a sheet')
  t.same(ratePair.parse(20e6), { down: 20e6, up: 20e6 })
  t.same(rate.parse('0'), 0)
})

t.test('the policy is written with the rates of people, and is the same policy', async (t) => {
  const { document } = loadPlane('config/taifa')
  const spelled = written(document)
  t.notOk(/[:,]\d{6}/.test(JSON.stringify(spelled)), 'nowhere raw bits')
  t.equal(hashOf(validatePolicy(spelled).document), hashOf(document))
})

t.test('every institution of the shipped plane has a noun class, and what joins its name agrees with it', async (t) => {
  const { institutions } = loadPlane('config/taifa').document!
  const join = { cha: 7, la: 5, wa: 3, ya: 9 } as const
  const found = Object.entries(institutions).map(([id, { name, nounClass }]) => {
    const [first] = name.sw.toLowerCase().match(/(?<!\p{L})(?:cha|la|wa|ya)(?!\p{L})/u) ?? []
    return { id, sw: name.sw, head: nounClass ?? headClass(name.sw), joined: first && join[first as keyof typeof join] }
  })
  t.equal(found.length, 554)
  t.strictSame(
    found.filter(({ head }) => head === undefined),
    [],
  )
  // Class 6 and class 9 are joined alike.
  const apart = found.filter(({ head, joined }) => joined !== undefined && head !== joined).map(({ sw }) => sw)
  t.strictSame(apart, ['Makumbusho ya Taifa la Tanzania'])
  t.equal(headClass('Ujenzi Ltd'), undefined)
  t.equal(classOf('Ujenzi Ltd'), 9, 'as "taasisi" where nothing is known')
  t.equal(classOf('Ujenzi Ltd', 7), 7)
})
