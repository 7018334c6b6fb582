// What answers of one tick say twice: of a flow, an institution, a link, an edge, and of all of them together.

import type { Schema } from '../../../src/console/call.js'
import { isShortOf } from '../../../src/model/shortfall.js'
import type { Answers } from './answers.js'
import type { Book } from './book.js'

const FIXED = ['PINNED', 'OBSERVE', 'SAFE', 'NO_PATH']
/** Rates are whole bit/s, those published whole kbit/s. */
const [BIT, KILOBIT] = [1, 1_000]
const sum = (of: readonly number[]): number => of.reduce((total, n) => total + n, 0)

export function compareAnswers(answers: Answers, book: Book): void {
  ofFlows(answers, book)
  for (const explained of [...answers.explained, ...answers.parts]) ofExplanation(explained, answers, book)
  ofStatus(answers, book)
  ofLinks(answers, book)
  ofEdges(answers, book)
}

const AMOUNTS = ['guarantee', 'demand', 'need', 'rate', 'applied', 'arrived', 'carried'] as const

/** The list, the page of one, the figures of each second, the explanation and the flows one by one. */
function ofFlows({ institutions, details, figures, explained, parts, allocations }: Answers, book: Book): void {
  for (const { id, flows } of institutions) {
    const detail = details.find((one) => one.id === id)!
    for (const flow of flows) {
      const { service, direction } = flow
      const of = `${id} ${service} ${direction}`
      const isIt = (one: { readonly service: string; readonly direction: string }): boolean =>
        one.service === service && one.direction === direction
      const whole = detail.flows.find(isIt)!
      const { parts: own, ...rest } = whole
      book.same('list and page of an institution', of, flow, rest)
      const figure = figures.get(`${service} ${direction}`)!.find((row) => row.id === id)!
      for (const name of ['guarantee', 'demand', 'need', 'carried', 'unmet'] as const)
        book.same('list and figures', `${of} ${name}`, flow[name], figure[name])
      const why = explained.find((one) => one.institution === id && isIt(one))!
      for (const name of AMOUNTS) book.same('list and explanation', `${of} ${name}`, flow[name], why[name], own.length)
      book.same('list and explanation', `${of} ceiling`, flow.ceiling, why.ceiling)
      book.same('list and explanation', `${of} limit`, flow.limitedBy, why.limitedBy)
      for (const name of ['demand', 'need', 'rate', 'unmet'] as const)
        book.same('parts and whole', `${of} ${name}`, sum(own.map((part) => part[name])), flow[name], BIT)
      for (const part of own) {
        const where = `${of} at ${part.edge}`
        const one = allocations.find((row) => row.institution === id && row.edge === part.edge && isIt(row))!
        for (const name of ['demand', 'need', 'rate', 'applied', 'carried', 'unmet'] as const)
          book.same('part and allocation', `${where} ${name}`, part[name], one[name])
        book.same('asked, got and missed', where, part.unmet, Math.max(0, part.demand - part.need))
        const told = parts.find((row) => row.institution === id && row.edge === part.edge && isIt(row))
        if (told === undefined) continue
        for (const name of ['demand', 'need', 'rate'] as const)
          book.same('part and its explanation', `${where} ${name}`, part[name], told[name])
        book.same('part and its explanation', `${where} limit`, part.limitedBy, told.limitedBy)
      }
    }
  }
}

/** Steps add up, stay below the ceiling, and name what they say. */
function ofExplanation(why: Schema['Explanation'], { allocations, linkFlows }: Answers, book: Book): void {
  const of = `${why.flow} (${why.limitedBy.code})`
  const { bands, rate, computed, differs, need, ceiling } = why
  const isFixed = FIXED.includes(why.limitedBy.code)
  const slack = 2 * KILOBIT * Math.max(1, why.parts.length)
  book.same('steps and what was computed', of, sum(bands.map(({ amount }) => amount)), computed, bands.length)
  if (differs === null) book.same('steps and published rate', of, computed, rate, slack)
  else
    book.holds(
      'steps and published rate',
      why.steps.some(({ en }) => /published rate is [^:]*: \w/.test(en)),
      () => of,
    )
  // Part by part the edge may be another's affair.
  const others = why.parts.some(({ limitedBy: { code } }) => FIXED.includes(code))
  if (!isFixed && !others) {
    const asked = bands.filter(({ kind }) => kind !== 'headroom').map(({ amount }) => amount)
    book.same('steps and need', of, sum(asked), need, bands.length + BIT)
  }
  let held = 0
  for (const { band, kind, amount, cap, bottleneck, kept } of bands) {
    book.holds(
      'a step and what it may use',
      cap === null || amount <= cap + BIT,
      () => `${of} ${band}: ${amount} of ${cap}`,
    )
    if (ceiling !== null && cap !== null)
      book.holds(
        'steps and ceiling',
        held + cap <= ceiling + bands.length,
        () => `${of} ${band}: ${held} + ${cap} of ${ceiling}`,
      )
    if (kept !== null && cap !== null && cap > 0)
      book.same('a step and what is kept of it', `${of} ${band}`, Math.min(1, amount / cap), kept, 1e-3)
    if (bottleneck === null && cap !== null && kind !== 'headroom' && why.parts.length === 0)
      book.holds('a step that nothing ends', !isShortOf(amount, cap), () => `${of} ${band}: ${amount} of ${cap}`)
    held += amount
  }
  const { code, id } = why.limitedBy
  book.same(
    'nothing limits it, and it has all',
    of,
    code === 'DEMAND',
    why.limitedBy.code === 'DEMAND' && why.lift.by === 'NOTHING',
  )
  book.holds(
    'who is alone and who shares',
    code === 'LINK' || code === 'ENVELOPE' || code === 'CEILING' || why.sharersTotal === 0,
    () => of,
  )
  for (const { flow, need: theirs } of why.sharers)
    book.same('sharers and flows', `${of} ${flow}`, theirs, allocations.find((row) => row.id === flow)?.need ?? theirs)
  const on = code === 'LINK' ? linkFlows.find(({ link }) => link === id) : undefined
  if (on !== undefined) {
    // What edges keep that take no rates is not shared out, and stands in a step of its own.
    const takesPart = (row: Schema['LinkFlows']['flows'][number]): boolean => !FIXED.includes(row.limitedBy.code)
    const others = on.flows.filter((row) => row.need > 0 && row.id !== why.flow && row.part > 0 && takesPart(row))
    book.same('sharers and link', `${of} on ${id}`, why.sharersTotal, others.length)
    const institutions = new Set(
      others.filter(({ id: flow }) => !/^(unmapped|control)/.test(flow)).map((row) => row.institution),
    )
    institutions.delete(why.institution)
    book.same('sharing institutions and link', `${of} on ${id}`, why.sharingInstitutions, institutions.size)
  }
}

/** The sentence of the first page, and what it counts. */
function ofStatus({ status, institutions, details, edges, inForce, allocations }: Answers, book: Book): void {
  const { satisfied, shortest, enforcement } = status
  book.same('status and list', 'institutions', status.institutions, institutions.length)
  book.same('counts and their sum', 'institutions', satisfied.all + satisfied.short, status.institutions)
  const [short, below, perhaps] = [new Set<string>(), new Set<string>(), new Set<string>()]
  for (const { id, flows } of details)
    for (const { demand, atLeast, waits, need, guarantee, ceiling, parts, belowGuarantee } of flows) {
      const isSteered = parts.some(({ limitedBy: { code } }) => !['OBSERVE', 'CEILING', 'OVERRIDE'].includes(code))
      const asked = Math.min(demand, ceiling ?? demand)
      if (isSteered && isShortOf(need, asked)) short.add(id)
      const isBelow = isSteered && isShortOf(need, Math.min(waits ? asked : Math.min(asked, atLeast), guarantee))
      if (isBelow) below.add(id)
      else if (isSteered && isShortOf(need, Math.min(asked, guarantee))) perhaps.add(id)
      book.same('flow and its amounts', `${id} below guarantee`, belowGuarantee, isBelow)
    }
  book.same('status and flows', 'short', satisfied.short, short.size)
  book.same('status and flows', 'below guarantee', satisfied.belowGuarantee, below.size)
  const maybe = [...perhaps].filter((id) => !below.has(id)).length
  book.same('status and flows', 'perhaps below guarantee', satisfied.maybeBelow, maybe)
  book.same('count and rows of who is short', 'short', Math.min(satisfied.short, 10), shortest.length)
  for (const row of shortest) {
    const own = details.find(({ id }) => id === row.institution)!.flows
    book.holds(
      'who is short and what it misses',
      own.some(({ unmet }) => unmet > 0),
      () => row.institution,
    )
    book.holds(
      'who is short and what it misses',
      row.unmet <= sum(own.map(({ unmet }) => unmet)),
      () => row.institution,
    )
    book.same('who is short and below guarantee', row.institution, row.belowGuarantee, below.has(row.institution))
    book.holds('who is short and counted', short.has(row.institution), () => row.institution)
  }
  for (const state of ['FRESH', 'STALE', 'SAFE', 'UNKNOWN'] as const) {
    const name = state.toLowerCase() as 'fresh' | 'stale' | 'safe' | 'unknown'
    book.same('status and edges', state, status.edges[name], edges.filter((edge) => edge.state === state).length)
  }
  book.same('status and edges', 'total', status.edges.total, edges.length)
  for (const does of ['observe', 'enforce', 'hold', 'bypass'] as const)
    book.same('status and edges', does, enforcement[does], edges.filter((edge) => edge.enforcement === does).length)
  const pinned = inForce.filter(({ kind }) => kind === 'PIN').map(({ ref }) => ref)
  const enforce = edges.filter(({ id, enforcement: does }) => does === 'enforce' && pinned.includes(id))
  book.same('edges that enforce and those without new rates', 'count', enforcement.keepsEarlier, enforce.length)
  for (const [kind, n] of Object.entries(status.inForce))
    book.same('status and what is in force', kind, n, inForce.filter((row) => row.kind === kind).length)
  for (const { kind, ref, reason } of inForce) {
    if (kind !== 'PIN') continue
    const at = allocations.filter((row) => row.edge === ref && ['PINNED', 'SAFE'].includes(row.limitedBy.code))
    book.same('an edge without new rates and its flows', ref, Number(/flows: (\d+)/.exec(reason ?? '')?.[1]), at.length)
  }
  book.same(
    'status and revision',
    'revision',
    String(status.revision),
    inForce.find(({ kind }) => kind === 'REVISION')?.ref,
  )
}

function ofLinks({ links, linkDetails, linkFlows, allocations, institutions }: Answers, book: Book): void {
  for (const detail of linkDetails) {
    const { limits, ...rest } = detail
    const link = links.find(({ id }) => id === detail.id)!
    const on = linkFlows.find((one) => one.link === detail.id)!
    book.same('list and page of a link', link.id, link, rest)
    const limited = allocations.filter(({ limitedBy: { code, id } }) => code === 'LINK' && id === link.id)
    book.same('a link and whom it limits', link.id, limits.total, limited.length)
    for (const row of limits.flows) {
      const flow = allocations.find(({ id }) => id === row.id)!
      for (const name of ['demand', 'need', 'rate'] as const)
        book.same('a link and whom it limits', `${link.id} ${row.id} ${name}`, row[name], flow[name])
    }
    book.same('a link and who is on it', `${link.id} total`, on.total, on.flows.length)
    book.same('a link and who is on it', `${link.id} short`, on.short, on.flows.filter(({ unmet }) => unmet > 0).length)
    book.same(
      'a link and the needs on it',
      link.id,
      sum(on.flows.map(({ load }) => load)),
      link.needLoad,
      on.total + BIT,
    )
    for (const row of on.flows) {
      const flow = allocations.find(({ id }) => id === row.id)!
      for (const name of ['demand', 'need', 'unmet'] as const)
        book.same('who is on a link and flows', `${link.id} ${row.id} ${name}`, row[name], flow[name])
      book.same('who is on a link and flows', `${link.id} ${row.id} limit`, row.limitedBy, flow.limitedBy)
    }
    const missed = on.flows
      .filter(({ limitedBy: { code, id } }) => code === 'LINK' && id === link.id)
      .map(({ id, part, demand, need }) => {
        const { ceiling } = allocations.find((row) => row.id === id)!
        return part * Math.max(0, Math.min(demand, ceiling ?? demand) - need)
      })
    book.same('a link and what it keeps from whom', link.id, sum(missed), link.unmet, on.total + BIT)
  }
  const inLists = institutions.flatMap(({ flows }) => flows).length
  book.holds('flows in lists', inLists <= allocations.length, () => `${inLists} of ${allocations.length}`)
}

function ofEdges({ edges, edgeDetails, allocations, institutions }: Answers, book: Book): void {
  for (const { sites, totals, ...rest } of edgeDetails) {
    const edge = edges.find(({ id }) => id === rest.id)!
    book.same('list and page of an edge', edge.id, edge, rest)
    const own = allocations.filter((row) => row.edge === edge.id)
    book.same('an edge and its flows', edge.id, edge.flows, own.length)
    const served = institutions.filter((row) => row.edges.includes(edge.id)).map(({ id }) => id)
    book.same('an edge and whom it serves', edge.id, edge.institutions, served.length)
    book.same(
      'an edge and its sites',
      edge.id,
      new Set(sites.map(({ institution }) => institution)).size,
      served.length,
    )
    for (const way of ['down', 'up'] as const) {
      const those = own.filter(({ direction }) => direction === way)
      for (const name of ['demand', 'need', 'rate'] as const)
        book.same(
          'an edge in sum and its flows',
          `${edge.id} ${way} ${name}`,
          totals[way]![name],
          sum(those.map((row) => row[name])),
        )
      const carried = those.some((row) => row.carried === null) ? null : sum(those.map((row) => row.carried!))
      book.same(
        'an edge in sum and its flows',
        `${edge.id} ${way} carried`,
        totals[way]!.carried,
        carried,
        those.length,
      )
    }
  }
}
