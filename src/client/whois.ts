// `mizani whois`: whose address this is. Asks the running controller for the sites of every edge and takes the longest
// prefix, as an edge does when it classifies.

import ipaddr from 'ipaddr.js'
import type { Settings } from '../runtime/config.js'
import { usageError } from '../runtime/errors.js'
import type { Io } from '../runtime/io.js'
import { createApiClient } from './api-client.js'

export interface WhoisArgs {
  readonly address: string
  readonly json: boolean
  readonly settings: Pick<Settings, 'client' | 'data'>
}

interface Holder {
  readonly edge: string
  readonly site: string
  readonly institution: string
  readonly prefix: string
}

/** Exit code 1: no site claims it, so its traffic is unmapped. */
export async function runWhois({ address, json, settings }: WhoisArgs, io: Io): Promise<number> {
  if (!ipaddr.isValid(address)) throw usageError(`"${address}" is no address`, 'Say an IPv4 or IPv6 address.')
  const client = createApiClient(settings)
  const found: Holder[] = []
  let pageToken: string | undefined
  do {
    const { body: page } = await client.ask('get', '/v1/edges', { query: { pageSize: 1_000, pageToken } })
    for (const { id } of page.items) {
      const { sites } = (await client.ask('get', '/v1/edges/{id}', { path: { id } })).body
      for (const { id: site, institution, prefixes } of sites) {
        for (const prefix of prefixes) if (covers(prefix, address)) found.push({ edge: id, site, institution, prefix })
      }
    }
    pageToken = page.nextPageToken ?? undefined
  } while (pageToken !== undefined)
  const longest = Math.max(...found.map(({ prefix }) => lengthOf(prefix)))
  const holders = found.filter(({ prefix }) => lengthOf(prefix) === longest)
  if (json) io.stdout.write(`${JSON.stringify({ address, holders }, null, 2)}\n`)
  else if (holders.length === 0) io.stdout.write(`No site claims ${address}: its traffic is unmapped.\n`)
  else for (const h of holders) io.stdout.write(`${h.institution}  site ${h.site}, ${h.prefix}, edge ${h.edge}\n`)
  return holders.length === 0 ? 1 : 0
}

const lengthOf = (prefix: string): number => Number(prefix.split('/')[1] ?? 0)

function covers(prefix: string, text: string): boolean {
  const [network, length] = ipaddr.parseCIDR(prefix)
  const address = ipaddr.process(text)
  return address.kind() === network.kind() && address.match(network, length)
}
