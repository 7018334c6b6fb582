// The purchase that is proposed is the cheapest of all that keep what must be kept; each cheaper one has its witness.
// 200 networks of 8 links x 3 steps: `npm run planning`.

import t, { type Test } from 'tap'
import { DAY } from '../../../src/model/units.js'
import { simulate } from '../../../src/planning/run.js'
import { buy } from '../../../src/planning/study/buy.js'
import { breaksOf, withLate } from '../../../src/planning/study/buy-command.js'
import { buyReport } from '../../../src/planning/study/buy-report.js'
import { singleCuts } from '../../../src/planning/study/cuts.js'
import { wordIn } from '../../../src/planning/study/definitions.js'
import { keptOnes } from '../../../src/planning/study/keep.js'
import { parseOffers } from '../../../src/planning/study/offers.js'
import { renderPage } from '../../../src/planning/study/plan-page.js'
import { type PlanReport, renderText } from '../../../src/planning/study/plan-report.js'
import { Purchase, setsByCost } from '../../../src/planning/study/purchase.js'
import { runoutOf, timeOfBreak } from '../../../src/planning/study/runout.js'
import { formatFault, type MizaniError } from '../../../src/runtime/errors.js'
import { allSets, cheapestOfAll, ringPurchase } from './all-sets.js'
import { ringStudy } from './ring-plane.js'

/** What a committee decides by, up to the sign-off, and the details after it. */
function orderOnPage(t: Test, report: PlanReport): void {
  for (const [lang, limits, age, sign] of [
    ['en', 'Limits, and what was not tried', 'age of data', 'Sign-off'],
    ['sw', 'Mipaka, na yale ambayo hayakujaribiwa', 'umri wa data', 'Idhini'],
  ] as const) {
    const page = renderPage(report, lang)
    const question = report.findings[0]![lang]
    t.match(question, /\?$/, 'it begins with the question')
    const first = [question, report.findings[1]![lang], 'id="options"', 'id="offers"', limits, age, sign]
    const details = [
      'class="details"',
      'id="cheaper-sets"',
      `<dt>${wordIn('short', lang)}</dt>`,
      report.inputHash,
      report.command,
    ]
    const places = [...first, ...details].map((part) => page.replaceAll(/<.?time>/g, '').indexOf(part))
    t.notOk(places.includes(-1), `all of it is there: ${places}`)
    const inOrder = places.toSorted((a, b) => a - b)
    t.same(places, inOrder, 'what a committee decides by stands before the details')
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)
    t.equal(new Set(ids).size, ids.length, 'no two places have one name')
  }
}

t.test('the cheapest set equals exhaustive search', async (t) => {
  const seen = { nothing: 0, something: 0, none: 0 }
  for (let seed = 1; seed <= 8; seed++) {
    const { study, options } = ringPurchase(seed, 3)
    const { chosen, tried, purchase } = buy(study, options)
    t.equal(chosen?.cost ?? null, cheapestOfAll(study, options, purchase.parts.steps), `seed ${seed}`)
    t.ok(
      tried.every((one) => one === chosen || one.witness !== null),
      'each cheaper set has its witness',
    )
    if (chosen === null) seen.none++
    else if (chosen.cost === 0) seen.nothing++
    else seen.something++
  }
  t.ok(seen.something > 1 && seen.none > 0, JSON.stringify(seen))
})

t.test('sets come in the order of their cost, each once, however many there are', async (t) => {
  for (let seed = 1; seed <= 4; seed++) {
    const { offers } = ringPurchase(seed, 6).options
    const all = allSets(offers, 12)
    const found = [...setsByCost(offers, 12)]
    t.equal(found.length, 4 ** 6)
    t.equal(new Set(found.map(({ choice }) => choice.join())).size, 4 ** 6)
    t.same(
      found.map(({ cost }) => cost),
      all.map(({ cost }) => cost),
    )
    const [offer] = offers
    const free = [...offers, { ...offer!, id: 'free', steps: [{ ...offer!.steps[0]!, once: 0, monthly: 0 }] }]
    const firsts = [...setsByCost(free, 12)].slice(0, 2)
    t.same(
      firsts.map(({ choice, cost }) => [cost, choice.at(-1)]),
      [
        [0, -1],
        [0, 0],
      ],
      'of equal costs the fewest offers first',
    )
  }
  // Twelve offers of three steps are 16 million sets.
  const { offers } = ringPurchase(1, 8).options
  const twelve = [...offers, ...offers.slice(0, 4).map((offer) => ({ ...offer, id: `${offer.id}-2` }))]
  let [last, count] = [0, 0]
  for (const { cost } of setsByCost(twelve, 12)) {
    if (cost < last || ++count === 5_000) break
    last = cost
  }
  t.equal(count, 5_000)
})

t.test('a second path is bought where one is offered, and named where none is', async (t) => {
  // The only way to institutions behind n1: both of its links and the chord ride on one road.
  const study = ringStudy(2, 0.05)
  for (const link of ['r1', 'r2', 'x1']) study.document.links[link]!.groups = ['road']
  study.document.links.x2!.groups = []
  const cuts = singleCuts(study.document).filter(({ id }) => id === 'road')
  const common = { keep: keptOnes('hospital', study.plan), cuts, growth: 0, years: 1, busiest: 1 }
  const offer = (more: string) =>
    parseOffers(`offer,link,from,to,capacity,once,monthly,lead_days,groups\n${more}`, 'o', study.document)
  const without = buy(study, { ...common, offers: offer('r1,r1,,,1Gbps,1,1,1,') })
  t.match(without.purchase.strandedBy(), [{ cut: { id: 'road' } }])
  t.equal(without.chosen!.cost, 0, 'capacity is not bought where it cannot help')
  const within = buy(study, { ...common, offers: offer('n1-b,n1-b,core,n1,1Gbps,7,1,30,') })
  t.same(within.purchase.strandedBy(), [])
  t.match(within.tried[0]!.witness, { cut: { id: 'road' }, hurt: { cause: -1 } })
  t.equal(within.chosen!.cost, 7 + 12)
  const words = {
    offersFile: 'o.csv',
    keep: 'hospital',
    anyOne: 'road',
    growth: { mean: 0, spread: 0 },
    years: 1,
    busiest: 1,
  }
  const dates = await breaksOf(study, within, common.keep, words.growth, 1)
  t.same(dates, [study.scenario.from], 'a path that is missing is missing today')
  const report = buyReport(await withLate(study, within, dates, 1), words, dates)
  t.match(renderText(report, 'en'), /losing road leaves [ace] without a way/)
  t.match(
    renderText(report, 'en'),
    /The cheapest, n1-b \(\+1 Gbit\/s\), for 19, cannot be there before 2026-12-25; until then these are short:/,
  )
  t.match(report.tables[0]!.rows[0]![0], { en: 'buy nothing' }, 'stands first')
  orderOnPage(t, report)
})

t.test('who comes in time wins over who is cheaper; what is late says who is short until then', async (t) => {
  const study = ringStudy(6, 0.4)
  const sheet = (...rows: string[]) =>
    parseOffers(['offer,link,capacity,once,monthly,lead_days', ...rows].join('\n'), 'o', study.document)
  const common = { keep: keptOnes('everyone', study.plan), cuts: [], growth: 9, years: 1, busiest: 1 }
  const growth = { mean: 9, spread: 0 }
  const words = { offersFile: 'o.csv', keep: 'everyone', anyOne: 'link', growth, years: 1, busiest: 1 }
  const said = async (...rows: string[]) => {
    const bought = buy(study, { ...common, offers: sheet(...rows) })
    const dates = await breaksOf(study, bought, common.keep, growth, 1)
    const found = await withLate(study, bought, dates, 1)
    return { found, dates, page: renderText(buyReport(found, words, dates), 'en') }
  }
  const rowsOf = (id: string, price: number, days: number) =>
    Object.keys(study.document.links).map((link) => `${id}-${link},${link},10Gbps,${price},0,${days}`)
  const late = await said(...rowsOf('slow', 1, 900))
  t.ok(late.dates[0]! > study.scenario.from, 'nobody is short yet')
  t.equal(late.found.late?.set, late.found.chosen)
  t.match(
    late.page,
    /^No set of these offers is there in time\. The cheapest, slow.* before 2029-05-13, after the period; /m,
  )
  t.notMatch(late.page, /Cheapest that does/)
  t.match(late.page, /; until then these are short: [a-f]/)
  const first = [...(await runoutOf(study, { growth: 9, years: 1, cuts: [], workers: 1 })).institutions.values()]
  t.same(late.found.late!.short.length, first.length, 'all who break within the period')

  const both = await said(...rowsOf('slow', 1, 900), ...rowsOf('soon', 50, 2))
  t.match(both.page, /^Cheapest that does in time: soon-.*\. Order by 20/m)
  t.match(both.page, /^Cheaper but late: slow-.* cannot be there before 2029-05-13/m)
  t.notMatch(both.page, /in time: .*slow-/)
  t.ok(both.found.chosen!.cost > both.found.late!.set.cost)
  const tight = await said(...rowsOf('soon', 50, Math.floor((late.dates[0]! - study.scenario.from) / DAY)))
  t.match(tight.page, /^Cheapest that does: soon-.*\. Order now: the safe date has passed\.$/m)
})

t.test('what is proposed holds in every step of the day; more growth than expected is told', async (t) => {
  for (const seed of [4, 17]) {
    const { study, options } = ringPurchase(seed, 2)
    // Its own worst step is not the busiest of all.
    const one = { ...options, keep: [1] }
    const [few, all] = [buy(study, one), buy(study, { ...one, busiest: 288 })]
    t.ok(few.purchase.parts.steps.count > 1, `seed ${seed}: a step was added`)
    t.equal(few.chosen!.cost, all.chosen!.cost, `seed ${seed}`)
  }
  const study = ringStudy(6, 0.1)
  const growth = { mean: 0, spread: 9 }
  const options = { ...ringPurchase(6, 1).options, growth: 0, mostGrowth: 9, years: 1 }
  const bought = buy(study, options)
  t.equal(bought.chosen?.cost, 0)
  const dates = await breaksOf(study, bought, options.keep, growth, 1)
  t.match(dates, [Number, null, null])
  const { first } = await runoutOf(study, { growth: 9, years: 1, cuts: options.cuts, workers: 1 }, options.keep)
  t.equal(dates[0], timeOfBreak(study, first!))
  // Of steps in which nobody asks for anything no failure refuses to buy nothing.
  const steps = { count: 1, demand: new Float64Array(study.plan.flows.length) }
  const atMost = new Purchase({ ...bought.atMost.parts, document: study.document, steps })
  t.same(atMost.refusing(bought.tried[0]!.choice), [])
  t.same(
    await breaksOf(study, { ...bought, atMost }, options.keep, growth, 1),
    dates,
    'each failure is asked about in every step, whichever the purchase has looked at',
  )
  const words = { offersFile: 'o.csv', keep: 'everyone', anyOne: 'link', growth, years: 1, busiest: 1 }
  const report = buyReport(bought, words, dates)
  t.match(report.findings[2]!.en, /^With one standard deviation more of growth the first promise breaks on 20/)
  t.match(report.tables[0]!.rows[0]![3], { en: /^20\d\d-.* to later, expected later$/, sw: /^20\d\d-.* hadi baadaye/ })
})

t.test('what is bought keeps them in a run of its own', async (t) => {
  const { study, options } = ringPurchase(12, 3)
  const { chosen, purchase } = buy(study, { ...options, busiest: 288 })
  t.ok(chosen !== null && chosen.cost > 0)
  for (const cut of options.cuts) {
    const conditions = purchase.conditionsUnder(chosen!.choice, cut)
    const events = { cut: { name: study.scenario.name, from: study.scenario.from, conditions } }
    const { outcome, plan } = await simulate({ ...study.scenario, events }, purchase.parts.whole, {
      workers: 1,
      habits: study.habits,
    })
    const kept = new Set(options.keep.map((n) => plan.institutions[n]!.id))
    const short = outcome.shortFlows.filter(({ institution, worst }) => kept.has(institution) && worst.links.length > 0)
    t.same(short, [], cut.id)
  }
})

t.test('every fault of a sheet of offers at once, with its line', async (t) => {
  const { document } = ringStudy(1, 1)
  const faultsOf = (sheet: string): string[] => {
    try {
      parseOffers(sheet, 'o.csv', document)
      return []
    } catch (error) {
      return (error as MizaniError).faults.map(formatFault)
    }
  }
  const head = 'offer,link,kind,from,to,capacity,once,monthly,lead_days,groups,cost'
  const rows = [
    'a,r1,,core,,fast,-1,2,3,,',
    'b,r9,,cor,n1,1Gbps,1,2,3,rod,',
    'c,r9,bakbone,core,n1,1Gbps,1,x,3,,0.5',
    'C,rr1,,,,1Gbps,1,2,3,,',
    'd,r1,,,,1Gbps,1,2,3,,',
    'd,r2,,,,2Gbps,1,2,3,,',
  ]
  const faults = faultsOf([head, ...rows].join('\n'))
  for (const expected of [
    'o.csv:2: from: the plane has r1; leave it empty',
    'o.csv:2: capacity: expected a rate such as 4Gbps or 2Gbps/1Gbps, found "fast"',
    'o.csv:2: once: expected a number from 0 to 1,000,000,000,000, found "-1"',
    'o.csv:3: from: the plane has no node "cor"; did you mean "core"?',
    'o.csv:3: groups: the plane has no shared-risk group "rod"; did you mean "road"?',
    'o.csv:4: from, to, kind, groups, cost: offer b has another r9; give this its own id',
    'o.csv:4: kind: expected upstream, exchange, backbone, uplink, datacentre, ' +
      'found "bakbone"; did you mean "backbone"?',
    'o.csv:4: monthly: expected a number from 0 to 1,000,000,000,000, found "x"',
    'o.csv:4: cost: expected a whole length of 1 or more, found 0.5',
    'o.csv:5: offer: expected an id, found "C"',
    'o.csv:5: link: the plane has no "rr1"; did you mean "r1"?; a new one says from and to',
    'o.csv:7: link: offer d was for r1, found r2',
  ])
    t.ok(faults.includes(`${expected} [INVALID]`), expected)
  t.equal(faults.length, 12)
  const against = (...rows: string[]) => faultsOf([head, ...rows].join('\n'))
  t.match(against('a,r1,,,,1Gbps,1,2,999999999999,,', 'b,r1,,,,1Gbps,1,9999999999999,1.5,,'), [
    'o.csv:2: lead_days: expected whole days from 0 to 3,650, found "999999999999"',
    'o.csv:3: monthly: expected a number from 0 to 1,000,000,000,000, found "9999999999999"',
    'o.csv:3: lead_days: expected whole days from 0 to 3,650, found "1.5"',
  ])
  t.match(against('a,new,,core,n1,1Gbps,1,2,3,,', 'b,new,,core,n2,1Gbps,1,2,3,,'), [
    'o.csv:3: from, to, kind, groups, cost: offer a has another new; give this its own id',
  ])
  for (const [row, line] of [
    ['a,r1.down,,core,n1,1Gbps,1,2,3,,', 'o.csv:2: links r1.down'],
    ['a,cable,,core,n1,1Gbps,1,2,3,,', 'o.csv:2: groups cable'],
    ['a,new,,core,core,1Gbps,1,2,3,,', 'o.csv:2: links new'],
    ['a,new,,core,n1,999999999999Tbps,1,2,3,,', 'o.csv:2: links new capacity'],
    ['a,r1,,,,999999999999Tbps,1,2,3,,', 'o.csv:2: links r1 capacity'],
  ] as const)
    t.match(against(row)[0], line, row)
  t.match(faultsOf('offer,lnk,capacity,once,monthly,lead_days\n'), [
    /no column "lnk" is known; did you mean "link"\?/,
    /"link"/,
  ])
  t.match(faultsOf(`${head}\n`), [/has no offers/])
  t.match(faultsOf(`${head},once\n`), ['o.csv:1: column "once" stands twice'])
  t.match(against('a,r1,,,,1Gbps,1,2,3,,,4'), [/expected 11 cells, as the header has columns; found 12/])
  t.throws(() => keptOnes('hospitl,z', ringStudy(1, 1).plan), /did you mean "hospital"\?\n.*"z" is no category/)
})
