// Gateways of a world whose edges have accounts: each is let in by the line that a person carries there, over the rates
// store or over HTTP, and speaks under a key of its own.

import {
  credentialsFile,
  readCredentials,
  type StoredCredentials,
  writeCredentials,
} from '../../src/edge/credentials.js'
import { aclText } from '../../src/runtime/store-accounts.js'
import { POLICY_USER } from '../../src/wire/access.js'
import { EdgeMacs } from '../../src/wire/mac.js'
import { joinAt } from './join.js'
import type { ControllerProcess } from './processes.js'

const SECRET = 'of-the-policy-store'

/** Of the policy store in such a world. */
export const POLICY_ACL = aclText([POLICY_USER], { of: () => SECRET })
export const policyAddress = (port: number): string => `redis://${POLICY_USER.name}:${SECRET}@127.0.0.1:${port}`

/** How an edge comes: by the rates store at this port, or by HTTP. */
export type Way = number | 'http'

/** @param action `account` makes one; `account/rotate` ends its secrets and makes new ones. */
export async function joinGateway(
  { api }: ControllerProcess,
  edge: string,
  { data, way, action = 'account' }: { data: string; way: Way; action?: 'account' | 'account/rotate' },
): Promise<void> {
  const over = way === 'http' && action === 'account' ? '?over=https' : ''
  const { line } = await api.post<{ line: string }>(`/v1/edges/${edge}/${action}${over}`)
  await joinAt(line, { MIZANI_DATA: data })
  const joined = credentialsOf(data, edge)
  if (way === 'http' || joined.rates === null) return
  const rates = { ...joined.rates, address: joined.rates.address.replace(/\d+$/, String(way)) }
  writeCredentials(credentialsFile(data, edge), { ...joined, rates })
}

export const credentialsOf = (data: string, edge: string): StoredCredentials =>
  readCredentials(credentialsFile(data, edge))!

/** Under which it hears rates. */
export const macsOf = (data: string, edge: string): EdgeMacs => new EdgeMacs(credentialsOf(data, edge).keys, 'edge')
