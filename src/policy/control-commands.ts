// mizani policy preview, history, diff, rollback, confirm; override, mode, freeze: the desk of policy control from a
// command line, over the same API as everyone. Text for people, `--json` for scripts.

import { formatRate } from '../model/units.js'
import { type ApiClient, type ApiCommand, createApiClient, printAnswer } from '../runtime/api-client.js'
import type { ApiAnswered } from '../runtime/api-operations.js'
import { durationOf } from '../runtime/duration.js'
import { invalid, usageError } from '../runtime/errors.js'
import { findInstitution } from '../runtime/institution-search.js'
import type { Io } from '../runtime/io.js'
import { loadPlane } from './files.js'

type Previewed = ApiAnswered<'post', '/v1/policy/preview'>

const LOSERS_SHOWN = 10
/** Lists are short: what is older than a month leaves them. */
const MOST = 1_000

/** Who would lose and gain if this folder became the policy; nothing is kept. */
export async function runPolicyPreview(asked: ApiCommand & { directory: string }, io: Io): Promise<void> {
  const { document, faults } = loadPlane(asked.directory)
  if (document === null) throw invalid('POLICY_INVALID', `${asked.directory} is not a valid plane`, faults)
  const ask = (api: ApiClient) => api.ask('post', '/v1/policy/preview', { body: { ...document } })
  await printAnswer(asked, io, ask, previewLines)
}

const DEMANDS = [
  ['now', 'now'],
  ['busyHour', 'in the busy hour'],
  ['allAtCeiling', 'if everyone asks for the ceiling'],
  ['worstFailure', 'and if then the worst failure comes'],
] as const

function previewLines({ base, impact, busyHourSource, tests, guards, warnings }: Previewed): string[] {
  const lines = DEMANDS.flatMap(([demand, words]) => {
    const found = impact?.[demand]
    if (found === undefined || found === null) return []
    const { gainers, losers, guaranteesBroken } = found.totals
    const about = demand === 'busyHour' ? busyHourSource : found.failure
    const when = about === null || about === undefined ? words : `${words} (${about})`
    const rows = found.losers.slice(0, LOSERS_SHOWN).map(({ institution, service, direction, ...row }) => {
      const shift = (before: number, after: number): string => `${formatRate(before)} -> ${formatRate(after)}`
      const promise = row.keptBefore > row.keptAfter ? `, of its promise ${shift(row.keptBefore, row.keptAfter)}` : ''
      return `    ${institution} ${service} ${direction}: ${shift(row.before, row.after)}${promise}`
    })
    return [`${when}: ${losers} lose, ${gainers} gain, ${guaranteesBroken} promises break`, ...rows]
  })
  const verdict = (tests?.failed ?? []).map(({ test }) => `test fails: ${test}`)
  const still = (tests?.stillFailing ?? []).map(({ test }) => `test fails as before: ${test}`)
  const asks = guards.length === 0 ? [] : [`needs a second person: ${guards.join(', ')}`]
  return [`against revision ${base}`, ...lines, ...verdict, ...still, ...asks, ...warnings.map((w) => `warning: ${w}`)]
}

export async function runPolicyHistory(asked: ApiCommand & { most: number }, io: Io): Promise<void> {
  const query = { pageSize: asked.most }
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
  const ceilings = Object.fromEntries(
    ceiling.map((text) => {
      return halves(text, '--ceiling')
    }),
  )
  const api = createApiClient(asked.settings)
  const [kind, text] = halves(on, '--on')
  const subject = kind === 'institution' ? (await findInstitution(api, text)).id : text
  const patch = {
    on: { [kind]: subject },
    ...(tier === undefined ? {} : { tier }),
    ...(ceiling.length === 0 ? {} : { ceilings }),
    ...(factor === undefined ? {} : { factor: Number(factor) }),
  }
  const body = { patch, seconds: durationOf(asked.for) / 1_000, reason, reference, owner }
  const ask = (api: ApiClient) => api.ask('post', '/v1/overrides', { body })
  await printAnswer(asked, io, ask, ({ id, until }) => [`Override ${id} of ${subject} holds until ${until}.`])
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

export async function runModeSwitch(
  asked: ApiCommand & { id: string; on: boolean; reason: string },
  io: Io,
): Promise<void> {
  const { id, on, reason } = asked
  const path = on ? '/v1/modes/{id}/activate' : '/v1/modes/{id}/end'
  const ask = (api: ApiClient) => api.ask('post', path, { path: { id }, body: { reason } })
  await printAnswer(asked, io, ask, ({ until }) => [on ? `${id} is on until ${until}.` : `${id} is off.`])
}

export async function runFreeze(asked: ApiCommand & { reason?: string }, io: Io): Promise<void> {
  const { reason } = asked
  const ask = (api: ApiClient) =>
    reason === undefined ? api.ask('post', '/v1/unfreeze', {}) : api.ask('post', '/v1/freeze', { body: { reason } })
  await printAnswer(asked, io, ask, () => [
    reason === undefined ? 'The policy may be changed again.' : 'The policy is frozen.',
  ])
}

function halves(text: string, option: string): [string, string] {
  const at = text.indexOf('=')
  if (at > 0 && at < text.length - 1) return [text.slice(0, at), text.slice(at + 1)]
  throw usageError(`${option} expects NAME=VALUE, found "${text}".`)
}
