// SECURITY.md says what is true: each test, source and script that it names is there, the table of who can change what
// speaks of everybody, and the doctor's open points come in an assessor's order, each closed by what it says.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { FACTOR_ROLES, ROLES } from '../src/model/principal.js'
import { openPoints } from '../src/process/open-points.js'
import { loadSettings } from '../src/runtime/config.js'
import { ACTORS, writtenTable } from './faults/drill/drill.js'
import { ROOT } from './harness/root.js'

const page = readFileSync(join(ROOT, 'SECURITY.md'), 'utf8')

t.test('every promise has its test, and every file and script that is named is there', async (t) => {
  const [, promises = ''] = /## What is promised[^\n]*\n([\s\S]*?)\n## /.exec(page) ?? []
  const rows = promises
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(1)
  t.ok(rows.length > 15)
  for (const row of rows) t.match(row, /`test\/[\w./-]+\.ts`/, row)
  const files = [...page.matchAll(/`((?:test|src|config)\/[\w./-]+)`/g)].map(([, file = '']) => file)
  for (const file of new Set(files)) t.ok(existsSync(join(ROOT, file)), file)
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }
  for (const [, script = ''] of page.matchAll(/`npm run ([\w:]+)`/g)) t.ok(script in scripts, `npm run ${script}`)
})

t.test('the table of who can change what has a row for everybody', async (t) => {
  const table = writtenTable(page)
  t.same([...table.keys()].sort(), [...ACTORS].sort())
  for (const role of ROLES) t.ok(table.has(role), role)
  t.same(table.get('viewer'), [])
  t.ok(table.get('admin')!.includes('webhooks'))
})

t.test('what is open is listed in the order in which an assessor asks, and goes when it is closed', async (t) => {
  const folder = t.testdir()
  const data = join(folder, 'data')
  mkdirSync(data, { mode: 0o700 })
  writeFileSync(join(data, 'first-sign-in'), 'x')
  const modules = join(folder, 'modules')
  mkdirSync(join(modules, 'typescript'), { recursive: true })
  const env = { MIZANI_DATA: data, MIZANI_ADMIN_TOKEN: 'an-admin-token-of-some-32-letters' }
  const settings = loadSettings({ env })
  const about = (items: ReturnType<typeof openPoints>) => items.map(({ found }) => found.split(':', 1)[0])
  const open = openPoints(settings, { guards: 0 }, modules)
  const order = ['second factor', 'accounts', 'machine secrets', 'two people', 'the trail', 'access log']
  t.same(about(open).slice(0, 6), order, 'who comes in, who agrees, who did')
  t.ok(about(open).includes('packages'))
  for (const { advice, verdict } of open) t.match({ advice, verdict }, { advice: /./, verdict: 'look' })
  t.same(
    open.map(({ about }) => about),
    open.map((_, k) => `open ${k + 1}`),
  )

  const closed = {
    ...settings,
    ...{ data: join(data, 'elsewhere'), adminToken: null },
    accounts: { ...settings.accounts, secondFactor: [...FACTOR_ROLES] },
    audit: { ...settings.audit, anchorFile: '/var/log/mizani-anchors' },
    http: { ...settings.http, accessLog: true },
    redis: { ...settings.redis, durable: 'rediss://store' },
  }
  const left = about(openPoints(closed, { guards: 1 }, data))
  t.same(left, process.getuid?.() === 0 ? ['root'] : [])
  t.ok(about(openPoints({ ...closed, inClear: ['x'] }, { guards: 1 }, data)).includes('encryption'))
})
