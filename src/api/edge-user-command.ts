// `mizani edge-user`: accounts of edges, by the API. What it prints is one line to paste at the gateway.

import { z } from 'zod'
import { createApiClient } from '../runtime/api-client.js'
import type { Settings } from '../runtime/config.js'
import type { Io } from '../runtime/io.js'

export type EdgeUserAction = 'add' | 'rotate' | 'remove' | 'list' | 'check'

const lineSchema = z.object({ edge: z.string(), line: z.string(), expires: z.string() })
const accountsSchema = z.object({
  items: z.array(z.object({ edge: z.string(), state: z.string(), at: z.string(), by: z.string() })),
  faults: z.array(z.object({ node: z.string(), user: z.string(), fault: z.string() })).nullable(),
})

export interface EdgeUserArgs {
  readonly action: EdgeUserAction
  /** All but `list` and `check` are about one. */
  readonly edge: string
  readonly json: boolean
  readonly settings: Pick<Settings, 'client' | 'data'>
}

/** Resolves with the exit code: `check` fails when a node differs. */
export async function runEdgeUser({ action, edge, json, settings }: EdgeUserArgs, io: Io): Promise<number> {
  const api = createApiClient(settings)
  const path = `/v1/edges/${encodeURIComponent(edge)}/account`
  if (action === 'list' || action === 'check') {
    const accounts = accountsSchema.parse((await api.request('/v1/edge-accounts')).body)
    return json ? printJson(accounts, io) : printAccounts(action, accounts, io)
  }
  if (action === 'remove') {
    await api.request(path, { method: 'DELETE' })
    io.stderr.write(`Edge ${edge} is shut out; it goes to its safe rates when its lease ends.\n`)
    return 0
  }
  const answer = await api.request(action === 'add' ? path : `${path}/rotate`, { method: 'POST' })
  const { line, expires } = lineSchema.parse(answer.body)
  if (json) return printJson(answer.body, io)
  io.stderr.write(`Paste this at the gateway of ${edge}, once, before ${expires}:\n`)
  io.stdout.write(`${line}\n`)
  return 0
}

function printAccounts(action: 'list' | 'check', { items, faults }: z.output<typeof accountsSchema>, io: Io): number {
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
  return faults.length === 0 ? 0 : 1
}

function printJson(value: unknown, io: Io): number {
  io.stdout.write(`${JSON.stringify(value)}\n`)
  return 0
}
