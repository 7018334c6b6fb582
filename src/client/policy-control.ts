// mizani policy preview, history, diff, rollback, confirm, sign; what-if; override, mode, freeze: policy control
// from a command line, over the same API as everyone. Text for people, `--json` for scripts.

import { toSeconds } from '../model/units.js'
import { loadPlane } from '../policy/files/files.js'
import { systemClock } from '../runtime/clock.js'
import { durationOf } from '../runtime/duration.js'
import { invalid, usageError } from '../runtime/errors.js'
import type { Io } from '../runtime/io.js'
import { type ApiClient, type ApiCommand, createApiClient, printAnswer } from './api-client.js'
import type { ApiAnswered } from './api-operations.js'
import { exactInstitution, guessedInstitution } from './institution-search.js'
import { impactLines, testLines } from './preview-words.js'

type Previewed = ApiAnswered<'post', '/v1/policy/preview'>

/** Institutions, for each demand. */
const ROWS_SHOWN = 10
/** Lists are short: what is older than a month leaves them. */
const MOST = 1_000

/** Who would lose and gain if this folder became the policy; nothing is kept. */
export async function runPolicyPreview(asked: ApiCommand & { directory: string }, io: Io): Promise<void> {
  const { document, faults } = loadPlane(asked.directory)
  if (document === null) throw invalid('POLICY_INVALID', `${asked.directory} is not a valid plane`, faults)
  const ask = (api: ApiClient) => api.ask('post', '/v1/policy/preview', { body: { ...document } })
  await printAnswer(asked, io, ask, previewLines)
}

function previewLines({ base, guards, warnings, tests, ...seen }: Previewed): string[] {
  const asks = guards.length === 0 ? [] : [`needs a second person: ${guards.join(', ')}`]
  const said = [...impactLines(seen, ROWS_SHOWN), ...testLines(tests)]
  return [`against revision ${base}`, ...said, ...asks, ...warnings.map((warning) => `warning: ${warning}`)]
}

export async function runPolicyHistory(
  asked: ApiCommand & { most: number; unsigned?: boolean },
  io: Io,
): Promise<void> {
  const query = { pageSize: asked.most, unsigned: asked.unsigned ? ('true' as const) : undefined }
  await printAnswer(
    asked,
    io,
    (api) => api.ask('get', '/v1/policy/revisions', { query }),
    ({ items }) =>
      items.map(({ revision, at, author, reason, kind, waits, unsigned }) => {
        const marks = [kind === 'commit' ? '' : kind, waits ? 'waits for confirmation' : '', unsigned ? 'unsigned' : '']
        const said = marks.filter((mark) => mark !== '').join(', ')
        return `${revision}  ${at}  ${author}  ${reason}${said === '' ? '' : `  [${said}]`}`
      }),
  )
}

export async function runPolicyDiff(asked: ApiCommand & { revision: number; against?: number }, io: Io): Promise<void> {
  const { revision: n, against } = asked
  await printAnswer(
    asked,
    io,
    (api) => api.ask('get', '/v1/policy/revisions/{n}/diff', { path: { n }, query: { against } }),
    ({ changes }) =>
      changes.flatMap(({ pointer, before, after }) => [
        pointer,
        ...(before === undefined ? [] : [`  - ${JSON.stringify(before)}`]),
        ...(after === undefined ? [] : [`  + ${JSON.stringify(after)}`]),
      ]),
  )
}

export async function runPolicyRollback(
  asked: ApiCommand & { revision: number; reason?: string },
  io: Io,
): Promise<void> {
  const { revision, reason } = asked
  const ask = (api: ApiClient) =>
    api.ask('post', '/v1/policy/revisions/{n}/rollback', { path: { n: revision }, query: { reason } })
  await printAnswer(asked, io, ask, (made) => [`Revision ${made.revision} says what revision ${revision} said.`])
}

export async function runPolicyConfirm(asked: ApiCommand & { revision: number }, io: Io): Promise<void> {
  const ask = (api: ApiClient) => api.ask('post', '/v1/policy/revisions/{n}/confirm', { path: { n: asked.revision } })
  await printAnswer(asked, io, ask, () => [`Revision ${asked.revision} stays.`])
}

/** An approver signs a break-glass commit afterwards. */
export async function runPolicySign(asked: ApiCommand & { revision: number }, io: Io): Promise<void> {
  const ask = (api: ApiClient) => api.ask('post', '/v1/policy/revisions/{n}/sign', { path: { n: asked.revision } })
  await printAnswer(asked, io, ask, () => [`Revision ${asked.revision}, made past approval and tests, is signed.`])
}

export interface OverrideOptions extends ApiCommand {
  /** Such as institution=hosp-mnh-upanga. */
  readonly on: string
  readonly tier?: string
  /** Such as internet=300Mbps or internet=300Mbps/150Mbps (down/up). */
  readonly ceiling?: readonly string[]
  readonly factor?: string
  /** Such as 90m, 8h, 3d. */
  readonly for: string
  readonly reason: string
  readonly reference?: string
  readonly owner?: string
}

export async function runOverrideAdd(asked: OverrideOptions, io: Io): Promise<void> {
  const { on, tier, ceiling = [], factor, reason, reference, owner } = asked
  const ceilings = ceilingsOf(ceiling)
  const api = createApiClient(asked.settings)
  const [kind, text] = halves(on, '--on')
  const subject = kind === 'institution' ? (await exactInstitution(api, text)).id : text
  const patch = {
    on: { [kind]: subject },
    ...(tier === undefined ? {} : { tier }),
    ...(ceiling.length === 0 ? {} : { ceilings }),
    ...(factor === undefined ? {} : { factor: Number(factor) }),
  }
  const body = { patch, seconds: toSeconds(durationOf(asked.for)), reason, reference, owner }
  const ask = (api: ApiClient) => api.ask('post', '/v1/overrides', { body })
  await printAnswer(asked, io, ask, ({ id, until }) => [`Override ${id} of ${subject} holds until ${until}.`])
}

/** Rates as they were written, one or two: the policy reads them. */
export const ceilingsOf = (texts: readonly string[]) =>
  Object.fromEntries(texts.map((text) => halves(text, '--ceiling')))

export interface WhatIfOptions extends ApiCommand {
  /** An id, or words of its name. */
  readonly institution: string
  readonly tier?: string
  readonly ceiling?: readonly string[]
}

/** Another tier or other ceilings for an institution: who would have what then; nothing is kept. */
export async function runWhatIf({ institution, tier, ceiling = [], ...asked }: WhatIfOptions, io: Io): Promise<void> {
  if (tier === undefined && ceiling.length === 0)
    throw usageError('What is to be different?', 'Say --tier ID, or --ceiling internet=300Mbps/150Mbps.')
  const api = createApiClient(asked.settings)
  const { id } = await guessedInstitution(api, institution, io, asked.json)
  const body = { tier, ...(ceiling.length === 0 ? {} : { ceilings: ceilingsOf(ceiling) }) }
  const ask = (api: ApiClient) => api.ask('post', '/v1/institutions/{id}/what-if', { path: { id }, body })
  await printAnswer(asked, io, ask, (seen) => [...impactLines(seen, ROWS_SHOWN), ...testLines(seen.tests)])
}

export async function runOverrideList(asked: ApiCommand, io: Io): Promise<void> {
  await printAnswer(
    asked,
    io,
    (api) => api.ask('get', '/v1/overrides', { query: { pageSize: MOST } }),
    ({ items }) =>
      items.map(({ id, state, patch, until, owner, reason }) => {
        return `${id}  ${state}  ${JSON.stringify(patch)}  until ${until}  ${owner}: ${reason}`
      }),
  )
}

export async function runOverrideEnd(asked: ApiCommand & { id: string; reason?: string }, io: Io): Promise<void> {
  const { id, reason } = asked
  const ask = (api: ApiClient) => api.ask('delete', '/v1/overrides/{id}', { path: { id }, query: { reason } })
  await printAnswer(asked, io, ask, () => [`Override ${id} has ended.`])
}

export async function runModeList(asked: ApiCommand, io: Io): Promise<void> {
  await printAnswer(
    asked,
    io,
    (api) => api.ask('get', '/v1/modes', { query: { pageSize: MOST } }),
    ({ items }) =>
      items.length === 0
        ? ['The policy has prepared no modes.']
        : items.map(({ id, on, until, name }) => `${id}  ${on ? `on until ${until}` : 'off'}  ${name.en}`),
  )
}

export interface ModeOptions extends ApiCommand {
  readonly id: string
  readonly reason: string
  /** Such as 90m; absent, like `until`: as long as the policy lets it be on. */
  readonly for?: string
  /** ISO 8601 with an offset. */
  readonly until?: string
}

export async function runModeOn({ id, reason, for: duration, until, ...asked }: ModeOptions, io: Io): Promise<void> {
  if (duration !== undefined && until !== undefined) throw usageError('--for and --until cannot be said together.')
  const end = duration === undefined ? until : new Date(systemClock.wall() + durationOf(duration)).toISOString()
  const ask = (api: ApiClient) =>
    api.ask('post', '/v1/modes/{id}/activate', { path: { id }, body: { reason, until: end } })
  await printAnswer(asked, io, ask, ({ until }) => [`${id} is on until ${until}.`])
}

export async function runModeOff({ id, reason, ...asked }: ModeOptions, io: Io): Promise<void> {
  const ask = (api: ApiClient) => api.ask('post', '/v1/modes/{id}/end', { path: { id }, body: { reason } })
  await printAnswer(asked, io, ask, () => [`${id} is off.`])
}

export async function runFreeze(asked: ApiCommand & { reason?: string }, io: Io): Promise<void> {
  const { reason } = asked
  const ask = (api: ApiClient) =>
    reason === undefined ? api.ask('post', '/v1/unfreeze', {}) : api.ask('post', '/v1/freeze', { body: { reason } })
  await printAnswer(asked, io, ask, () => [
    reason === undefined ? 'The policy may be changed again.' : 'The policy is frozen.',
  ])
}

/** Of a policy store that has lost something: what is known goes on, or what it holds. */
export async function runPolicyStore(
  asked: ApiCommand & { decision: 'keep' | 'take'; reason: string },
  io: Io,
): Promise<void> {
  const { decision, reason } = asked
  const ask = (api: ApiClient) =>
    decision === 'keep'
      ? api.ask('post', '/v1/policy/store/keep', { body: { reason } })
      : api.ask('post', '/v1/policy/store/take', { body: { reason } })
  await printAnswer(asked, io, ask, ({ revision }) => [
    `Revision ${revision}: ${decision === 'keep' ? 'what was known is in the store' : 'what the store held'}.`,
  ])
}

function halves(text: string, option: string): [string, string] {
  const at = text.indexOf('=')
  if (at > 0 && at < text.length - 1) return [text.slice(0, at), text.slice(at + 1)]
  throw usageError(`${option} expects NAME=VALUE, found "${text}".`)
}
