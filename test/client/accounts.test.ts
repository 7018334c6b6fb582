// `mizani user`, `token` and `audit` from the command line to a real server and back.

import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { TOTP } from 'otpauth'
import t, { type Test } from 'tap'
import { main } from '../../src/cli.js'
import { runTokenAdd } from '../../src/client/accounts.js'
import type { Role } from '../../src/model/principal.js'
import { loadSettings } from '../../src/runtime/config.js'
import { startApi } from '../api/api-fixture.js'

async function open(t: Test) {
  const api = await startApi()
  t.teardown(api.close)
  let env = {}
  const runTyping = (typed: string, ...args: string[]) => runAs('admin', typed, ...args)
  const run = (...args: string[]) => runTyping('', ...args)
  /** As a person does who types this. */
  const runAs = async (role: Role, typed: string, ...args: string[]) => {
    const out: string[] = []
    const err: string[] = []
    const io = {
      stdout: { write: (chunk: string) => void out.push(chunk) },
      stderr: { write: (chunk: string) => void err.push(chunk) },
      env: { MIZANI_URL: api.url, MIZANI_TOKEN: api.tokens[role], MIZANI_DATA: t.testdirName, ...env },
      isTTY: false,
      stdin: () => Readable.from(typed === '' ? [] : [Buffer.from(`${typed}\n`)]),
    }
    const exit = await main(args, io as unknown as Parameters<typeof main>[1])
    return { exit, out: out.join(''), err: err.join('') }
  }
  return {
    api,
    run,
    runTyping,
    setEnv: (more: Record<string, string>) => {
      env = more
    },
    runAs: (role: Role, ...args: string[]) => runAs(role, '', ...args),
    folder: t.testdir(),
  }
}

t.test('accounts come, change and go; what they leave behind is listed', async (t) => {
  const { api, run, folder } = await open(t)
  const added = await run('user', 'add', 'juma', '--roles', 'operator,engineer', '--envelopes', 'afya')
  t.match(added, { exit: 0, out: /^[\w-]{20}\n$/ })
  t.ok(
    await api.accounts.authenticator.signIn({ user: 'juma', password: added.out.trim() }, '::1'),
    'with the password shown',
  )
  const file = join(folder, 'password')
  writeFileSync(file, 'maji ya kunde 1961\n', { mode: 0o600 })
  t.match(await run('user', 'add', 'asha', '--roles', 'admin', '--password-file', file), { exit: 0, out: '' })
  t.match(await run('user', 'add', 'zabbix', '--roles', 'monitor', '--service'), { exit: 0, out: '' })
  t.match(await run('user', 'add', 'x', '--roles', 'king'), { exit: 2, err: /none of viewer, operator/ })
  t.match(await run('user', 'add', 'neema', '--roles', 'operator', '--regions', 'Mbeya'), {
    ...{ exit: 1, out: '', err: /regions\/0: unknown region "Mbeya"; did you mean "mbeya"\?/ },
  })
  t.match(await run('user', 'add', 'asha', '--roles', 'viewer', '--service'), { exit: 1, err: /exists, or existed/ })
  t.match((await run('user', 'list')).out, /^asha\tadmin\teverything\tperson\tin use\tasha\njuma\t.*"afya".*\nzabbix\t/)

  const expires = new Date(api.clock.wall()).toISOString()
  t.match(await run('token', 'add', '--user', 'zabbix', '--name', 'x', '--roles', 'monitor', '--days', '400'), {
    exit: 2,
  })
  const until = Date.parse(expires.replace('2026-01', '2026-02'))
  const wanted = { user: 'juma', name: 'script', roles: ['operator'] as const, scope: null, expires: until }
  const { token: made } = await api.accounts.administration.addToken(wanted, 'juma')
  t.match((await run('token', 'list')).out, new RegExp(`^${made.id}\tjuma\toperator\t2026-02-01`))

  // At the time of the server, which stands still.
  const said: string[] = []
  const sink = { write: (text: string) => said.push(text) }
  const settings = loadSettings({ env: { MIZANI_URL: api.url, MIZANI_TOKEN: api.tokens.admin } })
  const scope = { regions: ['mbeya', 'dar-es-salaam'] }
  const monitor = { user: 'zabbix', name: 'y', roles: ['monitor'] as const, scope, days: 30, now: api.clock.wall() }
  await runTokenAdd({ ...monitor, json: true, settings }, { stdout: sink, stderr: sink, env: {}, isTTY: false })
  t.match(JSON.parse(said.join('')), { user: 'zabbix', scope })
  t.match(await run('user', 'show', 'juma'), { exit: 0, out: /^juma\toperator,engineer\t.*"afya"/ })
  const reset = await run('user', 'password', 'juma')
  t.match(reset, {
    exit: 0,
    out: /^[\w-]{20}\n$/,
    err: /juma has a new password, shown this once; 1 session was ended\.\nEnded: token \w+ \(script\)/,
  })
  t.ok(await api.accounts.authenticator.signIn({ user: 'juma', password: reset.out.trim() }, '::1'), 'with the new one')

  const gone = await run('user', 'disable', 'juma')
  t.match(gone, { exit: 0, out: /disabled 2026-01-01T00:00:00.000Z by a-admin/, err: /1 sessions\./ })
  t.match(await run('user', 'enable', 'juma'), { exit: 0, out: /in use/ })
  t.match(await run('user', 'set', 'juma', '--roles', 'viewer', '--everywhere'), { out: /^juma\tviewer\teverything/ })
  t.match(await run('user', 'disable', 'asha'), { exit: 1, err: /last administrator/ })
  t.match(await run('token', 'remove', 'nothing'), { exit: 1, err: /no token "nothing"/ })
})

t.test('the trail is verified, exported, proved without a controller, and cut off', async (t) => {
  const { api, run, runAs, folder } = await open(t)
  for (let i = 0; i < 5; i++) {
    await api.send('POST', '/v1/demo/load', { institution: 'min-afya', factor: i })
  }
  t.match(await run('audit', 'verify'), { exit: 0, out: /5 entries, 1 to 5/ })
  const file = join(folder, 'audit.jsonl')
  t.match(await run('audit', 'export', file, '--trim', 'month end'), {
    exit: 0,
    err: /waits for an approver to cut it off up to entry 5/,
  })
  t.match(
    await run('audit', 'verify'),
    { exit: 0, out: /7 entries, 1 to 7/ },
    'nothing is gone; export and wish are told',
  )
  t.match(await run('audit', 'agree'), { exit: 1, err: /another is to agree/ })
  t.match(await runAs('approver', 'audit', 'agree'), { exit: 0, err: /a-admin has exported .*\n.*up to entry 5/ })
  t.match(await runAs('approver', 'audit', 'agree'), { exit: 1, err: /Nothing waits/ })
  t.equal(statSync(file).mode & 0o777, 0o600)
  t.match(await run('audit', 'export', file), { exit: 1 }, 'an export is not overwritten')
  t.match(await run('audit', 'verify', '--file', file), { exit: 0, out: /5 entries, 1 to 5/ })
  t.match(await run('audit', 'verify', '--json'), { exit: 0, out: /"base":\{"n":5,/ })
  const second = join(folder, 'second.jsonl')
  await run('audit', 'export', second)
  t.match(
    await run('audit', 'verify', '--file', second),
    { exit: 0, out: /5 entries, 6 to 10/ },
    'it goes on where it was cut',
  )

  writeFileSync(file, readFileSync(file, 'utf8').replace('min-afya', 'min-afyb'))
  t.match(await run('audit', 'verify', '--file', file), { exit: 1, out: /CHANGED at entry 1/ })
  const row = api.audited.rows[1]!
  api.audited.rows[1] = { ...row, text: row.text.replace('month end', 'month-end') }
  t.match(await run('audit', 'verify'), { exit: 1, out: /CHANGED at entry 7/ })
  t.match(await run('audit', 'export', join(folder, 'third')), { exit: 1, err: /changed at entry 7/ })
  t.match(await run('audit', 'verify', '--file', join(folder, 'nothing')), { exit: 1 })
})

t.test(
  'who is asked in person says who they are, for one command: the password is typed, and nothing of it stays',
  async (t) => {
    const { api, run, runTyping, folder } = await open(t)
    const [first, next] = [join(folder, 'first'), join(folder, 'next')]
    writeFileSync(first, 'maji ya kunde 1961\n', { mode: 0o600 })
    writeFileSync(next, 'chungwa la tatu 61\n', { mode: 0o600 })
    for (const id of ['neema', 'zawadi']) {
      await run('user', 'add', id, '--roles', 'approver', '--password-file', first)
      t.match(await run('password'), { exit: 2, err: /--as ACCOUNT/ })
      const before = await runTyping('maji ya kunde 1961', 'whoami', '--as', id)
      t.match(before, { exit: 0, out: /\nNothing else is open until you have chosen a password/ })
      t.match(before, { out: new RegExp(`Not yet approver: an approver .* \\(mizani user vouch ${id}\\)`) })
      const changed = await runTyping('maji ya kunde 1961', 'password', '--as', id, '--password-file', next)
      t.match(changed, { exit: 0, err: new RegExp(`password of ${id} is changed`) })
    }
    t.match(await runTyping('something else 1', 'whoami', '--as', 'neema'), { exit: 1, err: /neema is not let in/ })
    t.match(await run('whoami', '--as', 'neema'), { exit: 2, err: /Without the password of neema/ })
    t.match((await runTyping('chungwa la tatu 61', 'whoami', '--as', 'neema')).out, /neema/)
    t.match(await run('user', 'vouch', 'zawadi'), { exit: 1, err: /Another approver vouches for zawadi, in person/ })
    await api.accounts.administration.vouch('neema', 'cli')
    const vouched = await runTyping('chungwa la tatu 61', 'user', 'vouch', 'zawadi', '--as', 'neema')
    t.match(vouched, { exit: 0, err: /What zawadi does in person counts from now on; neema has vouched/ })
    t.strictSame(api.accounts.authenticator.logins(), [], 'and is signed out again')
    for (const line of api.logged) t.notMatch(line, /chungwa|kunde/)
  },
)

t.test('a second factor is enrolled, asked for, listed and removed by commands; one sign-in a command', async (t) => {
  const { api, run, runTyping, setEnv } = await open(t)
  await run('user', 'add', 'neema', '--roles', 'operator', '--service')
  const account = { name: 'Juma', roles: ['operator'] as const, scope: null, chosen: true }
  const password = 'chungwa la tatu 61'
  await api.accounts.administration.addUser({ ...account, id: 'juma', password }, 'x')
  const codeOf = (secret: string) => new TOTP({ secret }).generate({ timestamp: api.clock.wall() })
  t.match(await run('factor', 'add'), { exit: 2, err: /mizani factor add --as ACCOUNT/ })
  setEnv({ MIZANI_PASSWORD: password })
  const empty = await runTyping('', 'factor', 'add', '--as', 'juma')
  t.match(empty, { exit: 2, err: /A code has six digits: nothing is asked for yet/ })
  const wrong = await runTyping('000000', 'factor', 'add', '--as', 'juma')
  t.match(wrong, { exit: 1, out: /^otpauth:/, err: /This is not its code now/ })
  const shown: string[] = []
  const done = await addTyping(api.url, password, t.testdirName, shown, () => codeOf(shown.join('').split('\n')[1]!))
  t.equal(done, 0)
  const [, secret = '', ...codes] = shown.join('').trim().split('\n')
  t.equal(codes.length, 10)
  await api.clock.advance(30_000)
  t.match(await runTyping('000000', 'factor', 'list', '--as', 'juma'), { exit: 1, err: /not the code of juma now/ })
  const list = await runTyping(codeOf(secret), 'factor', 'list', '--as', 'juma')
  t.match(list, { exit: 0, out: /^\w{12}\ttotp\tauthenticator\t/, err: /^10 codes are left/m })
  await api.clock.advance(30_000)
  setEnv({ MIZANI_PASSWORD: password, MIZANI_CODE: codeOf(secret) })
  t.match(await run('factor', 'remove', list.out.split('\t')[0]!, '--as', 'juma'), {
    exit: 0,
    err: /no longer asked for/,
  })
  t.equal(api.accounts.authenticator.logins().length, 0, 'and each has signed out')
  setEnv({})
  t.match(await run('factor', 'reset', 'juma'), { exit: 0, err: /juma has no second factor now; 0 sessions were/ })
})

/** Who types the code of what was shown a moment ago. */
async function addTyping(url: string, password: string, data: string, out: string[], code: () => string) {
  async function* typing() {
    yield Buffer.from(`${code()}\n`)
  }
  const sink = { write: (chunk: string) => void out.push(chunk) }
  const env = { MIZANI_URL: url, MIZANI_DATA: data, MIZANI_PASSWORD: password }
  return main(['factor', 'add', '--as', 'juma'], {
    ...{ stdout: sink, stderr: { write: () => undefined }, env, isTTY: false, stdin: typing },
  })
}
