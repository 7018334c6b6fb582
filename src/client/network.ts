// What the network does now and did, from a command line: status, institutions, links, envelopes, edges; and the word
// of an operator about a link. Lists are whole; `--json` has every field.

import { formatMinutes, formatRate, parseRate, toSeconds } from '../model/units.js'
import { systemClock } from '../runtime/clock.js'
import { durationOf } from '../runtime/duration.js'
import { usageError } from '../runtime/errors.js'
import type { Io } from '../runtime/io.js'
import { textLines } from '../runtime/text-table.js'
import { askedOf, limitOf, rateOr } from './amounts.js'
import { type ApiClient, type ApiCommand, createApiClient, printAnswer, printList } from './api-client.js'
import type { ApiAnswered } from './api-operations.js'
import { exactInstitution, guessedInstitution } from './institution-search.js'
import { impactLines } from './preview-words.js'

type Named = ApiCommand & { readonly id: string }
type Direction = 'down' | 'up'

/** Institutions, for each demand. */
const ROWS_SHOWN = 10

const maybeOf = ({ maybeBelow: n }: { readonly maybeBelow: number }): string =>
  n === 0 ? '' : ` and ${n} more may be, by what is estimated`

const earlierOf = ({ keepsEarlier: n }: { readonly keepsEarlier: number }): string =>
  n === 0 ? '' : `, ${n} of them earlier rates`

export async function runStatus(asked: ApiCommand, io: Io): Promise<void> {
  const ask = (api: ApiClient) => api.ask('get', '/v1/status', {})
  await printAnswer(
    asked,
    io,
    ask,
    ({ plane, revision, institutions, satisfied, edges, enforcement, leader, alarms, ...rest }) => [
      `${plane}: revision ${revision} in force at ${rest.at}, led by ${leader}`,
      `Institutions: ${institutions}; ${satisfied.all} get what they ask, ${satisfied.short} do not, ` +
        `${satisfied.belowGuarantee} are below their guarantee${maybeOf(satisfied)}`,
      `Edges: ${edges.total}; ${edges.fresh} fresh, ${edges.stale} stale, ${edges.safe} safe, ${edges.unknown} unknown`,
      `${enforcement.enforce} of ${edges.total} enforce${earlierOf(enforcement)}`,
      rest.certificate.ok ? 'The last proof holds.' : 'THE LAST PROOF DOES NOT HOLD.',
      ...rest.warnings.map((warning) => `warning: ${warning}`),
      ...alarms.map(({ id, severity, detail }) => `alarm ${id}, ${severity}: ${detail.en}`),
    ],
  )
}

/** What somebody who has signed in has to do before anything else. */
const LACKING = {
  code: 'Nothing else is open until the code of the second factor was given.',
  password: 'Nothing else is open until you have chosen a password: mizani password --as ACCOUNT.',
  factor: 'Nothing else is open until you have a second factor: mizani factor add --as ACCOUNT.',
} as const

const VOUCHING = 'an approver vouches for you first, or for the first approver the owner of the machine'

export async function runWhoAmI(asked: ApiCommand, io: Io): Promise<void> {
  const ask = (api: ApiClient) => api.ask('get', '/v1/me', {})
  await printAnswer(asked, io, ask, ({ actor, roles, unvouched, scope, expires, lacks }) => [
    `${actor}: ${roles.join(', ')}; ${scope === null ? 'everywhere' : `only ${JSON.stringify(scope)}`}` +
      `${expires === null ? '' : `, until ${expires}`}`,
    ...(unvouched.length === 0 ? [] : [`Not yet ${unvouched.join(', ')}: ${VOUCHING} (mizani user vouch ${actor}).`]),
    ...(lacks === null ? [] : [LACKING[lacks]]),
  ])
}

export interface InstitutionFilter extends ApiCommand {
  /** Words of a name. */
  readonly text?: string
  readonly category?: string
  readonly region?: string
  readonly tier?: string
  readonly edge?: string
  readonly limitedBy?: string
}

export async function runInstitutionList({ json, settings, text, ...filter }: InstitutionFilter, io: Io) {
  const query = { q: text, ...filter }
  const page = (api: ApiClient, at: { readonly pageSize: number; readonly pageToken: string | undefined }) =>
    api.ask('get', '/v1/institutions', { query: { ...at, ...query } })
  await printList({ json, settings }, io, page, {
    none: 'None fits.',
    table: (found) => ({
      heads: ['id', 'name', 'tier', 'service', 'way', 'asks', 'needs', 'rate', 'limited by'],
      right: [5, 6, 7],
      rows: found.flatMap(({ id, name, tier, flows }) =>
        flows.map(({ service, direction, need, rate, limitedBy, ...asked }) => {
          const amounts = [askedOf(asked), formatRate(need), formatRate(rate)]
          return [id, name.en, tier, service, direction, ...amounts, limitOf(limitedBy)]
        }),
      ),
    }),
  })
}

export async function runInstitutionShow({ id: text, ...asked }: Named, io: Io): Promise<void> {
  const { id } = await guessedInstitution(createApiClient(asked.settings), text, io, asked.json)
  const ask = (api: ApiClient) => api.ask('get', '/v1/institutions/{id}', { path: { id } })
  await printAnswer(asked, io, ask, ({ name, category, region, tier, envelope, sites, flows }) => [
    `${id}: ${name.en} (${name.sw})`,
    `${category} in ${region}, tier ${tier}${envelope === null ? '' : `, envelope ${envelope}`}`,
    ...sites.map(({ id: site, edge, access, prefixes }) => {
      const line = `${formatRate(access.down)}/${formatRate(access.up)}`
      return `site ${site} behind ${edge}, line ${line}: ${prefixes.join(', ') || 'no prefix'}`
    }),
    ...textLines({
      heads: ['service', 'way', 'edge', 'guarantee', 'ceiling', 'asks', 'needs', 'rate', 'applied', 'limited by'],
      right: [3, 4, 5, 6, 7, 8],
      rows: flows.flatMap(({ service, direction, guarantee, ceiling, parts }) =>
        parts.map(({ edge, need, rate, applied, limitedBy, ...asked }) => [
          ...[service, direction, edge, formatRate(guarantee), rateOr(ceiling), askedOf(asked), formatRate(need)],
          ...[formatRate(rate), rateOr(applied), limitOf(limitedBy)],
        ]),
      ),
    }),
  ])
}

export interface Span extends Named {
  /** ISO 8601 with an offset; a day before `to`, and now, when absent. */
  readonly from?: string
  readonly to?: string
  readonly step?: '5m' | '15m' | '1h' | '6h' | '1d'
}

export async function runInstitutionHistory({ id: text, from, to, step, ...asked }: Span, io: Io): Promise<void> {
  const { id } = await guessedInstitution(createApiClient(asked.settings), text, io, asked.json)
  const query = { from, to, step }
  const ask = (api: ApiClient) => api.ask('get', '/v1/institutions/{id}/history', { path: { id }, query })
  await printAnswer(asked, io, ask, (history) => {
    // The type knows the sheet as well, which was not asked for.
    const { flows } = history as Exclude<typeof history, string>
    const rows = flows.flatMap(({ flow, points }) =>
      points.map(({ at, demand, need, rate, unmet, minutesBelowGuarantee }) => [
        ...[
          flow,
          at,
          rateOr(demand),
          rateOr(need),
          rateOr(rate),
          rateOr(unmet),
          minutesBelowGuarantee === null ? '-' : formatMinutes(minutesBelowGuarantee),
        ],
      ]),
    )
    const heads = ['flow', 'at', 'asked', 'need', 'rate', 'missed', 'below guarantee']
    return [...textLines({ heads, rows, right: [2, 3, 4, 5, 6] })]
  })
}

export async function runLinkHistory({ id, from, to, step, ...asked }: Span, io: Io): Promise<void> {
  const query = { from, to, step }
  const ask = (api: ApiClient) => api.ask('get', '/v1/links/{id}/history', { path: { id }, query })
  await printAnswer(asked, io, ask, (history) => {
    const { points } = history as Exclude<typeof history, string>
    const rows = points.map(({ at, capacity, needLoad, load, unmet, state }) => [
      ...[at, rateOr(capacity), rateOr(needLoad), rateOr(load), rateOr(unmet), state ?? '-'],
    ])
    return [...textLines({ heads: ['at', 'capacity', 'needs', 'rates', 'missed', 'state'], rows, right: [1, 2, 3, 4] })]
  })
}

export interface LinkFilter extends ApiCommand {
  /** In the id, an end or a shared-risk group. */
  readonly text?: string
  readonly state?: 'up' | 'derated' | 'down'
  /** Access lines as well; they are many. */
  readonly all: boolean
}

export async function runLinkList({ text, state, all, ...asked }: LinkFilter, io: Io): Promise<void> {
  const query = { q: text, state, except: all ? undefined : ('access' as const) }
  await printList(asked, io, (api, page) => api.ask('get', '/v1/links', { query: { ...page, ...query } }), {
    none: 'None fits.',
    table: (links) => ({
      heads: ['id', 'from', 'to', 'state', 'capacity', 'usable', 'needs', 'missing'],
      right: [4, 5, 6, 7],
      rows: links.map(({ id, from, to, state, capacity, usable, needLoad, unmet }) => {
        return [id, from, to, state, ...[capacity, usable, needLoad, unmet].map(formatRate)]
      }),
    }),
  })
}

export async function runLinkShow({ id, ...asked }: Named, io: Io): Promise<void> {
  const ask = (api: ApiClient) => api.ask('get', '/v1/links/{id}', { path: { id } })
  await printAnswer(asked, io, ask, ({ from, to, state, capacity, usable, needLoad, load, unmet, limits }) => [
    `${id}: ${from} -> ${to}, ${state}`,
    `capacity ${formatRate(capacity)}, usable ${formatRate(usable)}`,
    `needs ${formatRate(needLoad)}, rates ${formatRate(load)}, missing ${formatRate(unmet)}`,
    `It limits ${limits.total} flows; ${limits.flows.length} of ${limits.total} shown.`,
    ...limits.flows.map(({ id: flow, demand, need }) => `    ${flow}: ${formatRate(need)} of ${formatRate(demand)}`),
  ])
}

/** @param limit how many are named */
export async function runLinkFlows({ id, limit, ...asked }: Named & { readonly limit: number }, io: Io) {
  const ask = (api: ApiClient) => api.ask('get', '/v1/links/{id}/flows', { path: { id }, query: { limit } })
  await printAnswer(asked, io, ask, ({ total, short, flows }) => [
    `${id} carries ${total} flows, of which ${short} lack something; ${flows.length} shown.`,
    ...textLines({
      heads: ['flow', 'asks', 'gets', 'over it', 'lacks', 'band', 'level', 'limited by'],
      right: [1, 2, 3, 4, 6],
      rows: flows.map(({ id: flow, demand, need, load, unmet, band, level, kept, limitedBy }) => {
        const reached = kept === null ? rateOr(level) : percent(kept)
        return [flow, ...[demand, need, load, unmet].map(formatRate), band ?? '-', reached, limitOf(limitedBy)]
      }),
    }),
  ])
}

export interface LinkWord extends Named {
  /** up, down, what capacity is left ("2Gbps"), or what part of it ("40%"). */
  readonly word: string
  /** Such as 2h; absent: until something else is said. */
  readonly for?: string
  /** Sent twice it is one; absent: a new one. */
  readonly event?: string
  readonly reason?: string
}

export async function runLinkState({ id, word, for: duration, event, reason, ...asked }: LinkWord, io: Io) {
  const body = {
    event: event ?? `by-hand-${systemClock.wall()}`,
    ...stateIn(word),
    ttl: duration === undefined ? undefined : toSeconds(durationOf(duration)),
    reason,
  }
  const ask = (api: ApiClient) => api.ask('post', '/v1/links/{id}/state', { path: { id }, body })
  await printAnswer(asked, io, ask, ({ link, factor, effective, heldUntil, until }) => [
    `${link} is told to have ${percent(factor)} of its capacity${until === null ? '' : ` until ${until}`}.`,
    ...(effective === factor ? [] : [`${percent(effective)} counts now: somebody else says less, or it flaps.`]),
    ...(heldUntil === null ? [] : [`Held until ${heldUntil}.`]),
  ])
}

/** @param left such as 40% */
export async function runLinkWhatIf({ id, left, ...asked }: Named & { readonly left: string }, io: Io) {
  const factor = partIn(left)
  if (factor === undefined) throw usageError(`"${left}" is no part of a link.`, 'Say what would be left of it: 40%.')
  const ask = (api: ApiClient) => api.ask('post', '/v1/links/{id}/what-if', { path: { id }, body: { factor } })
  await printAnswer(asked, io, ask, (seen) => impactLines(seen, ROWS_SHOWN))
}

const percent = (part: number): string => `${Number((part * 100).toFixed(1))} %`

/** Of "40%" 0.4. */
function partIn(word: string): number | undefined {
  const [, part] = /^(\d{1,3}(?:\.\d+)?)\s*%$/.exec(word) ?? []
  return part !== undefined && Number(part) <= 100 ? Number(part) / 100 : undefined
}

function stateIn(word: string): { state: 'up' | 'down' } | { capacity: number } | { factor: number } {
  if (word === 'up' || word === 'down') return { state: word }
  const factor = partIn(word)
  if (factor !== undefined) return { factor }
  const capacity = parseRate(word)
  if (capacity !== undefined) return { capacity }
  throw usageError(
    `"${word}" is no state of a link.`,
    'Say up, down, what is left such as 2Gbps, or a part such as 40%.',
  )
}

export interface EnvelopeFilter extends ApiCommand {
  readonly envelope?: string
  readonly service?: string
}

export async function runEnvelopeList({ envelope, service, ...asked }: EnvelopeFilter, io: Io): Promise<void> {
  const query = { envelope, service }
  await printList(asked, io, (api, page) => api.ask('get', '/v1/envelopes', { query: { ...page, ...query } }), {
    none: 'The policy has none.',
    table: (envelopes) => ({
      heads: ['envelope', 'service', 'way', 'guarantee', 'ceiling', 'needs', 'missing', 'members'],
      right: [3, 4, 5, 6, 7],
      rows: envelopes.map(({ envelope, service, direction, guarantee, ceiling, needLoad, unmet, members }) => [
        ...[envelope, service, direction, rateOr(guarantee), rateOr(ceiling), formatRate(needLoad), formatRate(unmet)],
        String(members),
      ]),
    }),
  })
}

export async function runNodeList({ region, ...asked }: ApiCommand & { readonly region?: string }, io: Io) {
  await printList(asked, io, (api, page) => api.ask('get', '/v1/nodes', { query: { ...page, region } }), {
    none: 'None.',
    table: (nodes) => ({
      heads: ['node', 'name', 'region', 'at'],
      right: [],
      rows: nodes.map(({ id, name, region, at }) => [id, name.en, region ?? '-', at === null ? '-' : at.join(', ')]),
    }),
  })
}

export async function runUnmapped({ edge, ...asked }: ApiCommand & { readonly edge?: string }, io: Io): Promise<void> {
  await printList(asked, io, (api, page) => api.ask('get', '/v1/unmapped', { query: { ...page, edge } }), {
    none: 'None.',
    table: (rows) => ({
      heads: ['edge', 'way', 'asks', 'needs', 'rate', 'limited by'],
      right: [2, 3, 4],
      rows: rows.map(({ edge, direction, demand, need, rate, limitedBy }) => {
        return [edge, direction, ...[demand, need, rate].map(formatRate), limitOf(limitedBy)]
      }),
    }),
  })
}

export interface AllocationFilter extends ApiCommand {
  readonly institution?: string
  readonly service?: string
  readonly direction?: Direction
  readonly edge?: string
  readonly tier?: string
}

export async function runAllocationList({ json, settings, ...query }: AllocationFilter, io: Io): Promise<void> {
  const page = (api: ApiClient, at: { readonly pageSize: number; readonly pageToken: string | undefined }) =>
    api.ask('get', '/v1/allocations', { query: { ...at, ...query } })
  await printList({ json, settings }, io, page, {
    none: 'None fits.',
    table: (rows) => ({
      heads: ['flow', 'edge', 'guarantee', 'ceiling', 'asks', 'needs', 'rate', 'safe', 'limited by'],
      right: [2, 3, 4, 5, 6, 7],
      rows: rows.map(({ id, edge, guarantee, ceiling, demand, need, rate, safe, limitedBy }) => [
        ...[id, edge, formatRate(guarantee), rateOr(ceiling)],
        ...[demand, need, rate, safe].map(formatRate),
        limitOf(limitedBy),
      ]),
    }),
  })
}

export interface EdgeFilter extends ApiCommand {
  readonly region?: string
  readonly state?: 'FRESH' | 'STALE' | 'SAFE' | 'UNKNOWN'
}

export async function runEdgeList({ region, state, ...asked }: EdgeFilter, io: Io): Promise<void> {
  const query = { region, state }
  await printList(asked, io, (api, page) => api.ask('get', '/v1/edges', { query: { ...page, ...query } }), {
    none: 'None fits.',
    table: (edges) => ({
      heads: ['id', 'region', 'state', 'enforcement', 'lag', 'driver', 'last report', 'place', 'says'],
      right: [4],
      rows: edges.map(({ id, region, state, enforcement, lag, driver, lastReport, place, ...edge }) => {
        const says = saidBy(edge).join('; ')
        return [id, region, state, enforcement, String(lag), driver ?? '-', lastReport ?? 'never', place ?? '-', says]
      }),
    }),
  })
}

type EdgeSays = Pick<
  ApiAnswered<'get', '/v1/edges'>['items'][number],
  'refusal' | 'second' | 'notices' | 'uncounted' | 'bypasses'
>

/** What is unusual about an edge; a way past its limits that is only possible in small letters, as at the box. */
function saidBy({ refusal, second, notices, uncounted, bypasses }: EdgeSays): string[] {
  const { down, up } = uncounted
  return [
    ...(second ? [`TWICE: also at ${second.place ?? 'a place that it does not tell'} since ${second.since}`] : []),
    ...(refusal ? [`refuses ${refusal.code}: ${refusal.detail}`] : []),
    ...bypasses.map((b) => `LIFTED ${b.institution ?? 'all'} until ${b.until}: ${b.reason}`),
    ...(down + up > 0 ? [`uncounted down ${formatRate(down)}, up ${formatRate(up)}`] : []),
    ...notices
      .filter(({ code }) => code !== 'UNCOUNTED')
      .map(({ code, subject, since, used }) => `${used ? code : code.toLowerCase()} ${subject} since ${since}`),
  ]
}

export async function runEdgeShow({ id, ...asked }: Named, io: Io): Promise<void> {
  const ask = (api: ApiClient) => api.ask('get', '/v1/edges/{id}', { path: { id } })
  await printAnswer(asked, io, ask, ({ name, region, node, state, enforcement, sites, totals, ...edge }) => [
    `${id}: ${name.en} in ${region}, at ${node}`,
    `${state}, ${enforcement}; driver ${edge.driver ?? 'not known'}, last report ${edge.lastReport ?? 'never'}`,
    ...(edge.place === null ? [] : [`Its agent is at ${edge.place}`]),
    ...saidBy(edge),
    ...Object.entries(totals).map(([way, { demand, need, rate, applied }]) => {
      const amounts = [demand, need, rate, applied].map(formatRate)
      return `${way}: asks ${amounts[0]}, needs ${amounts[1]}, rates ${amounts[2]}, applied ${amounts[3]}`
    }),
    ...sites.map(({ id: site, institution, prefixes }) => `site ${site} of ${institution}: ${prefixes.join(', ')}`),
  ])
}

export async function runDemoLoad(
  { id: text, factor, ...asked }: Named & { readonly factor: number },
  io: Io,
): Promise<void> {
  const { id: institution } = await exactInstitution(createApiClient(asked.settings), text)
  const ask = (api: ApiClient) => api.ask('post', '/v1/demo/load', { body: { institution, factor } })
  await printAnswer(asked, io, ask, () => [`${institution} offers ${factor} times its load from now on.`])
}

export async function runDemoEdge({ id, runs, ...asked }: Named & { readonly runs: boolean }, io: Io): Promise<void> {
  const path = runs ? '/v1/demo/edges/{id}/start' : '/v1/demo/edges/{id}/stop'
  const ask = (api: ApiClient) => api.ask('post', path, { path: { id } })
  await printAnswer(asked, io, ask, () => [runs ? `${id} is back.` : `${id} has fallen silent.`])
}
