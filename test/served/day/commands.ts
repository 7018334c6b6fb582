// The same from a command line; then what is taken away at the end of the day: the policy as files, the trail of all
// that was done, and the program itself.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { main } from '../../../src/cli.js'
import { hashOf } from '../../../src/policy/document/canonical.js'
import { loadPlane } from '../../../src/policy/files/files.js'
import { runningStore } from '../../../src/runtime/private-redis.js'
import { connect, untilReady } from '../../../src/runtime/redis.js'
import { keys } from '../../../src/wire/redis-keys.js'
import { until } from '../../harness/until.js'
import {
  asha,
  data,
  INSTITUTIONS,
  juma,
  M,
  MUHIMBILI,
  openPorts,
  PASSWORD,
  plane,
  revisionNow,
  SCHOOLS,
  server,
} from './day.js'
import { withoutGuard } from './night.js'

interface Said {
  readonly code: number
  readonly out: string
  readonly err: string
}

async function run(args: readonly string[], env: Record<string, string> = {}): Promise<Said> {
  const said = { out: '', err: '' }
  const code = await main(args, {
    stdout: { write: (part) => (said.out += part) },
    stderr: { write: (part) => (said.err += part) },
    env: { MIZANI_URL: server.url, MIZANI_DATA: data, ...env },
    isTTY: false,
  })
  return { code, ...said }
}
const mizani = (...args: string[]): Promise<Said> => run(args)

/** Of a store that is away it hopes for a while that it comes: the day goes on meanwhile. */
const alone = run(['doctor'], { MIZANI_URL: 'http://127.0.0.1:1', REDIS_URL: 'redis://127.0.0.1:1' })

t.test('what is looked at, overridden, switched and told of a link', async (t) => {
  const preview = await mizani('policy', 'preview', plane)
  t.match(preview, { code: 0, out: /if everyone asks for the ceiling: \d+ institutions? loses?, \d+ gains?, / })
  t.match(await mizani('policy', 'history', '--most', '3'), { code: 0, out: /^\d+ {2}2\d{3}-.*\n.*\n.*\n$/ })
  const diff = await mizani('policy', 'diff', '3', '--against', '2')
  t.equal(diff.out, `/institutions/${SCHOOLS[0]}/tier\n  - "agency"\n  + "national"\n`)
  t.match(await mizani('policy', 'confirm', '2'), { code: 1, err: /does not wait for confirmation/ })
  const made = await mizani(
    ...['override', 'add', '--on', `institution=${SCHOOLS[6]!.toUpperCase()}`, '--ceiling', 'internet=80Mbps/70Mbps'],
    ...['--for', '8h', '--reason', 'a visit', '--json'],
  )
  const { id, patch } = JSON.parse(made.out) as { id: string; patch: unknown }
  t.same(patch, { on: { institution: SCHOOLS[6] }, ceilings: { internet: { down: 80 * M, up: 70 * M } } })
  const add = (on: string) => mizani('override', 'add', '--on', on, '--for', '8h', '--reason', 'x')
  t.match(await add('institution=chuo-cha-ufundi'), { code: 1, err: /Nothing was changed\.\n {2}chuo-/ })
  t.match(await add('tier'), { code: 2 })
  t.match(await mizani('override', 'list'), { code: 0, out: new RegExp(`${id} {2}active`) })
  t.match(await mizani('override', 'end', id), { code: 0, out: /has ended/ })
  const on = (...more: string[]) => mizani('mode', 'on', 'exams', '--reason', 'x', ...more)
  const asked = Date.now()
  const { until: end } = JSON.parse((await on('--for', '10m', '--json')).out) as Record<string, string>
  const ends = Date.parse(end!) - 600_000
  t.ok(asked - 1_000 <= ends && ends <= Date.now() + 1_000, `ten minutes from when it was asked for: ${end}`)
  t.match(await on('--for', '2h', '--until', 'noon'), { code: 2 })
  t.match(await mizani('mode', 'list'), { code: 0, out: /exams {2}on until/ })
  t.match(await mizani('mode', 'off', 'exams', '--reason', 'x'), { code: 0 })
  t.match(await mizani('freeze', '--reason', 'x'), { code: 0, out: /frozen/ })
  t.match(await mizani('unfreeze'), { code: 0 })
  const future = await mizani('what-if', SCHOOLS[4]!, '--ceiling', 'internet=300/150 Mbit/s')
  t.match(future, { code: 0, out: /if everyone asks for the ceiling: \d+ institutions? / })
  const cut = await mizani('link', 'state', 'cable-seacom', '40%', '--for', '2h', '--reason', 'cut')
  t.match(cut, { code: 0, out: /^cable-seacom is told to have 40 % of its capacity until / })
  t.match(await mizani('link', 'state', 'cable-seacom', 'up'), { code: 0 })
  t.match(await mizani('link', 'state', 'cable-seacom', 'half'), { code: 2, err: /"half" is no state of a link/ })
})

t.test('a command that writes acts on what is named alone; one that reads says whom it took', async (t) => {
  const short = MUHIMBILI.replace(/^.*-/, '')
  t.not(short, MUHIMBILI)
  const { name } = await juma.get<{ name: { en: string } }>(`/v1/institutions/${MUHIMBILI}`)
  const states = () => juma.get<object>('/v1/overrides')
  const before = await states()
  const add = (who: string) =>
    mizani('override', 'add', '--on', `institution=${who}`, '--for', '8h', '--reason', 'x', '--tier', 'national')
  for (const typed of [short, `${name.en.slice(0, -2)}`, short.toUpperCase()])
    for (const write of [add(typed), mizani('demo', 'load', typed, '2')])
      t.match(await write, { code: 1, out: '', err: new RegExp(`Nothing was changed\\.[^]*  ${MUHIMBILI}  `) }, typed)
  t.same(await states(), before)

  const whole = ` ${name.en.toUpperCase().replaceAll(' ', '  ')} `
  t.match(await mizani('demo', 'load', whole, '1'), { code: 0, out: new RegExp(`^${MUHIMBILI} offers 1 times`) })
  const reads = [
    ['explain', short],
    ['what-if', short, '--tier', 'national'],
    ['institution', 'show', short],
    ['institution', 'history', short],
  ]
  for (const args of reads) {
    t.match(await mizani(...args), { code: 0, out: new RegExp(`^"${short}" is taken for ${MUHIMBILI}, `) }, args[0]!)
    const json = await mizani(...args, '--json')
    t.match(json, { code: 0, err: new RegExp(`^"${short}" is taken for ${MUHIMBILI}, `) }, `${args[0]} --json`)
    t.doesNotThrow(() => JSON.parse(json.out))
  }
})

t.test('a proposal is added, read, agreed to and made; glass is broken and signed', async (t) => {
  const guard = { name: { en: 'Everything', sw: 'Yote' } }
  await juma.call('PUT', '/v1/policy/guards/all?reason=again', guard)
  const edited = join(data, 'edited')
  await mizani('policy', 'get', '--out', edited)
  const file = join(edited, 'institutions.csv')
  const rename = (from: string, to: string): void =>
    writeFileSync(file, readFileSync(file, 'utf8').replace(`${SCHOOLS[4]},${from}`, `${SCHOOLS[4]},${to}`))
  rename(SCHOOLS[4]!.replaceAll('-', ' ').toUpperCase(), 'College Four')
  const refused = await mizani('policy', 'apply', edited, '--reason', 'a name')
  t.match(refused, { code: 1, err: /second person: all\.\nmizani proposal add .*edited --reason "a name"/ })
  const added = await mizani('proposal', 'add', edited, '--reason', 'a name')
  const [, proposal = ''] = /mizani proposal approve (\S+)/.exec(added.out) ?? []
  const open = await mizani('proposal', 'list', '--state', 'open')
  t.match(open, { code: 0, out: new RegExp(`^${proposal}  open .* a name`, 'm') })
  t.match(await mizani('proposal', 'approve', proposal), { code: 1 }, 'the token of the machine is nobody')
  const expires = new Date(Date.now() + 3_600_000).toISOString()
  const wanted = { user: 'neema', name: 'laptop', roles: ['approver'], expires }
  t.equal((await asha.call('POST', '/v1/tokens', wanted)).status, 403, 'and nobody makes the token of another')
  const word = join(data, 'password')
  writeFileSync(word, PASSWORD, { mode: 0o600 })
  const as = (who: string, ...args: string[]) => run([...args, '--as', who], { MIZANI_PASSWORD_FILE: word })
  const asNeema = (...args: string[]) => as('neema', ...args)
  const whole = new RegExp(
    [
      `^Proposal ${proposal} is open; cli made it at .*`,
      'Why: a name',
      'A second person has to agree because of: all',
      'What changes, 1 place, made on revision (\\d+), with \\1 in force:',
      ` {2}institution ${SCHOOLS[4]} \\(.*\\), name, English: .* → College Four`,
      'What it would do if it were made now:',
      ' {2}now: 0 institutions lose, 0 gain, no promise breaks',
    ].join('\n'),
  )
  t.match(await mizani('proposal', 'show', proposal), { code: 0, out: whole })
  const agreed = await asNeema('proposal', 'approve', proposal)
  t.match(agreed, { code: 0, out: whole }, 'who agrees reads the same first')
  t.match(agreed.out, /is approved: 1 place, 0 institutions lose by it\.\nmizani proposal commit /)
  t.match(await mizani('proposal', 'commit', proposal, '--confirm-within', '0'), { code: 0, out: /is in force/ })
  t.equal((await mizani('proposal', 'commit', proposal)).code, 1)
  t.match(await run(['whoami'], { MIZANI_URL: '' }), { code: 0, out: /^cli: admin/ }, 'the data folder says where')
  rename('College Four', 'College 4')
  const glassy = ['policy', 'apply', edited, '--reason', 'night', '--break-glass', '--confirm-within', '10m']
  t.match(await mizani(...glassy), { code: 1, err: /This needs the role break-glass; cli has admin/ })
  const night = await as('zawadi', ...glassy)
  const [, glass = ''] =
    /mizani policy confirm (\d+)\nAn approver is to sign it: mizani policy sign \1/.exec(night.out) ?? []
  t.match(await mizani('policy', 'history', '--unsigned'), { out: new RegExp(`^${glass} .* unsigned`, 'm') })
  t.match(await asNeema('policy', 'sign', glass), { code: 0, out: /made past approval and tests, is signed/ })
  t.match(await as('zawadi', 'policy', 'confirm', glass), {
    code: 1,
    err: /zawadi has made revision \d+ past approval/,
  })
  t.match(await mizani('policy', 'confirm', glass), { code: 1, err: /an approver confirms it, in person/ })
  t.match(await asNeema('policy', 'confirm', glass), { code: 0 })
  await withoutGuard('all')
})

t.test('the doctor says what there is to say, also where nothing runs', async (t) => {
  const { findings } = JSON.parse((await mizani('doctor', '--json')).out) as {
    findings: { about: string; verdict: string; found: string }[]
  }
  for (const about of ['data folder', 'controller', 'edges', 'proof', 'audit'])
    t.ok(
      findings.some((finding) => finding.about === about && finding.verdict !== 'unknown'),
      about,
    )
  t.ok(
    findings.some(({ found, verdict }) => verdict === 'bad' && /taken back by itself/.test(found)),
    'open alarms are said',
  )
  t.match(await alone, {
    code: 1,
    out: /bad +policy store +Redis at .*\n.*\nunknown controller +No controller answers/,
  })
})

t.test('the policy is taken away as files, and is the same', async (t) => {
  const folder = join(data, 'taken')
  t.match(await mizani('policy', 'get', '--out', folder), { code: 0 })
  const { document, faults } = loadPlane(folder)
  t.same(faults, [])
  t.equal(hashOf(document), hashOf(await juma.get('/v1/policy')))
  t.match(await mizani('policy', 'apply', folder), { code: 0, out: /^Nothing to do/ })
  const sheet = join(data, 'out.csv')
  t.match(await mizani('policy', 'export', 'institutions', '--out', sheet), { code: 0 })
  t.match(await mizani('policy', 'import', 'institutions', sheet), {
    code: 0,
    out: new RegExp(`${INSTITUTIONS + 10} the same\nNothing to do`),
  })
  t.match(await mizani('policy', 'rollback', '2', '--reason', 'x'), { code: 0, out: /says what revision 2 said/ })
  const last = await revisionNow()
  const numbers = (await juma.get('/v1/policy/revisions?pageSize=1000')).items.map(({ revision }) => revision)
  t.same(
    numbers,
    Array.from({ length: last }, (_, k) => last - k),
    'in all the day no number is missing',
  )
})

t.test('the trail of the day holds together, and a flipped bit shows', async (t) => {
  const done = await mizani('audit', 'list', '--actor', 'juma', '--most', '5')
  t.match(done, { code: 0, out: /^ *n {2}time .*\n *\d+ .* juma \(password\) / })
  const actors = async (action: string): Promise<string[]> =>
    (await asha.get(`/v1/audit?pageSize=1000&action=${action}`)).items.map(({ actor }) => actor)
  t.ok((await actors('revert')).includes('mizani'), 'what the machine undid by itself is told too')
  t.ok((await actors('overrides')).includes('juma'))
  t.match(await mizani('audit', 'verify'), { code: 0, out: /^The trail holds: \d+ entries/ })
  const trail = join(data, 'trail')
  t.match(await mizani('audit', 'export', trail), { code: 0 })
  t.match(await mizani('audit', 'verify', '--file', trail), { code: 0 })
  const bytes = readFileSync(trail)
  const at = bytes.indexOf('vyuo')
  bytes[at] = bytes[at]! ^ 1
  writeFileSync(trail, bytes)
  t.match(await mizani('audit', 'verify', '--file', trail), { code: 1, out: /^THE TRAIL WAS CHANGED at entry \d+/ })

  // The same bit in the store itself, by somebody who has all its rights.
  const store = connect((await runningStore(data, 'durable', 'supervisor'))!, 'supervisor')
  t.teardown(() => store.disconnect())
  await untilReady(store, 5_000)
  const { audit } = keys('taifa')
  let changed = ''
  // What is written meanwhile is not lost: then once more.
  for (let done: unknown = null; done === null; ) {
    await store.watch(audit)
    const entries = await store.xrange(audit, '-', '+')
    changed = entries.find(([, fields]) => fields.some((field) => field.includes('vyuo')))![0]
    const anew = store.multi().del(audit)
    for (const [id, fields] of entries)
      anew.xadd(audit, id, ...(id === changed ? fields.map((field) => field.replace('vyuo', 'wyuo')) : fields))
    done = await anew.exec()
  }
  t.match(await asha.get('/v1/audit/verify'), { ok: false, fault: { n: Number(changed.split('-')[0]) } })
})

t.test('kill -9 leaves no server of its stores', async (t) => {
  t.not((await openPorts(server)).length, 0)
  server.kill()
  await until(async () => (await openPorts(server)).length === 0, 'all are gone')
  t.pass(`the day of ${MUHIMBILI} and the others is over`)
})
