// mizani request: a member asks for more for their institution, whoever may change the policy answers.

import type { REQUEST_STATES } from '../model/request.js'
import { formatRate } from '../model/units.js'
import { usageError } from '../runtime/errors.js'
import type { Io } from '../runtime/io.js'
import { type ApiClient, type ApiCommand, createApiClient, printAnswer } from './api-client.js'
import type { ApiAnswered } from './api-operations.js'
import { ceilingsOf } from './policy-control.js'
import { DEMANDS, institutions } from './preview-words.js'

type Request = ApiAnswered<'get', '/v1/requests/{id}'>
type One = ApiCommand & { readonly id: string }

const MOST = 1_000

export async function runRequestList(
  { state, ...asked }: ApiCommand & { readonly state?: (typeof REQUEST_STATES)[number] },
  io: Io,
): Promise<void> {
  const ask = (api: ApiClient) => api.ask('get', '/v1/requests', { query: { state, pageSize: MOST } })
  await printAnswer(asked, io, ask, ({ items }) =>
    items.length === 0
      ? ['There is none.']
      : [...items].sort((a, b) => (a.at < b.at ? 1 : -1)).map((one) => `${headOf(one)}  ${one.reason}`),
  )
}

export async function runRequestShow({ id, ...asked }: One, io: Io): Promise<void> {
  await printAnswer(asked, io, (api) => api.ask('get', '/v1/requests/{id}', { path: { id } }), requestLines)
}

/** Which tiers there are to ask for. @param institution absent: the caller's own */
export async function runRequestChoices(
  { institution, ...asked }: ApiCommand & { readonly institution?: string },
  io: Io,
): Promise<void> {
  const id = institution ?? (await ownInstitution(createApiClient(asked.settings)))
  const ask = (api: ApiClient) => api.ask('get', '/v1/institutions/{id}/choices', { path: { id } })
  await printAnswer(asked, io, ask, ({ tiers }) =>
    tiers.flatMap(({ id, name, isPresent, flows }) => [
      `${id}  ${name.en}${isPresent ? '  (now)' : ''}`,
      ...flows.map(({ service, direction, guarantee, ceiling }) => {
        return `    ${service} ${direction}: ${formatRate(guarantee)} guaranteed, ${formatRate(ceiling)} at most`
      }),
    ]),
  )
}

async function ownInstitution(api: ApiClient): Promise<string> {
  const { body } = await api.ask('get', '/v1/me', {})
  const [own] = body.scope?.institutions ?? []
  if (own === undefined) throw usageError('Of which institution?', 'Say its id: mizani request choices ID.')
  return own
}

export interface RequestMade extends ApiCommand {
  readonly tier?: string
  readonly ceiling?: readonly string[]
  readonly reason: string
  readonly dryRun: boolean
}

export async function runRequestMake({ tier, ceiling = [], reason, dryRun, ...asked }: RequestMade, io: Io) {
  if (tier === undefined && ceiling.length === 0)
    throw usageError('What is asked for?', 'Say --tier ID, or --ceiling internet=300Mbps/150Mbps.')
  const body = { tier, reason, ...(ceiling.length === 0 ? {} : { ceilings: ceilingsOf(ceiling) }) }
  const query = { dryRun: dryRun ? ('true' as const) : undefined }
  await printAnswer(asked, io, (api) => api.ask('post', '/v1/requests', { query, body }), requestLines)
}

export async function runRequestAccept({ id, ...asked }: One, io: Io): Promise<void> {
  const ask = (api: ApiClient) => api.ask('post', '/v1/requests/{id}/accept', { path: { id } })
  await printAnswer(asked, io, ask, (request) => [
    `Request ${id} is accepted into proposal ${request.proposal}.`,
    `mizani proposal show ${request.proposal}`,
  ])
}

export async function runRequestRefuse(
  { id, reason, ...asked }: One & { readonly reason: string },
  io: Io,
): Promise<void> {
  const ask = (api: ApiClient) => api.ask('post', '/v1/requests/{id}/refuse', { path: { id }, query: { reason } })
  await printAnswer(asked, io, ask, () => [`Request ${id} is refused; the member reads why.`])
}

export async function runRequestWithdraw({ id, ...asked }: One, io: Io): Promise<void> {
  const ask = (api: ApiClient) => api.ask('post', '/v1/requests/{id}/withdraw', { path: { id } })
  await printAnswer(asked, io, ask, () => [`Request ${id} is taken back.`])
}

const headOf = ({ id, state, at, institution, author, outcome, ...wish }: Request): string =>
  `${id}  ${state}${outcome === null ? '' : `, ${outcome}`}  ${at}  ${institution}  ${author}  ${wishOf(wish)}`

function wishOf({ tier, ceilings }: Pick<Request, 'tier' | 'ceilings'>): string {
  const raised = Object.entries(ceilings).map(([service, { down, up }]) => {
    return `${service} up to ${formatRate(down)} down, ${formatRate(up)} up`
  })
  return [...(tier === null ? [] : [`tier ${tier}`]), ...raised].join('; ')
}

function requestLines(request: Request): string[] {
  const { reason, preview, decided, proposal } = request
  const looked = DEMANDS.flatMap(([demand, words]) => {
    const found = preview.demands.find((one) => one.demand === demand)
    if (found === undefined) return []
    const { own, losers, broken, others } = found
    const lose = `${institutions(losers)} would have less, promises of ${institutions(broken)} would break`
    return [`  ${words}: ${lose}`, ...own.map(shiftLine), ...others.map(shiftLine)]
  })
  return [
    headOf(request),
    `Why: ${reason}`,
    `What it would have done on revision ${preview.revision}:`,
    ...looked,
    ...(preview.testsFailed === 0 ? [] : [`  ${preview.testsFailed} tests of the policy would fail.`]),
    ...(decided === null
      ? []
      : [`${request.state} at ${decided.at} by ${decided.by}: ${decided.reason ?? proposal ?? ''}`]),
  ]
}

type Shift = Request['preview']['demands'][number]['own'][number]
const shiftLine = ({ institution, service, direction, before, after }: Shift): string =>
  `      ${institution} ${service} ${direction} ${formatRate(before)} -> ${formatRate(after)}`
