// mizani proposal: changes that wait for a second person, from a command line. Who agrees is whoever the token belongs
// to; the token beside a running controller belongs to nobody in particular, and agrees to nothing.

import { type ApiClient, type ApiCommand, printAnswer } from '../runtime/api-client.js'
import type { ApiAnswered } from '../runtime/api-operations.js'
import { invalid } from '../runtime/errors.js'
import type { Io } from '../runtime/io.js'
import { loadPlane } from './files.js'
import type { PROPOSAL_STATES } from './proposal.js'

type Proposal = ApiAnswered<'post', '/v1/proposals'>

const MOST = 1_000

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
          .map(({ id, state, at, author, reason, note }) => {
            return `${id}  ${state}  ${at}  ${author}  ${reason}${note === null ? '' : `  [${note}]`}`
          }),
  )
}

export async function runProposalApprove(
  { id, ...asked }: ApiCommand & { readonly id: string },
  io: Io,
): Promise<void> {
  await printAnswer(asked, io, (api) => api.ask('post', '/v1/proposals/{id}/approve', { path: { id } }), stateLines)
}

export async function runProposalReject(
  { id, reason, ...asked }: ApiCommand & { readonly id: string; readonly reason: string },
  io: Io,
): Promise<void> {
  const ask = (api: ApiClient) => api.ask('post', '/v1/proposals/{id}/reject', { path: { id }, query: { reason } })
  await printAnswer(asked, io, ask, stateLines)
}

export async function runProposalCommit(
  { id, confirmWithin, ...asked }: ApiCommand & { readonly id: string; readonly confirmWithin?: number },
  io: Io,
): Promise<void> {
  const ask = (api: ApiClient) =>
    api.ask('post', '/v1/proposals/{id}/commit', { path: { id }, query: { confirmWithin } })
  await printAnswer(asked, io, ask, ({ revision, base, confirmBy }) => [
    `Revision ${revision} is in force, made on revision ${base}.`,
    ...(confirmBy === null
      ? []
      : [`It is undone at ${confirmBy} unless you confirm it: mizani policy confirm ${revision}`]),
  ])
}

/** Where a proposal is and what its next step is; nothing that has been done already. */
export function stateLines({ id, state, guards, changes, losses, effectiveAt }: Proposal): string[] {
  const next =
    state === 'open'
      ? [`Somebody else agrees to it (${guards.join(', ')}): mizani proposal approve ${id}`]
      : state !== 'approved'
        ? []
        : [effectiveAt === null ? `mizani proposal commit ${id}` : `It is made by itself at ${effectiveAt}.`]
  const about = `${changes.length === 1 ? '1 place' : `${changes.length} places`}, ${losses.length} losses`
  return [`Proposal ${id} is ${state}: ${about}.`, ...next]
}
