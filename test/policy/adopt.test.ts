// What routers are configured with today, read into proposed sites: three forms, names matched or left, nothing
// applied.

import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { loadPlane } from '../../src/policy/files/files.js'
import { match, runAdopt } from '../../src/policy/import/adopt.js'
import { readSites } from '../../src/policy/import/router-texts.js'
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
  t.same(readSites('routeros', ROUTEROS).sites, [
    { ...hospital, down: 100e6, up: 20e6, vlan: null },
    { name: 'Tanzania Revenue Authority HQ', prefixes: ['10.16.2.9/32'], down: null, up: 512_000, vlan: null },
  ])
  t.same(readSites('ios-xe', IOS_XE).sites, [{ ...hospital, down: 100e6, up: 20e6, vlan: 105 }])
  const csv = 'name,prefixes,down,up,vlan\nMuhimbili National Hospital,10.16.1.7/24 2001:db8:1::/48,100Mbps,20M,105\n'
  t.same(readSites('csv', csv).sites, [{ ...hospital, down: 100e6, up: 20e6, vlan: 105 }])
  t.same(readSites('routeros', ''), { sites: [], left: [] })
  const said = '\ufeffJina la Taasisi;Subnet;Download (Mbps);uplink\nTRA;10.16.2.9;20;512k\nuplink;;;\n'
  t.match(readSites('csv', said), {
    sites: [{ name: 'TRA', prefixes: ['10.16.2.9/32'], down: 20e6, up: 512_000, vlan: null }],
    left: [{ line: 'line 3 (uplink, , , )', why: /no network/ }],
  })
})

t.test('of each line that limits somebody and is left it is said why, and what routers write is decoded', async (t) => {
  const { sites, left } = readSites(
    'routeros',
    String.raw`/interface vlan
add interface=ether2 name=vlan105 vlan-id=105
/ip address
add address=10.16.9.1/24 interface=vlan105
/queue simple
add comment="Hospitali ya \"Amana\" \E2\80\93 Dar" limit-at=1M/2M max-limit=0/0 name=a target=vlan105
add max-limit=1M/1M name=b\_c target=10.16.8.0/24 disabled=no
add disabled=yes max-limit=1M/1M name=old target=10.16.3.0/24
add max-limit=1M/1M name=far target=10.16.4.0/24 dst=10.0.0.0/8
add max-limit=1M/1M name=inside target=10.16.5.0/24@red
add max-limit=1M/1M name=none target=ether7
/queue tree
add name=x parent=ether1 max-limit=5M
`,
  )
  t.match(sites, [
    { name: 'Hospitali ya "Amana" – Dar', prefixes: ['10.16.9.0/24'], down: 2e6, up: 1e6, vlan: 105 },
    { name: 'b c', prefixes: ['10.16.8.0/24'], down: 1e6, up: 1e6 },
  ])
  t.match(
    left.map(({ line, why }) => `${line}: ${why}`),
    [
      'queue simple old: it is disabled',
      'queue simple far: it limits only what goes to 10.0.0.0/8',
      /^queue simple inside: its network stands in the VRF red/,
      'queue simple none: no network in its target (ether7)',
      /^queue tree x: it limits what a mark/,
    ],
  )
  const places = ['vrf forwarding blue', 'shutdown', 'no ip address'].map(
    (line, k) =>
      `interface Gi0/${k}\n ${line}\n service-policy output X\n${k === 2 ? '' : ' ip address 10.1.1.1 255.0.0.0\n'}`,
  )
  t.match(readSites('ios-xe', places.join('')), {
    sites: [],
    left: [
      { why: /the VRF blue/ },
      { why: 'it is shut down' },
      { line: 'interface Gi0/2', why: /no network of its own/ },
    ],
  })
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
  t.match(found[2]?.why, /fits tra and tra-zanzibar alike/)
  t.match(found[4]?.why, /nobody has its network or its name/)

  const [mnh, bugando, ...others] = known
  const placed = [{ ...mnh!, prefixes: ['10.16.0.0/16'] }, { ...bugando!, prefixes: ['10.16.7.0/24'] }, ...others]
  const by = (...prefixes: string[]) => match([{ ...site('TRA Zanzibar Revenue Authority'), prefixes }], placed)[0]
  t.match(
    by('10.16.1.0/24'),
    { institution: 'hosp-mnh', likeness: 1 },
    'by a network that covers it, whatever its name',
  )
  t.match(by('10.16.7.128/25'), { institution: 'hosp-bugando' }, 'by the narrowest')
  t.match(by('10.16.1.0/24', '10.16.7.0/24'), { institution: null, why: /belong to hosp-mnh, hosp-bugando/ })
  t.match(by('10.16.7.0/24', '10.99.0.0/24'), { institution: null, why: /nobody has 10.99.0.0/ }, 'not by one of two')
  t.match(by('10.99.0.0/24'), { institution: 'tra-zanzibar' }, 'else by its name')
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
  for (const row of rows) t.match(row, /^[a-z0-9.-]+\.office-2,[a-z0-9.-]+,dar-1,/, 'beside the one in the plane')
  t.match(err.join(''), /of 2 found are matched; nothing was applied/)
  await t.rejects(runAdopt({ ...args, file: `${file}.none` }, io), { code: 'NOT_FOUND' })

  const { document } = loadPlane(plane)
  const [id, site] = Object.entries(document!.sites).find(([id]) => id.endsWith('.office'))!
  const csv = `${file}.csv`
  const name = document!.institutions[site.institution]!.name.en
  const lines = [site.prefixes.join(' '), '10.250.1.0/24', '10.250.2.0/24'].map((prefixes) => `"${name}",${prefixes}`)
  writeFileSync(csv, `name,prefixes\n${lines.join('\n')}\n`)
  out.length = 0
  t.equal(await runAdopt({ ...args, from: 'csv', file: csv }, io), 0)
  const ids = out
    .join('')
    .trim()
    .split('\n')
    .slice(1)
    .map((row) => row.split(',')[0])
  t.same(ids, [id, `${id}-2`, `${id}-3`], 'what the plane has keeps its id, and no other takes it')
})
