// mizani proposal: changes that wait for a second person, from a command line. Who agrees is whoever the token belongs
// to; the token beside a running controller belongs to nobody in particular, and agrees to nothing.

import { formatRate } from '../model/units.js'
import { loadPlane } from '../policy/files/files.js'
import type { PROPOSAL_STATES } from '../policy/revisions/proposal.js'
import { invalid, usageError } from '../runtime/errors.js'
import type { Io } from '../runtime/io.js'
import { type ApiClient, type ApiCommand, printAnswer } from './api-client.js'
import type { ApiAnswered } from './api-operations.js'
import { impactLines, institutions, testLines } from './preview-words.js'

type Proposal = ApiAnswered<'post', '/v1/proposals'>
type Detail = ApiAnswered<'get', '/v1/proposals/{id}'>

const MOST = 1_000
/** Institutions, for each demand. */
const ROWS_SHOWN = 20

export interface ProposalOptions extends ApiCommand {
  readonly directory: string
  readonly reason: string
  readonly reference?: string
  /** In words or ISO 8601, for the API to read. */
  readonly at?: string
}

/** Proposes what a folder changes in the policy in force. @throws MizaniError POLICY_INVALID, and as the API says. */
export async function runProposalAdd({ directory, reason, reference, at, ...asked }: ProposalOptions, io: Io) {
  const { document, faults } = loadPlane(directory)
  if (document === null) throw invalid('POLICY_INVALID', `${directory} is not a valid plane`, faults)
  const query = { reason, reference, effectiveAt: at }
  await printAnswer(asked, io, (api) => api.ask('post', '/v1/proposals', { query, body: { ...document } }), stateLines)
}

export async function runProposalList(
  { state, ...asked }: ApiCommand & { readonly state?: (typeof PROPOSAL_STATES)[number] },
  io: Io,
): Promise<void> {
  const ask = (api: ApiClient) => api.ask('get', '/v1/proposals', { query: { state, pageSize: MOST } })
  await printAnswer(asked, io, ask, ({ items }) =>
    items.length === 0
      ? ['There is none.']
      : [...items]
          .sort((a, b) => (a.at < b.at ? 1 : -1))
          .map(({ id, state, at, author, reason, note, effectiveAt }) => {
            const waits = effectiveAt !== null && isToCome(state) ? `waits for ${effectiveAt}` : null
            const marks = [waits, note].filter((mark) => mark !== null)
            return `${id}  ${state}  ${at}  ${author}  ${reason}${marks.map((mark) => `  [${mark}]`).join('')}`
          }),
  )
}

/** What an approver reads before agreeing, whole. */
export async function runProposalShow(
  { id, all, ...asked }: ApiCommand & { readonly id: string; readonly all: boolean },
  io: Io,
): Promise<void> {
  const most = all ? Number.POSITIVE_INFINITY : ROWS_SHOWN
  await printAnswer(
    asked,
    io,
    (api) => api.ask('get', '/v1/proposals/{id}', { path: { id } }),
    (shown) => [...detailLines(shown, most), ...nextLines(shown)],
  )
}

/** Who loses and who gains by it on what was recorded. */
export async function runProposalReplay(
  { id, days, ...asked }: ApiCommand & { readonly id: string; readonly days?: number },
  io: Io,
): Promise<void> {
  await printAnswer(
    asked,
    io,
    (api) => api.ask('get', '/v1/proposals/{id}/replay', { path: { id }, query: { days } }),
    replayLines,
  )
}

type Replay = ApiAnswered<'get', '/v1/proposals/{id}/replay'>

/** Minutes of a slot of the record. */
const SLOT_MINUTES = 5

function replayLines(replay: Replay): string[] {
  const { from, to, moments, slots, recordedSlots, equal, losers, gainers, institutions } = replay
  const [recorded, all] = [recordedSlots, slots].map((some) => (SLOT_MINUTES * some).toLocaleString('en-GB'))
  const moved = institutions.filter(({ before, after }) => before !== null && after !== null)
  const most = moved.filter(({ before, after }) => isWorse(before!, after!)).slice(0, ROWS_SHOWN)
  return [
    `${from} to ${to}: ${recorded} of ${all} minutes were recorded; in them ${losers} institutions lose by it, ` +
      `${gainers} gain.`,
    `In ${equal} of ${moments} recorded moments the policy in force gives what was recorded, to the kbit/s.`,
    ...most.map(
      ({ id, before, after }) =>
        `  ${id}: short for ${before!.minutesShort} -> ${after!.minutesShort} min, ` +
        `given ${formatRate(Math.round(before!.need))} -> ${formatRate(Math.round(after!.need))} on average`,
    ),
    'What was throttled may have wanted more than is recorded: its demand is a lower bound.',
  ]
}

const isWorse = (before: { missing: number; need: number }, after: { missing: number; need: number }): boolean =>
  after.missing > before.missing || (after.missing === before.missing && before.need - after.need >= 1_000)

/** Prints what is agreed to, then agrees to just that: not when another revision came into force in between. */
export async function runProposalApprove(
  { id, ...asked }: ApiCommand & { readonly id: string },
  io: Io,
): Promise<void> {
  const path = { id }
  let seenOn: number | undefined
  const look = async (api: ApiClient) => {
    const answer = await api.ask('get', '/v1/proposals/{id}', { path })
    seenOn = answer.body.seenOn
    return answer
  }
  if (!asked.json) await printAnswer(asked, io, look, (shown) => detailLines(shown, ROWS_SHOWN))
  const approve = (api: ApiClient) => api.ask('post', '/v1/proposals/{id}/approve', { path, query: { seenOn } })
  await printAnswer(asked, io, approve, stateLines)
}

export async function runProposalReject(
  { id, reason, ...asked }: ApiCommand & { readonly id: string; readonly reason: string },
  io: Io,
): Promise<void> {
  const ask = (api: ApiClient) => api.ask('post', '/v1/proposals/{id}/reject', { path: { id }, query: { reason } })
  await printAnswer(asked, io, ask, stateLines)
}

export interface ProposalCommitOptions extends ApiCommand {
  readonly id: string
  /** Seconds. */
  readonly confirmWithin?: number
  /** Before its hour. */
  readonly now: boolean
  readonly reason?: string
}

export async function runProposalCommit(
  { id, confirmWithin, now, reason, ...asked }: ProposalCommitOptions,
  io: Io,
): Promise<void> {
  if (now && reason === undefined) throw usageError('Why can it not wait for its hour?', 'Say --reason.')
  const query = { confirmWithin, now: now ? ('true' as const) : undefined, reason }
  const ask = (api: ApiClient) => api.ask('post', '/v1/proposals/{id}/commit', { path: { id }, query })
  await printAnswer(asked, io, ask, ({ revision, base, confirmBy }) => [
    `Revision ${revision} is in force, made on revision ${base}.`,
    ...(confirmBy === null
      ? []
      : [`It is undone at ${confirmBy} unless you confirm it: mizani policy confirm ${revision}`]),
  ])
}

function detailLines(shown: Detail, most: number): string[] {
  const { id, state, at, author, reason, reference, approvedBy, note, base, seenOn, words, preview, stale } = shown
  const places = words.length === 1 ? '1 place' : `${words.length} places`
  return [
    `Proposal ${id} is ${state}; ${author} made it at ${at}.`,
    `Why: ${reason}${reference === null ? '' : ` (${reference})`}`,
    ...(shown.guards.length === 0 ? [] : [`A second person has to agree because of: ${shown.guards.join(', ')}`]),
    ...(approvedBy === null ? [] : [`Approved by ${approvedBy}.`]),
    ...hourLines(shown),
    ...(note === null ? [] : [`Note: ${note}`]),
    `What changes, ${places}, made on revision ${base}, with ${seenOn} in force:`,
    ...words.map(({ en }) => `  ${en}`),
    ...(stale === null ? [] : [`It cannot be made any more: ${stale}.`]),
    ...(preview === null
      ? []
      : [
          'What it would do if it were made now:',
          ...[...impactLines(preview, most), ...testLines(preview.tests)].map(indented),
        ]),
    ...shown.warnings.map((warning) => `warning: ${warning}`),
  ]
}

const indented = (line: string): string => `  ${line}`

const isToCome = (state: Proposal['state']): boolean => state === 'open' || state === 'approved'

function hourLines({ state, effectiveAt }: Pick<Proposal, 'state' | 'effectiveAt'>): string[] {
  if (effectiveAt === null || !isToCome(state)) return []
  return state === 'approved'
    ? [`It waits for ${effectiveAt} and is made by itself then.`]
    : [`Once approved it waits for ${effectiveAt} and is made by itself then.`]
}

function nextLines({ id, state, effectiveAt }: Pick<Proposal, 'id' | 'state' | 'effectiveAt'>): string[] {
  if (state === 'open') return [`Somebody other than its author agrees: mizani proposal approve ${id}`]
  return state === 'approved' && effectiveAt === null ? [`mizani proposal commit ${id}`] : []
}

/** Where a proposal is and what its next step is; nothing that has been done already. */
export function stateLines(proposal: Proposal): string[] {
  const { id, state, guards, changes, losses } = proposal
  const losers = new Set(losses.map((loss) => loss.split(':').at(-1))).size
  const places = changes.length === 1 ? '1 place' : `${changes.length} places`
  const about = `${places}, ${institutions(losers)} ${losers === 1 ? 'loses' : 'lose'} by it`
  const because = state === 'open' && guards.length > 0 ? ` It needs a second person: ${guards.join(', ')}.` : ''
  return [`Proposal ${id} is ${state}: ${about}.${because}`, ...hourLines(proposal), ...nextLines(proposal)]
}
