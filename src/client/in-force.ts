// `mizani in-force`: what steers the network beside the policy as it is written, who answers for it and until when.

import type { Io } from '../runtime/io.js'
import { textTable } from '../runtime/text-table.js'
import { type ApiCommand, printAnswer } from './api-client.js'
import type { ApiAnswered } from './api-operations.js'

type Listed = ApiAnswered<'get', '/v1/in-force'>
export type InForceOptions = ApiCommand & { readonly kind?: Listed['items'][number]['kind'] }

const MOST = 1_000

export async function runInForce({ kind, ...asked }: InForceOptions, io: Io): Promise<void> {
  const query = { pageSize: MOST, kind }
  await printAnswer(asked, io, (api) => api.ask('get', '/v1/in-force', { query }), lines)
}

/** A row says what, a line below it why and how it ends. */
function lines({ items, nextPageToken }: Listed): string[] {
  if (items.length === 0) return ['Nothing but the policy as it is written.']
  const heads = ['what', 'id', 'state', 'concerns', 'by', 'since', 'until']
  const rows = items.map(({ kind, ref, state, subjects, by, since, until }) => [
    ...[kind.toLowerCase().replace('_', ' '), ref, state ?? '', shown(subjects), by ?? ''],
    ...[since ?? 'not known', until ?? 'no end'],
  ])
  const [head = '', ...table] = textTable({ heads, rows }).split('\n')
  const below = items.map(({ reason, event, owner, by, end }) => {
    const why = [event === null ? '' : `event ${event}`, reason ?? ''].filter(Boolean).join(': ')
    const whose = owner === null || owner === by ? '' : `${owner} answers for it`
    const how = end.command ?? end.request
    return [why, whose, how === null ? '' : `ends with: ${how}`].filter(Boolean).join(' · ')
  })
  const more = nextPageToken === null ? [] : [`and more; --kind shows one kind`]
  return [head, ...table.flatMap((row, i) => (below[i] === '' ? [row] : [row, `    ${below[i]}`])), ...more]
}

const shown = (subjects: readonly string[]): string =>
  subjects.length <= 2 ? subjects.join(', ') : `${subjects.slice(0, 2).join(', ')} +${subjects.length - 2}`
