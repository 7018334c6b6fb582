// `mizani edge-user`: accounts of edges, by the API. What it prints is one line to paste at the gateway, with a
// blank before it.

import type { EdgeWay } from '../model/edge-account.js'
import type { Settings } from '../runtime/config.js'
import type { Io } from '../runtime/io.js'
import { createApiClient, forPeople } from './api-client.js'
import type { ApiAnswered } from './api-operations.js'

export type EdgeUserAction = 'add' | 'rotate' | 'replace' | 'remove' | 'list' | 'check'

type Accounts = ApiAnswered<'get', '/v1/edge-accounts'>

export interface EdgeUserArgs {
  readonly action: EdgeUserAction
  /** All but `list` and `check` are about one. */
  readonly edge: string
  /** Of a new one: how its rates shall come. */
  readonly over?: EdgeWay | undefined
  readonly json: boolean
  readonly settings: Pick<Settings, 'client' | 'data'>
}

/** Resolves with the exit code: `check` fails when a node differs. */
export async function runEdgeUser({ action, edge, over, json, settings }: EdgeUserArgs, io: Io): Promise<number> {
  const api = createApiClient(settings)
  const path = { id: edge }
  if (action === 'list' || action === 'check') {
    const { body: accounts } = await api.ask('get', '/v1/edge-accounts', {})
    return json ? printJson(accounts, io) : printAccounts(action, accounts, io)
  }
  if (action === 'remove') {
    await api.ask('delete', '/v1/edges/{id}/account', { path })
    io.stderr.write(`Edge ${edge} is shut out; it goes to its safe rates when its lease ends.\n`)
    return 0
  }
  if (action === 'replace') {
    const { body } = await api.ask('post', '/v1/edges/{id}/replace', { path })
    if (json) return printJson(body, io)
    io.stderr.write(
      `Within an hour another gateway that speaks as ${edge} takes its place; ` +
        'the one that holds it now is refused from then on.\n',
    )
    return 0
  }
  const query = over === undefined ? {} : { over }
  const answer = await (action === 'add'
    ? api.ask('post', '/v1/edges/{id}/account', { path, query })
    : api.ask('post', '/v1/edges/{id}/account/rotate', { path }))
  const { paste, expires } = forPeople(answer.body, answer.headers)
  if (json) return printJson(answer.body, io)
  io.stderr.write(
    `Paste this at the gateway of ${edge}, once, before ${expires}: in a shell of root, where it installs (Node is ` +
      'all that it needs there), joins, and observes; or, where Mizani is installed, at `mizani edge join`:\n',
  )
  io.stdout.write(`${paste}\n`)
  return 0
}

function printAccounts(action: 'list' | 'check', { items, faults, behind }: Accounts, io: Io): number {
  if (behind !== null)
    io.stderr.write(
      `The policy store is behind: ${behind}. Known accounts count; none is changed until it is restored.\n`,
    )
  if (action === 'list') {
    for (const { edge, state, at, by } of items) io.stdout.write(`${edge}\t${state}\t${at}\t${by}\n`)
    return 0
  }
  if (faults === null) {
    io.stderr.write('The controller may not look at the users of the volatile store: set RATES_REDIS_ADMIN_URL.\n')
    return 1
  }
  for (const { node, user, fault } of faults) io.stdout.write(`${node}\t${user}\t${fault}\n`)
  io.stderr.write(faults.length === 0 ? `All nodes agree on ${items.length} accounts.\n` : 'Nodes differ.\n')
  for (const [edge, fault] of new Map(faults.filter(({ left }) => left).map(({ edge, fault }) => [edge, fault]))) {
    const [by, action] =
      fault === 'surplus' ? ['without an account', 'remove'] : ['by a secret that has ended', 'rotate']
    io.stderr.write(`${edge} is let in ${by}, until a person ends that: mizani edge-user ${action} ${edge}\n`)
  }
  return faults.length === 0 && behind === null ? 0 : 1
}

function printJson(value: unknown, io: Io): number {
  io.stdout.write(`${JSON.stringify(value)}\n`)
  return 0
}
