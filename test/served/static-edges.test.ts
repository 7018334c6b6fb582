// A static edge from afar, by the commands that people type, against a controller on real stores: its text is
// read, typed in somewhere, confirmed; the confirmation outlives the process, and the difference to a later policy has
// an age.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { main } from '../../src/cli.js'
import { startService } from '../../src/process/main.js'
import { systemClock } from '../../src/runtime/clock.js'
import { loadSettings } from '../../src/runtime/config.js'
import { createLogger } from '../../src/runtime/log.js'
import { Caller } from '../harness/caller.js'
import { examplePlane, freshFolder, privateStores } from '../harness/place.js'
import { until } from '../harness/until.js'

const log = createLogger('test', 'error')
const folder = freshFolder(t)
const TICK = 200
const edit = (text: string) =>
  text
    .replace('enforcement: observe', 'enforcement: enforce\n    pace: static')
    .replace('100Mbps,100Mbps,,fibre', '100Mbps,100Mbps,105,fibre')
    // Nobody waits for a tick for longer than has to be.
    .replace('tick: 1000', `tick: ${TICK}`)
const { folder: planeFolder } = examplePlane(folder, edit)
const data = join(folder, 'data')
const TOKEN = 'a-token-of-the-hands-test-that-nobody-guesses'
const env = { MIZANI_DATA: data, MIZANI_PLANE: planeFolder, PORT: '0', MIZANI_ADMIN_TOKEN: TOKEN }
const settings = loadSettings({ env })
const { durableUrl, volatileUrl } = await privateStores(t, data)
const start = () => startService({ settings, durableUrl, volatileUrl, clock: systemClock, log })
let service = await start()
t.teardown(() => service.life.end())
const api = new Caller(() => service.url, TOKEN)

/** Types a command; what it printed. */
async function typed(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const [out, err] = [[] as string[], [] as string[]]
  const io = {
    stdout: { write: (text: string) => out.push(text) > 0 },
    stderr: { write: (text: string) => err.push(text) > 0 },
    env: { ...env, MIZANI_URL: service.url, MIZANI_TOKEN: TOKEN },
    isTTY: false,
  }
  const code = await main(args, io as unknown as Parameters<typeof main>[1])
  return { code, out: out.join(''), err: err.join('') }
}

interface EdgeRow {
  readonly confirmed: { readonly revision: number; readonly by: string } | null
  readonly differsSince: string | null
  readonly pace: string
}

const edgeNow = (fits: (edge: EdgeRow) => boolean): Promise<EdgeRow> =>
  api.until('/v1/edges/edge-1', fits, 'the edge looks like that')

t.test('render, confirm, change, restart', async (t) => {
  t.match(await edgeNow(({ pace }) => pace === 'static'), { confirmed: null, differsSince: null })
  const file = join(folder, 'edge-1.txt')
  const rendered = await typed('render', 'edge-1', '--for', 'ios-xe', '--port', 'GigabitEthernet0/0/1', '--out', file)
  t.match(rendered, { code: 0, out: '', err: /mizani edge confirm edge-1 --revision 1/ })
  const text = readFileSync(file, 'utf8')
  t.match(text, /^! Mizani, edge edge-1, revision 1\./)
  t.match(text, /interface GigabitEthernet0\/0\/1\.105\n/)
  t.match(text, /shape average 50000000 /, 'alone on the network it has its ceiling')
  t.equal((await typed('render', 'edge-1', '--for', 'ios-xe', '--port', 'GigabitEthernet0/0/1')).out, text)
  t.match(await typed('render', 'edge-9', '--for', 'ios-xe'), { code: 1, err: /no edge "edge-9"/ })
  t.match(await typed('render', 'edge-1', '--for', 'junos'), { code: 2 })

  t.match(await typed('edge', 'confirm', 'edge-1', '--revision', '9'), { code: 1, err: /no revision "9"/ })
  const confirm = (...more: string[]) => typed('edge', 'confirm', 'edge-1', '--revision', '1', ...more)
  const place = ['--port', 'GigabitEthernet0/0/1', '--running', file]
  writeFileSync(file, text.replace('shape average 50000000', 'shape average 60000000'))
  t.match(await confirm(...place), { code: 1, err: /shows something else in 1 places: .*says shape average 60000000/ })
  writeFileSync(file, '')
  t.match(await confirm(...place), { code: 1, err: /interface GigabitEthernet0\/0\/1\.105 is not there/ })
  t.match(await edgeNow(() => true), { confirmed: null }, 'what stands there is not what was said')
  writeFileSync(file, text)
  const confirmed = await confirm(...place)
  t.match(confirmed, { code: 0, out: 'edge-1 has revision 1 in force, which is what it should have.\n' })
  const stands = ({ confirmed }: EdgeRow): boolean => confirmed?.revision === 1
  t.match(await edgeNow(stands), { confirmed: { revision: 1, by: 'env-admin' }, differsSince: null })

  const tiers = readFileSync(join(planeFolder, 'tiers.yaml'), 'utf8')
  const more = tiers.replace('ceiling: 50Mbps', 'ceiling: 40Mbps')
  writeFileSync(join(planeFolder, 'tiers.yaml'), more)
  t.match(await typed('policy', 'apply', planeFolder, '--reason', 'less'), { code: 0 })
  const lags = await edgeNow(({ differsSince }) => differsSince !== null)
  const [made] = (await api.get<{ items: { at: string }[] }>('/v1/policy/revisions?pageSize=1')).items
  t.equal(lags.differsSince, made!.at, 'since the revision that says something else')

  await service.life.end()
  service = await start()
  const after = await edgeNow((edge) => stands(edge) && edge.differsSince !== null)
  t.equal(after.differsSince, lags.differsSince, 'a new controller knows what stands, and since when it is old')
  const old = await typed('render', 'edge-1', '--for', 'ios-xe', '--port', 'GigabitEthernet0/0/1', '--revision', '1')
  t.equal(old.out, text, 'the text of a revision is always the same')
  const since = ['--for', 'ios-xe', '--port', 'GigabitEthernet0/0/1', '--since', '1']
  const changed = await typed('render', 'edge-1', ...since)
  t.match(changed.out, /^! Mizani, edge edge-1, from revision 1 to revision 2\.[\s\S]*\n {2}shape average 40000000 /)
  t.ok(changed.out.length < text.length / 2, 'only what differs')
  const none = await typed('render', 'edge-1', ...since, '--revision', '1')
  t.match(none, { code: 0, out: '', err: /Revision 1 says the same as 1: there is nothing to type/ })
  const limitNow = async (): Promise<string> => {
    const { out } = await typed('explain', 'example-agency', '--direction', 'down', '--json')
    return JSON.parse(out)[0].limitedBy.code
  }
  t.equal(await limitNow(), 'PINNED')
  t.match(await typed('edge', 'confirm', 'edge-1', '--revision', '2'), { code: 0, out: /which is what it should have/ })
  t.match(await edgeNow(({ confirmed }) => confirmed?.revision === 2), { differsSince: null })

  await typed('policy', 'confirm', '2')
  const sites = join(planeFolder, 'sites.csv')
  writeFileSync(sites, readFileSync(sites, 'utf8').replace(',105,', ',,'))
  t.match(await typed('policy', 'apply', planeFolder, '--reason', 'no VLAN any more'), { code: 0 })
  const refused = await typed('edge', 'confirm', 'edge-1', '--revision', '3')
  t.match(refused, { code: 1, err: /leaves out 1 sites, which nothing limits: \S+: it has no interface and no VLAN/ })
  const [, site = ''] = /limits: (\S+):/.exec(refused.err)!
  t.match(await typed('edge', 'confirm', 'edge-1', '--revision', '3', '--left-out', site), { code: 0 })
  await until(async () => (await limitNow()) === 'OBSERVE', 'what no text limits counts as not limited')
  writeFileSync(
    sites,
    readFileSync(sites, 'utf8')
      .replace(',,fibre', ',,GigabitEthernet0/0/2,fibre')
      .replace('vlan,medium', 'vlan,interface,medium'),
  )
  await typed('policy', 'confirm', '3')
  t.match(await typed('policy', 'apply', planeFolder, '--reason', 'a routed port'), { code: 0 })
  const routed = await typed('render', 'edge-1', '--for', 'ios-xe')
  t.match(routed.out, /interface GigabitEthernet0\/0\/2\n service-policy input MIZANI/)
})

t.test('while the thread that answers does nothing, ticks go on', async (t) => {
  const unseen = async (): Promise<number> => {
    const { body } = await api.call('GET', '/metrics')
    return Number(/^mizani_ticks_unseen_total (\d+)/m.exec(String(body))![1])
  }
  const [before, unseenBefore] = [service.ticks.ticks, await unseen()]
  const held = new Int32Array(new SharedArrayBuffer(4))
  await until(async () => {
    Atomics.wait(held, 0, 0, 3 * TICK)
    return (await unseen()) > unseenBefore
  }, 'a tick that was not seen here')
  await until(() => service.ticks.ticks > before + 2, 'the newest is seen all the same')
  t.equal(service.ticks.board!.certificate.ok, true)
})

t.test('an edge that is the only one cannot go, and says so', async (t) => {
  const dry = await typed('edge', 'drain', 'edge-1', '--dry-run')
  t.match(dry, {
    code: 0,
    out: /example-agency\t.*\tno other edge\nedge-1 is not being drained. Not yet.*no other edge/,
  })
  t.match(await typed('edge', 'drain', 'edge-1'), { code: 2, err: /--reason/ })
  const drained = await typed('edge', 'drain', 'edge-1', '--reason', 'a new machine comes', '--json')
  t.match(JSON.parse(drained.out), { draining: { by: 'env-admin', reason: 'a new machine comes' }, safe: false })
  t.match(await typed('edge', 'drain', 'edge-1', '--end'), { code: 0, out: /edge-1 is not being drained/ })
})
