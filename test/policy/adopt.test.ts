// What routers are configured with today, read into proposed sites: three forms, names matched or left, nothing
// applied.

import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { match, readSites, runAdopt } from '../../src/policy/import/adopt.js'
import { TAIFA } from '../harness/root.js'

const ROUTEROS = `# 2026-01-05 09:00:00 by RouterOS 7.16.1
/interface vlan
add interface=ether2 name=vlan105 vlan-id=105
/queue simple
add comment="Muhimbili National Hospital" max-limit=20M/100M name=q1 target=\\
    10.16.1.0/24,2001:db8:1::/48
add max-limit=512k/0 name="Tanzania Revenue Authority HQ" target=10.16.2.9
add disabled=yes max-limit=1M/1M name=old target=10.16.3.0/24
/queue tree
add name=x parent=ether1 max-limit=5M
`
const IOS_XE = `policy-map DOWN-100
 class class-default
  shape average 100000000 400000 0
!
policy-map UP-20
 class class-default
  police cir 20000000
!
interface GigabitEthernet0/0/1.105
 description Muhimbili National Hospital
 encapsulation dot1Q 105
 ip address 10.16.1.1 255.255.255.0
 ipv6 address 2001:DB8:1::1/48
 service-policy input UP-20
 service-policy output DOWN-100
!
interface Loopback0
 description nothing to see
!
`

t.test('each form is read: name, networks, old limits, VLAN', async (t) => {
  const hospital = { name: 'Muhimbili National Hospital', prefixes: ['10.16.1.0/24', '2001:db8:1::/48'] }
  t.same(readSites('routeros', ROUTEROS), [
    { ...hospital, down: 100e6, up: 20e6, vlan: null },
    { name: 'Tanzania Revenue Authority HQ', prefixes: ['10.16.2.9/32'], down: null, up: 512_000, vlan: null },
  ])
  t.same(readSites('ios-xe', IOS_XE), [{ ...hospital, down: 100e6, up: 20e6, vlan: 105 }])
  const csv = 'name,prefixes,down,up,vlan\nMuhimbili National Hospital,10.16.1.7/24 2001:db8:1::/48,100Mbps,20M,105\n'
  t.same(readSites('csv', csv), [{ ...hospital, down: 100e6, up: 20e6, vlan: 105 }])
  t.same(readSites('routeros', ''), [])
})

t.test('a name is matched where it is clear, and left where it is not', async (t) => {
  const known = [
    { id: 'hosp-mnh', names: ['Muhimbili National Hospital', 'Hospitali ya Taifa Muhimbili'] },
    { id: 'hosp-bugando', names: ['Bugando Medical Centre Hospital', 'Hospitali ya Bugando'] },
    { id: 'tra', names: ['Tanzania Revenue Authority', 'Mamlaka ya Mapato Tanzania'] },
    { id: 'tra-zanzibar', names: ['Zanzibar Revenue Authority', 'Mamlaka ya Mapato Zanzibar'] },
  ]
  const site = (name: string) => ({ name, prefixes: [], down: null, up: null, vlan: null })
  const names = [
    'MUHIMBILI upanga',
    'hospitali ya bugando',
    'Revenue Authority',
    'Hospital',
    'uplink to ISP',
    '',
    'TRA',
  ]
  const found = match(names.map(site), known)
  t.same(
    found.map(({ institution }) => institution),
    ['hosp-mnh', 'hosp-bugando', null, null, null, null, null],
  )
})

t.test('the command writes rows for sites.csv and applies nothing', async (t) => {
  const file = join(mkdtempSync(join(tmpdir(), 'mizani-adopt-')), 'export.rsc')
  writeFileSync(file, ROUTEROS)
  const out: string[] = []
  const err: string[] = []
  const sink = (list: string[]) => ({ write: (text: string) => list.push(text) })
  const io = { stdout: sink(out), stderr: sink(err), env: {}, isTTY: false }
  const plane = TAIFA
  const args = { from: 'routeros', file, plane, edge: 'dar-1', json: false } as const
  t.equal(await runAdopt(args, io), 0)
  const [head, ...rows] = out.join('').trim().split('\n')
  t.equal(head, 'id,institution,edge,prefixes,down,up,vlan,medium')
  t.equal(rows.length + err.join('').split('unmatched:').length - 1, 2, 'each is in one list or the other')
  for (const row of rows) t.match(row, /^[a-z0-9.-]+\.office,[a-z0-9.-]+,dar-1,/)
  t.match(err.join(''), /of 2 found are matched; nothing was applied/)
  await t.rejects(runAdopt({ ...args, file: `${file}.none` }, io), { code: 'NOT_FOUND' })
})
