// `mizani whois` against an API in this process: the longest prefix wins, over all pages of edges.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { runWhois } from '../../src/client/whois.js'

const SITES: Record<string, unknown[]> = {
  'dar-1': [{ id: 'moh.office', institution: 'moh', prefixes: ['10.1.0.0/16', '2001:db8::/32'] }],
  'dodoma-1': [{ id: 'clinic.office', institution: 'clinic', prefixes: ['10.1.7.0/24'] }],
}

t.test('an address belongs to the longest prefix that covers it', async (t) => {
  const server = createServer((request, response) => {
    const url = new URL(request.url!, 'http://here')
    const second = url.searchParams.get('pageToken') === 'more'
    const list = { items: [{ id: second ? 'dodoma-1' : 'dar-1' }], nextPageToken: second ? null : 'more' }
    const body = url.pathname === '/v1/edges' ? list : { sites: SITES[url.pathname.split('/').at(-1)!] }
    response.setHeader('content-type', 'application/json').end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const ask = async (address: string, json = false): Promise<string> => {
    const out: string[] = []
    const sink = { write: (text: string) => out.push(text) }
    const settings = { client: { url, token: 'x' }, data: 'none' }
    const code = await runWhois({ address, json, settings }, { stdout: sink, stderr: sink, env: {}, isTTY: false })
    return `${code} ${out.join('')}`
  }
  t.equal(await ask('10.1.7.9'), '0 clinic  site clinic.office, 10.1.7.0/24, edge dodoma-1\n')
  t.equal(await ask('10.1.8.9'), '0 moh  site moh.office, 10.1.0.0/16, edge dar-1\n')
  t.match(await ask('2001:db8:7::1', true), /"institution": "moh"/)
  t.equal(await ask('192.0.2.1'), '1 No site claims 192.0.2.1: its traffic is unmapped.\n')
  await t.rejects(ask('ten'), { code: 'USAGE' })
})
