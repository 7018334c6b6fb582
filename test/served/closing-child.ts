// Closes one month after another until it is killed, and says each on stdout as it is told to the trail.

import { Ledger } from '../../src/ledger/ledger.js'
import { LedgerStore } from '../../src/ledger/store.js'
import { createLogger } from '../../src/runtime/log.js'
import { connect, untilReady } from '../../src/runtime/redis.js'
import { closingDeps, monthNo } from './closing-months.js'

const [url = '', first = '0'] = process.argv.slice(2)
const redis = connect(url, 'policy', { log: createLogger('test', 'silent') })
await untilReady(redis, 5_000)
const tell = async ({ subject }: { readonly subject: string }): Promise<boolean> => {
  process.stdout.write(`told ${subject}\n`)
  return true
}
const ledger = new Ledger({ ...closingDeps(), store: new LedgerStore({ redis, plane: 'taifa' }), tell })
process.stdout.write('ready\n')
for (let n = Number(first); ; n++) await ledger.close(monthNo(n), { actor: 'fedha' })
