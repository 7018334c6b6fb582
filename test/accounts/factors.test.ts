// Second factors: codes are those of RFC 6238, as an independent program makes them, no code is taken twice, and
// whoever has a factor or must have one is in person by it alone. Time stands still until a test moves it.

import { execFileSync } from 'node:child_process'
import t from 'tap'
import { openAccounts } from '../../src/accounts/accounts.js'
import { commonFault } from '../../src/accounts/guessed-passwords.js'
import { readState } from '../../src/accounts/records.js'
import { stepOf } from '../../src/accounts/totp.js'
import { manualClock } from '../../src/runtime/clock.js'
import { sealingOfMoment } from '../../src/runtime/sealing.js'
import { CHEAP, memoryStore, testSeal } from './memory-store.js'

const PASSWORD = 'maji ya kunde 1961'
const HERE = '192.0.2.1'
const STEP = 30_000

async function open(
  factorRoles: readonly ('admin' | 'approver' | 'operator')[] = [],
  store = memoryStore(),
  reached = false,
) {
  const clock = manualClock()
  const accounts = await openAccounts({
    cost: CHEAP,
    store: store.port,
    clock,
    adminToken: null,
    seal: testSeal(),
    factorRoles,
    reached,
  })
  const { administration, authenticator, factors } = accounts
  const add = (id: string, ...roles: ('admin' | 'approver' | 'break-glass' | 'operator' | 'viewer')[]) =>
    administration.addUser({ id, name: id, roles, scope: null, password: PASSWORD, chosen: true }, 'x')
  const signIn = (user: string, code?: string) => authenticator.signIn({ user, password: PASSWORD, code }, HERE)
  /** By Debian's oathtool, `late` from now. */
  const codeOf = (secret: string, late = 0): string => {
    const now = new Date(clock.wall() + late).toISOString().replace('T', ' ').replace('Z', ' UTC')
    return execFileSync('oathtool', ['--totp', '--base32', '--now', now, secret], { encoding: 'utf8' }).trim()
  }
  /** Enrols an authenticator, a step ago. */
  const enrol = async (user: string) => {
    const { secret, uri } = await factors.addTotp(user)
    const done = await factors.confirmTotp(user, codeOf(secret, -STEP), { login: null, address: HERE })
    return { secret, uri, codes: done?.codes ?? [] }
  }
  return { ...accounts, clock, store, add, signIn, codeOf, enrol }
}

async function refused(work: Promise<unknown>): Promise<string> {
  try {
    return (await work) === null ? 'null' : 'nothing'
  } catch (error) {
    const { code, faults = [] } = error as { code: string; faults?: { code: string }[] }
    return faults[0]?.code ?? code
  }
}

t.test('codes are those of RFC 6238, appendix B', async (t) => {
  const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
  const vectors = {
    59: '287082',
    1111111109: '081804',
    1111111111: '050471',
    1234567890: '005924',
    2000000000: '279037',
  }
  for (const [seconds, code] of Object.entries(vectors)) {
    const now = Number(seconds) * 1_000
    t.equal(stepOf(secret, code, now), Math.floor(now / STEP), code)
    t.equal(stepOf(secret, code, now + STEP), Math.floor(now / STEP), 'a step later')
    t.equal(stepOf(secret, code, now + 3 * STEP), null, 'no later')
  }
})

t.test('what an authenticator shows is asked for, once each, and nothing in the store tells it', async (t) => {
  const { add, signIn, codeOf, enrol, factors, authenticator, clock, store } = await open()
  await add('asha', 'operator')
  const before = await signIn('asha')
  t.match(before?.session, { lacks: null, inPerson: true, factor: null }, 'nobody asks for what there is not')
  const started = await factors.addTotp('asha')
  t.match(
    started.uri,
    /^otpauth:\/\/totp\/Mizani:asha\?issuer=Mizani&secret=[A-Z2-7]{32}&algorithm=SHA1&digits=6&period=30$/,
  )
  t.match((await signIn('asha'))?.session, { lacks: null }, 'nor for one that nobody has confirmed')
  t.equal(await refused(factors.confirmTotp('asha', '000000', { login: null, address: HERE })), 'null')
  const { secret, codes } = await enrol('asha')
  t.equal(codes.length, 10)
  for (const text of [secret, ...codes, ...codes.map((one) => one.replaceAll('-', ''))])
    t.notOk(store.text().includes(text))
  t.match(
    authenticator.bySession(before!.secret),
    { lacks: 'code', inPerson: false },
    'open sessions are asked as well',
  )

  const code = codeOf(secret)
  t.match((await signIn('asha', code))?.session, { lacks: null, inPerson: true, factor: { kind: 'totp' } })
  t.equal(await signIn('asha', code), null, 'no code is taken twice')
  t.equal(await signIn('asha', codeOf(secret, -STEP)), null, 'nor one from before it')
  t.ok(await signIn('asha', codeOf(secret, STEP)), 'the next one is, of a clock that is ahead')
  t.equal(await signIn('asha', codeOf(secret, 2 * STEP)), null, 'but not of one that is far ahead')
  await clock.advance(10 * STEP)
  const half = await signIn('asha')
  t.match(half?.session, { lacks: 'code', inPerson: false }, 'the second step waits')
  const factor = await factors.check('asha', codeOf(secret), HERE)
  const whole = await authenticator.prove(half!.secret, factor!)
  t.match(whole.session, { lacks: null, inPerson: true, proved: clock.wall() })
  t.equal(authenticator.bySession(half!.secret), null, 'whoever has seen the cookie before the code has nothing')
  await clock.advance(20 * STEP)
  const again = await factors.check('asha', codeOf(secret), HERE)
  const renewed = await authenticator.prove(whole.secret, again!)
  t.equal(renewed.session.proved, clock.wall(), 'and is renewed without signing out')
  t.match(authenticator.bySession(whole.secret), { lacks: null }, 'requests under way are answered')
  await clock.advance(2 * STEP)
  t.equal(authenticator.bySession(whole.secret), null, 'for a minute')
  t.ok(authenticator.bySession(renewed.secret))
  t.match(
    (await signIn('asha', codes[0]!.toUpperCase()))?.session,
    { factor: { kind: 'recovery' } },
    'the day it is lost',
  )
  t.equal(await signIn('asha', codes[0]), null, 'each works once')
  t.equal(factors.of('asha').recoveryCodes, 9)
  const [own] = factors.of('asha').items
  await factors.remove('asha', own!.id, null)
  t.match(factors.of('asha'), { items: [], recoveryCodes: 0 })
})

t.test('codes are guessed as slowly as passwords', async (t) => {
  const { add, signIn, enrol, codeOf, clock } = await open()
  await add('asha', 'operator')
  const { secret } = await enrol('asha')
  for (let i = 0; i < 5; i++) t.equal(await signIn('asha', '000000'), null)
  t.equal(await refused(signIn('asha', codeOf(secret))), 'RATE_LIMITED')
  await clock.advance(2_000)
  t.ok(await signIn('asha', codeOf(secret)))
})

t.test('two hundred codes at one moment are no more than in turn; a code for the loss is always taken', async (t) => {
  const { add, enrol, codeOf, factors, clock } = await open()
  await add('asha', 'operator')
  const { secret, codes } = await enrol('asha')
  const guesses = Array.from({ length: 200 }, (_, k) => factors.check('asha', String(k).padStart(6, '0'), HERE))
  const right = refused(factors.check('asha', codeOf(secret), HERE))
  const found = await Promise.all(guesses.map(refused))
  t.equal(found.filter((one) => one === 'RATE_LIMITED').length, 195)
  t.equal(await right, 'RATE_LIMITED', 'the right one behind them is not looked at')
  for (let k = 0; k < 100; k++) await refused(factors.check('asha', '000000', `198.51.100.${k}`))
  await clock.advance(60 * 60_000)
  t.equal(await refused(factors.check('asha', codeOf(secret), '203.0.113.9')), 'RATE_LIMITED', 'no stranger is heard')
  t.match(await factors.check('asha', codes[0]!, '203.0.113.9'), { kind: 'recovery' }, 'and she in a new place is')
})

t.test('while phones are changed the old one counts, and whoever waits for a code is out with it', async (t) => {
  const { add, signIn, enrol, codeOf, factors, authenticator, clock } = await open(['operator'])
  await add('asha', 'operator')
  const old = await enrol('asha')
  await clock.advance(STEP)
  const hers = await signIn('asha', codeOf(old.secret))
  const thief = await signIn('asha')
  const next = await factors.addTotp('asha')
  t.match(authenticator.bySession(thief!.secret), { lacks: 'code' }, 'nothing is open between the two')
  await clock.advance(STEP)
  t.equal(await refused(factors.check('asha', codeOf(next.secret), HERE)), 'null', 'one that nobody has confirmed')
  t.ok(await factors.check('asha', codeOf(old.secret), HERE))
  const [{ id } = { id: '' }] = factors.of('asha').items
  t.equal(await refused(factors.remove('asha', id, null)), 'BAD_REQUEST', 'she must have one')
  const login = authenticator.bySession(hers!.secret)!.login
  t.ok(await factors.confirmTotp('asha', codeOf(next.secret), { login, address: HERE }))
  t.ok(authenticator.bySession(hers!.secret))
  t.equal(authenticator.bySession(thief!.secret), null)
  await clock.advance(STEP)
  t.equal(await refused(factors.check('asha', codeOf(old.secret), HERE)), 'null', 'the old phone is worth nothing')
  t.ok(await factors.check('asha', codeOf(next.secret), HERE))
})

t.test(
  'a factor that is removed takes all other sign-ins with it, and the code is waited for five minutes',
  async (t) => {
    const { add, signIn, enrol, factors, authenticator, clock } = await open()
    await add('asha', 'operator')
    await enrol('asha')
    const at = clock.wall()
    const begin = (kind: 'totp' | 'passkey') =>
      authenticator.begin({ user: 'asha', via: kind === 'totp' ? 'password' : 'passkey', factor: { kind, at } }, HERE)
    const [hers, other] = [await begin('totp'), await begin('passkey')]
    const half = await signIn('asha')
    await clock.advance(4 * 60_000)
    t.match(authenticator.bySession(half!.secret), { lacks: 'code' })
    await clock.advance(60_000)
    t.equal(authenticator.bySession(half!.secret), null)
    const [{ id } = { id: '' }] = factors.of('asha').items
    const again = await signIn('asha')
    await factors.remove('asha', id, hers.session.login)
    t.ok(authenticator.bySession(hers.secret))
    for (const { secret } of [other, again!]) t.equal(authenticator.bySession(secret), null)
  },
)

t.test('who must have a factor and has none can only enrol one', async (t) => {
  const { add, signIn, enrol, codeOf, clock, authenticator } = await open(['approver'])
  await add('neema', 'approver')
  await add('juma', 'operator')
  t.match((await signIn('juma'))?.session, { lacks: null, inPerson: true })
  const begun = await signIn('neema')
  t.match(begun?.session, { lacks: 'factor', inPerson: false })
  const { secret } = await enrol('neema')
  t.match(authenticator.bySession(begun!.secret), { lacks: 'code' })
  await clock.advance(STEP)
  t.match((await signIn('neema', codeOf(secret)))?.session, { lacks: null, inPerson: true })
  const at = clock.wall()
  const given = await authenticator.begin({ user: 'neema', via: 'password', factor: { kind: 'provider', at } }, HERE)
  t.match(given.session, { lacks: 'code', inPerson: false }, 'what a provider has asked for does not stand for hers')
  await clock.advance(6 * 60_000)
  t.equal(authenticator.bySession(given.secret), null, 'and waits for hers no longer than any other')
  await add('zawadi', 'approver')
  const other = await authenticator.begin({ user: 'zawadi', via: 'oidc', factor: { kind: 'provider', at } }, HERE)
  t.match(other.session, { lacks: null, inPerson: true }, 'where there is none it does')
})

t.test('a factor is enrolled and removed by whoever is still signed in, and by nobody for the envelope', async (t) => {
  const { add, signIn, enrol, codeOf, factors, administration, emergency, authenticator, clock } = await open()
  await add('asha', 'operator')
  const { login } = (await signIn('asha'))!.session
  const { secret } = await factors.addTotp('asha')
  await authenticator.end(login)
  const confirm = (by: string | null) =>
    refused(factors.confirmTotp('asha', codeOf(secret), { login: by, address: HERE }))
  t.equal(await confirm(login), 'UNAUTHENTICATED')
  await administration.changeUser('asha', { password: `${PASSWORD}!` }, 'juma')
  t.equal(await confirm(null), 'BAD_REQUEST', 'what waited for its code went with the password')
  await enrol('asha')
  const [{ id } = { id: '' }] = factors.of('asha').items
  t.equal(await refused(factors.remove('asha', id, login)), 'UNAUTHENTICATED')
  for (let k = 0; k < 6; k++) t.equal(await confirm(null), 'BAD_REQUEST', 'nothing was looked at, so no guess counts')
  await clock.advance(STEP)
  const password = await emergency.seal('cli', true)
  await authenticator.signIn({ user: 'emergency', password }, HERE)
  t.equal(await refused(factors.addTotp('emergency')), 'FORBIDDEN')
})

t.test('a code that cannot be held against anything is no guess', async (t) => {
  const store = memoryStore()
  const { add, enrol, clock } = await open([], store)
  await add('asha', 'operator')
  await enrol('asha')
  const other = await openAccounts({ cost: CHEAP, store: store.port, clock, adminToken: null, seal: sealingOfMoment() })
  for (let k = 0; k < 7; k++) t.equal(await refused(other.factors.check('asha', '000000', HERE)), 'KEYS_DIFFER')
})

t.test('whoever breaks glass is vouched for, and in person by a factor where other machines reach us', async (t) => {
  const near = await open()
  await near.add('pili', 'operator', 'break-glass')
  t.match((await near.signIn('pili'))?.session, { roles: ['operator'], inPerson: true }, 'nobody has vouched')
  await near.administration.vouch('pili', 'cli')
  t.strictSame((await near.signIn('pili'))?.session.roles, ['operator', 'break-glass'])
  await near.administration.changeUser('pili', { roles: ['operator'] }, 'asha')
  await near.administration.changeUser('pili', { roles: ['operator', 'break-glass'] }, 'asha')
  t.strictSame((await near.signIn('pili'))?.session.roles, ['operator'], 'given anew: vouched for anew')

  const far = await open([], memoryStore(), true)
  for (const [id, role] of [
    ['pili', 'break-glass'],
    ['neema', 'approver'],
  ] as const) {
    await far.add(id, role)
    await far.administration.vouch(id, 'cli')
    t.match((await far.signIn(id))?.session, { lacks: null, roles: [role], inPerson: false }, 'a password alone')
    const { secret } = await far.enrol(id)
    t.match((await far.signIn(id, far.codeOf(secret)))?.session, { roles: [role], inPerson: true })
  }
  await far.add('juma', 'operator')
  t.match((await far.signIn('juma'))?.session, { inPerson: true }, 'of the others the settings say')
  const password = await far.emergency.seal('asha', false)
  const sealed = await far.authenticator.signIn({ user: 'emergency', password }, HERE)
  t.match(sealed?.session, { roles: ['operator', 'break-glass'], inPerson: true }, 'the envelope is enough')
})

t.test(
  'whom somebody else can give a password is vouched for with a factor, and anew with the first one',
  async (t) => {
    const { administration, authenticator, clock, enrol, factors, codeOf } = await open()
    const subject = 'uuid-neema'
    const neema = { id: 'neema', name: 'Neema', roles: ['approver'] as const, scope: null, password: null }
    await administration.addUser({ ...neema, source: 'ldap', subject }, 'ldap')
    t.equal(await refused(administration.vouch('neema', 'cli')), 'FACTOR', 'the helpdesk may be in there')
    const { secret } = await enrol('neema')
    await administration.vouch('neema', 'cli')
    await clock.advance(STEP)
    const begin = async () => {
      const factor = (await factors.check('neema', codeOf(secret), HERE))!
      return (await authenticator.begin({ user: 'neema', via: 'ldap', factor }, HERE)).session
    }
    t.match(await begin(), { inPerson: true, roles: ['approver'] })
    await factors.remove('neema', factors.of('neema').items[0]!.id, null)
    await enrol('neema')
    t.match(administration.user('neema')?.vouched, { lapsed: true }, 'a first factor is whoever enrols it')

    const zawadi = { ...neema, id: 'zawadi', name: 'Zawadi' }
    await administration.addUser({ ...zawadi, source: 'oidc', subject: 'zawadi' }, 'oidc')
    const by = (factor?: { kind: 'provider'; at: number }) =>
      authenticator.begin({ user: 'zawadi', via: 'oidc', factor }, HERE)
    await by()
    t.equal(await refused(administration.vouch('zawadi', 'cli')), 'FACTOR')
    await by({ kind: 'provider', at: clock.wall() })
    t.equal(await refused(administration.vouch('zawadi', 'cli')), 'nothing', 'a factor that the provider has asked for')
    await enrol('zawadi')
    t.match(administration.user('zawadi')?.vouched, { lapsed: true })
  },
)

t.test('what an administrator takes away comes back by the person and an approver', async (t) => {
  const { add, signIn, enrol, codeOf, factors, administration, authenticator, clock } = await open()
  for (const id of ['neema', 'zawadi']) await add(id, 'approver')
  for (const id of ['neema', 'zawadi']) await administration.vouch(id, 'cli')
  await enrol('neema')
  const begun = await signIn('neema')
  t.equal(await refused(factors.reset('neema', 'neema')), 'SELF_APPROVAL')
  t.match(await factors.reset('neema', 'asha'), { sessions: 1, user: { vouched: { lapsed: true } } })
  t.equal(authenticator.bySession(begun!.secret), null, 'her sessions have ended')
  t.match((await signIn('neema'))?.session, { lacks: null, inPerson: false, roles: [] })
  t.equal(await refused(administration.vouch('neema', 'zawadi')), 'FACTOR', 'nobody vouches for an empty hand')
  const { secret } = await enrol('neema')
  await clock.advance(STEP)
  const half = await signIn('neema', codeOf(secret))
  t.match(half?.session, { lacks: null, inPerson: false }, 'whoever enrolled it may be the administrator')
  await administration.vouch('neema', 'zawadi')
  t.match(authenticator.bySession(half!.secret), { inPerson: true, roles: ['approver'] })
})

t.test('what cannot be read is asked for all the same, and opens by no other key', async (t) => {
  const state = readState({ 'factors:asha': '{"totp":7}' })
  t.match(state.factors.get('asha'), { totp: { confirmed: true } })
  const newer = { passkeys: [], totp: null, next: null, recovery: [], reset: null, card: { key: 'x' } }
  const kept = readState({ 'factors:asha': JSON.stringify(newer), 'user:asha': '{"id":"asha","card":1}' })
  t.match(kept.factors.get('asha'), { totp: { confirmed: true } }, 'what a newer release knows of is not lost')
  t.match(kept.users.get('asha'), { roles: [], disabled: { by: 'unreadable' } }, 'its id is taken')
  const seal = testSeal()
  const sealed = seal.seal('siri', 'asha')
  t.equal(seal.unseal(sealed, 'asha'), 'siri')
  t.equal(seal.unseal(sealed, 'juma'), null, 'a secret is not moved to somebody else')
  t.not(seal.seal('siri', 'asha'), sealed)
})

t.test('a password that somebody else has set opens nothing but its own end', async (t) => {
  const { administration, signIn, enrol, codeOf, clock } = await open(['operator'])
  await administration.addUser(
    { id: 'juma', name: 'Juma', roles: ['operator'], scope: null, password: PASSWORD },
    'asha',
  )
  t.match((await signIn('juma'))?.session, { lacks: 'password', inPerson: false })
  t.equal(
    await refused(administration.changePassword('juma', PASSWORD, PASSWORD, HERE)),
    'WEAK_PASSWORD',
    'the same again',
  )
  await administration.changePassword('juma', PASSWORD, 'barua nne za zamani', HERE)
  await administration.changeUser('juma', { password: PASSWORD }, 'asha')
  const { secret } = await enrol('juma')
  t.match((await signIn('juma'))?.session, { lacks: 'code' }, 'first that it is him')
  await clock.advance(STEP)
  t.match((await signIn('juma', codeOf(secret)))?.session, { lacks: 'password' }, 'then that nobody else is')
})

t.test('an account that cannot be read is nobody’s, and nothing is written over it', async (t) => {
  const store = memoryStore()
  await store.port.write(0, [['user:neema', '{"id":"neema","kind":"of a newer release"}']])
  const { administration, factors, signIn, add } = await open([], store)
  await add('asha', 'operator')
  const newer = JSON.stringify({ passkeys: [], card: { key: 'of a device yet to come' } })
  const created = { at: 5, by: 'unreadable' }
  const juma = { id: 'juma', name: 'Juma', roles: ['viewer'], scope: null, password: null, created, disabled: null }
  const written = [['factors:asha', newer] as const, ['user:juma', JSON.stringify(juma)] as const]
  await store.port.write(await store.port.version(), written)
  t.equal(await refused(factors.addTotp('asha')), 'FORBIDDEN')
  t.equal(await refused(add('neema', 'operator')), 'TAKEN')
  t.equal(await refused(administration.changeUser('neema', { disabled: false }, 'asha')), 'FORBIDDEN')
  t.equal(await signIn('neema'), null)
  t.match(store.text(), /of a newer release.*of a device yet to come/)
  t.equal(await refused(administration.changeUser('juma', { name: 'J' }, 'asha')), 'nothing', 'whoever has made him')
  t.equal(await refused(factors.reset('asha', 'cli')), 'nothing', 'but it is taken away on purpose')
})

t.test('the present password is guessed no faster where it is changed', async (t) => {
  const { administration, add, signIn } = await open()
  await add('asha', 'operator')
  const change = (present: string) => refused(administration.changePassword('asha', present, 'barua nne 61 za', HERE))
  for (let k = 0; k < 5; k++) t.equal(await change(`si hii ${k}`), 'FORBIDDEN')
  t.equal(await change(PASSWORD), 'RATE_LIMITED')
  t.equal(await refused(signIn('asha')), 'RATE_LIMITED', 'it is one count')
})

t.test('whoever signs in again and again signs out nobody else, and who waits for a code goes first', async (t) => {
  const { add, administration, authenticator, enrol, clock } = await open()
  for (const id of ['asha', 'juma', 'neema']) await add(id, 'operator')
  const begin = (user: string) => authenticator.begin({ user, via: 'password' }, HERE)
  const hers = await begin('asha')
  const first = await begin('juma')
  for (let k = 0; k < 25; k++) {
    await clock.advance(1_000)
    await begin('juma')
  }
  t.ok(authenticator.bySession(hers.secret))
  t.equal(authenticator.bySession(first.secret), null)
  t.equal(authenticator.logins().filter(({ user }) => user === 'juma').length, 20)
  await enrol('neema')
  const at = clock.wall()
  const whole = await authenticator.begin({ user: 'neema', via: 'password', factor: { kind: 'totp', at } }, HERE)
  await clock.advance(1_000)
  for (let k = 0; k < 25; k++) await begin('neema')
  t.ok(authenticator.bySession(whole.secret), 'whose password was guessed stays signed in')
  const wanted = { user: 'asha', name: 'x', roles: ['operator'] as const, scope: null }
  const expires = clock.wall() + 60 * 60_000
  const { secret: token } = await administration.addToken({ ...wanted, expires }, 'asha')
  for (let k = 0; k < 25; k++) await authenticator.signIn({ token }, HERE)
  t.ok(authenticator.bySession(hers.secret), 'and whose token is in other hands')
})

t.test('what guessers try first is no password, nor are names that people here know', async (t) => {
  const names = ['Wizara ya Afya', 'hosp-mnh-upanga', 'Asha Mrema', 'asha']
  const easy = [
    ...['password1234', 'P@ssw0rd!2026', 'qwertyuiop12', '123456789012', 'iloveyouiloveyou', 'manchester2024'],
    ...['WizaraYaAfya2026', 'wizara-ya-afya', 'hosp-mnh-upanga1', 'Asha.Mrema.61'],
  ]
  for (const password of easy) t.not(await commonFault(password, names), null, password)
  const hard = [
    'maji ya kunde 1961',
    'chungwa la tatu 61',
    'barua nne za zamani',
    'kwa Wizara ya Afya napenda',
    'tr8!kLm0pq-Zw',
  ]
  for (const password of hard) t.equal(await commonFault(password, names), null, password)
})
