// The token beside a controller opens everything: it is shown to this machine and to whoever's certificate was named,
// and to nobody else, whatever MIZANI_URL says. 0.0.0.0 is another machine by its name, and leads here.

import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { writeAccessFiles } from '../../src/accounts/machine.js'
import { createApiClient } from '../../src/client/api-client.js'
import { fingerprintOfChain } from '../../src/runtime/certificates.js'
import { loadSettings } from '../../src/runtime/config.js'
import { formatError } from '../../src/runtime/errors.js'
import { makeAuthority } from '../faults/certificates.js'
import { hasProgram } from '../faults/redis-server.js'

t.test(
  'who is shown cli-token',
  { skip: !hasProgram('openssl', 'version') && 'openssl is not installed' },
  async (t) => {
    const data = t.testdir()
    writeFileSync(join(data, 'cli-token'), 'opens-everything', { mode: 0o600 })
    const authority = makeAuthority(join(data, 'ca'))
    const own = authority.issue('0.0.0.0')
    const chain = join(data, 'chain.pem')
    writeFileSync(chain, readFileSync(own.certificate, 'utf8') + readFileSync(authority.certificate, 'utf8'))
    const shown: (string | undefined)[] = []
    const answer: RequestListener = ({ headers }, response) => {
      shown.push(headers.authorization)
      response.setHeader('content-type', 'application/json').end('{}')
    }
    const servers = [
      createServer(answer),
      createTlsServer({ cert: readFileSync(chain), key: readFileSync(own.key) }, answer),
    ]
    for (const server of servers) await once(server.listen(0, '127.0.0.1'), 'listening')
    t.teardown(() => servers.map((server) => server.close()))
    const [plain, tls] = servers.map((server) => (server.address() as AddressInfo).port)
    const pin = fingerprintOfChain(chain)!

    /** What is shown, or why it is not. */
    const ask = async (env: Record<string, string>): Promise<unknown> => {
      shown.length = 0
      try {
        await createApiClient(loadSettings({ env: { MIZANI_DATA: data, ...env } })).request('/v1/status')
        return shown[0]
      } catch (error) {
        t.same(shown, [], 'nothing was asked at all')
        return formatError(error)
      }
    }
    const https = `https://0.0.0.0:${tls}`
    const cli = 'Bearer opens-everything'
    const remedy = /cli-token opens everything.*MIZANI_URL=https:\/\/0.0.0.0:\d+#FINGERPRINT/s
    t.equal(await ask({ MIZANI_URL: `http://127.0.0.1:${plain}` }), cli)
    t.match(await ask({ MIZANI_URL: `http://0.0.0.0:${plain}` }), /is another machine/)
    t.match(
      await ask({ MIZANI_URL: `http://0.0.0.0:${plain}`, MIZANI_UNENCRYPTED: 'accepted' }),
      remedy,
      'never in clear',
    )
    t.match(await ask({ MIZANI_URL: https }), remedy)
    t.equal(await ask({ MIZANI_URL: `${https}#${pin}` }), cli)
    t.equal(
      await ask({ MIZANI_URL: `${https}#SHA256:${pin.toUpperCase().replace(/..(?=.)/g, '$&:')}` }),
      cli,
      'as openssl says it',
    )
    t.match(await ask({ MIZANI_URL: `${https}#${'0'.repeat(64)}` }), /another authority than the fingerprint says/)
    t.match(await ask({ MIZANI_URL: `${https}#beef` }), /expected a SHA-256 of 64 hex digits/)
    t.equal(await ask({ MIZANI_URL: https, MIZANI_CA_FILE: authority.certificate }), cli)
    t.equal(await ask({ MIZANI_URL: `${https}#${pin}`, MIZANI_TOKEN: 'its-own' }), 'Bearer its-own')
    writeAccessFiles({ issue: () => 'opens-everything' } as never, { hasAdmin: true }, data, https, pin)
    t.equal(await ask({}), cli, 'beside a controller its certificate is known')
  },
)
