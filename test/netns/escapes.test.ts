// Nothing escapes unseen, on a real kernel: what a site sends through a tunnel is in its own class, and what leaves
// past the shaped interfaces is named and counted. WireGuard, GRE, PPP, VRF and flowtables are not run, because no
// kernel here has them: test/edge/linux-htb.test.ts reads their texts.

import t from 'tap'
import { createLookout } from '../../src/edge/local/lookout.js'
import { systemClock } from '../../src/runtime/clock.js'
import { createLogger } from '../../src/runtime/log.js'
import { atMbit, bench, FINANCE, INTERNET, STANDARD } from './gateway.js'
import { CLIENT, kernelObstacle, SERVER, until } from './namespaces.js'

const skip = kernelObstacle() ?? false
/** Behind the tunnel; behind the second WAN. */
const FAR = { inside: '172.30.0.2', past: '192.0.2.2' }
const FULL = 1_400

t.test('upload through a tunnel, past the WAN device, or round its classes', { skip }, async (t) => {
  const { net, cycle, driver, counting } = bench(t)
  const ip = (namespace: string, ...args: string[]) => net.run(namespace, 'ip', ...args)
  const said: string[] = []
  const log = createLogger('kernel test', 'info', { write: (line: string) => void said.push(line) })
  const lookout = createLookout(driver, { clock: systemClock, log })
  t.teardown(() => lookout.close())
  const escapes = async () => {
    await lookout.look()
    return lookout.latest!.escapes.map(({ code, subject, used }) => `${code} ${subject}${used ? ', used' : ''}`)
  }
  const uncounted = async () => {
    await lookout.look()
    return lookout.latest!.uncounted!.up.bytes
  }
  /** Sends from finance and waits until what is counted is what was sent, in frames. */
  const passes = async (what: string, to: string, count: number, read: () => Promise<number>) => {
    const before = await read()
    const sent = (await net.send(net.client, { to, count, size: FULL }).done) * FULL
    let found = 0
    const told = () => `${what}: ${found} of ${sent} bytes`
    const arrived = async () => {
      found = (await read()) - before
      return Math.abs(found - sent) <= sent * 0.02
    }
    await until(told, arrived, 5)
    t.pass(told())
  }

  t.equal((await cycle(atMbit(50))).refusal, null)
  t.strictSame(await escapes(), [], 'a gateway of two interfaces has no other way')

  for (const [namespace, remote, device] of [
    [net.gateway, SERVER.internet, 'wan0'],
    [net.server, '203.0.113.1', 's0'],
  ] as const) {
    ip(namespace, 'link', 'add', 'vx0', 'type', 'vxlan', 'id', '7', 'remote', remote, 'dstport', '4789', 'dev', device)
    ip(namespace, 'addr', 'add', namespace === net.gateway ? '172.30.0.1/24' : `${FAR.inside}/24`, 'dev', 'vx0')
    ip(namespace, 'link', 'set', 'vx0', 'up')
  }
  const since = await counting()
  await passes('VXLAN, in the class of the site', FAR.inside, 40, async () => {
    const { bytes, packets } = (await since()).of(1, FINANCE, INTERNET, STANDARD)
    return bytes - 50 * packets
  })
  await net.send(net.client, { to: FAR.inside, from: CLIENT.stranger, count: 40, size: FULL }).done
  await until(
    'what nobody claims is unmapped, in a tunnel too',
    async () => (await since()).of(1, 0, 0, 0).packets >= 40,
  )
  t.strictSame(await escapes(), [], 'and it is no escape')

  ip(net.gateway, 'link', 'add', 'wan1', 'type', 'veth', 'peer', 'name', 's1', 'netns', net.server)
  ip(net.gateway, 'addr', 'add', '192.0.2.1/24', 'dev', 'wan1')
  ip(net.server, 'addr', 'add', `${FAR.past}/24`, 'dev', 's1')
  ip(net.gateway, 'link', 'set', 'wan1', 'up')
  ip(net.server, 'link', 'set', 's1', 'up')
  t.strictSame(await escapes(), [], 'an interface alone is no way')
  ip(net.gateway, 'route', 'add', 'default', 'via', FAR.past, 'table', '100')
  ip(net.gateway, 'rule', 'add', 'from', '10.1.5.0/24', 'iif', 'lan0', 'lookup', '100')
  t.strictSame(
    await escapes(),
    ['PAST wan1'],
    'a policy rule that leads past the WAN device is named before it is used',
  )
  t.match(
    lookout.latest!.escapes[0]!.found,
    /rule \d+ \(from 10.1.5.0\/24 iif lan0\) looks up table 100, whose default/,
  )
  await passes('past the WAN device, counted as such', SERVER.internet, 400, uncounted)
  await net.send(net.client, { to: SERVER.internet, count: 20, size: FULL }).done
  t.ok((await escapes()).includes('PAST wan1, used'))
  ip(net.gateway, 'rule', 'del', 'from', '10.1.5.0/24', 'iif', 'lan0', 'lookup', '100')
  t.strictSame(await escapes(), [])
  t.match(said.join(''), /a way past the limits: traffic goes upwards by wan1, past wan0[\s\S]*is gone/)

  // A priority that is the root's own number goes round all classes.
  const rule = 'add table inet theirs; add chain inet theirs out { type filter hook postrouting priority 300; }'
  net.run(net.gateway, 'nft', `${rule}; add rule inet theirs out oifname "wan0" udp dport > 5000 meta priority set 1:0`)
  const quiet = await uncounted()
  t.ok(quiet > 0)
  await passes('round the classes of the WAN device', SERVER.internet, 400, uncounted)
  const { bytes } = lookout.latest!.uncounted!.down
  t.ok(bytes < FULL, `and nothing of it downwards: ${bytes} bytes, of what passed between two readings`)
})
