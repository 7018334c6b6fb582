// mizani webhook: who is told of alarms by HTTP, how it goes with each, and a try. The secret that signs is printed
// once, to stdout alone.

import type { Io } from '../runtime/io.js'
import { type ApiClient, type ApiCommand, createApiClient, printAnswer, printList } from './api-client.js'
import type { ApiAnswered } from './api-operations.js'

type Webhook = ApiAnswered<'get', '/v1/webhooks'>['items'][number]

export interface WebhookOptions extends ApiCommand {
  readonly url: string
  /** The least bad that is told. */
  readonly severity: Webhook['severity']
  readonly regions?: readonly string[]
}

export async function runWebhookAdd({ url, severity, regions, json, settings }: WebhookOptions, io: Io): Promise<void> {
  const body = { url, severity, regions: regions === undefined ? undefined : [...regions] }
  const { body: made } = await createApiClient(settings).ask('post', '/v1/webhooks', { body })
  if (json) return void io.stdout.write(`${JSON.stringify(made)}\n`)
  io.stderr.write(`Webhook ${made.id} tells ${made.url}; try it: mizani webhook try ${made.id}\n`)
  io.stderr.write('The secret that signs its letters, shown this once:\n')
  io.stdout.write(`${made.secret}\n`)
}

export async function runWebhookRotate({ id, json, settings }: ApiCommand & { readonly id: string }, io: Io) {
  const { body: made } = await createApiClient(settings).ask('post', '/v1/webhooks/{id}/rotate', { path: { id } })
  if (json) return void io.stdout.write(`${JSON.stringify(made)}\n`)
  io.stderr.write(`The new secret of webhook ${made.id}, shown this once; give it to whoever keeps ${made.url} now:\n`)
  io.stdout.write(`${made.secret}\n`)
}

export async function runWebhookList(asked: ApiCommand, io: Io): Promise<void> {
  await printList(asked, io, (api, query) => api.ask('get', '/v1/webhooks', { query }), {
    none: 'Nobody is told by webhook.',
    table: (webhooks) => ({
      heads: ['id', 'url', 'from', 'regions', 'state', 'waiting', 'given up', 'how it goes'],
      rows: webhooks.map((webhook) => {
        const { id, url, severity, regions, state, waiting, dead } = webhook
        const where = regions.join(' ') || 'all'
        return [id, url, severity, where, state, String(waiting), String(dead.length), goingOf(webhook)]
      }),
    }),
  })
}

/** Why its letters wait, or that all is well. */
function goingOf({ lastAttempt, lastError, lastDelivered, nextTry, dead }: Webhook): string {
  const last = dead.at(-1)
  const gone = last === undefined ? '' : `; given up last: ${last.alarm} at ${last.at}, ${last.reason}`
  const next = nextTry === null ? '' : `; what waits is sent at ${nextTry}`
  const when = lastAttempt === null ? 'nothing was sent yet' : `failed at ${lastAttempt}`
  if (lastError !== null) return `${when}: ${lastError}${next}${gone}`
  return `${lastDelivered === null ? 'nothing was sent yet' : `delivered at ${lastDelivered}`}${next}${gone}`
}

/** Resolves with the exit code: 1 where it was not taken. */
export async function runWebhookTry({ id, ...asked }: ApiCommand & { readonly id: string }, io: Io): Promise<number> {
  let exit = 1
  const ask = async (api: ApiClient) => {
    const answer = await api.ask('post', '/v1/webhooks/{id}/try', { path: { id } })
    if (answer.body.delivered) exit = 0
    return answer
  }
  await printAnswer(asked, io, ask, ({ delivered, status, answer, reason }) => [
    delivered ? `It was taken: answered ${status}.` : `It was not taken: ${reason}.`,
    ...(answer === null ? [] : [`The answer says: ${answer}`]),
  ])
  return exit
}

export async function runWebhookRemove({ id, ...asked }: ApiCommand & { readonly id: string }, io: Io): Promise<void> {
  const ask = (api: ApiClient) => api.ask('delete', '/v1/webhooks/{id}', { path: { id } })
  await printAnswer(asked, io, ask, () => [`Nobody is told by webhook ${id} any more.`])
}
