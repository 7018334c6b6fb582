// Who may come in: what is kept gives nobody away, what ends has ended, and nobody is ever left without an
// administrator. Time stands still until a test moves it.

import { join } from 'node:path'
import t, { type Test } from 'tap'
import { openAccounts } from '../../src/accounts/accounts.js'
import type { TakenBack } from '../../src/accounts/ended.js'
import { Passwords } from '../../src/accounts/passwords.js'
import { digestOf, fieldOf, newSecret, readState } from '../../src/accounts/records.js'
import { SignInThrottle } from '../../src/accounts/throttle.js'
import type { Role } from '../../src/model/principal.js'
import { manualClock } from '../../src/runtime/clock.js'
import { CHEAP, memoryStore, testSeal } from './memory-store.js'

const HOUR = 3_600_000
const PASSWORD = 'maji ya kunde 1961'
const MACHINE = { roles: ['admin'] as const, scope: null, person: false, inPerson: false, via: 'cli' }
const ENV_TOKEN = 'an-admin-token-of-some-32-letters'
const HERE = '192.0.2.1'

async function open(store = memoryStore()) {
  const clock = manualClock()
  const accounts = await openAccounts({
    cost: CHEAP,
    seal: testSeal(),
    store: store.port,
    clock,
    adminToken: ENV_TOKEN,
  })
  return { ...accounts, store, clock }
}

const person = (id: string, ...roles: Role[]) => ({
  id,
  name: id,
  roles,
  scope: null,
  password: PASSWORD,
})

/** The code inside a refusal, or its own. */
async function refused(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'nothing'
  } catch (error) {
    const { code, faults = [] } = error as { code: string; faults?: { code: string }[] }
    return faults[0]?.code ?? code
  }
}

async function signedIn(t: Test, { authenticator }: Awaited<ReturnType<typeof open>>, user: string): Promise<string> {
  const begun = await authenticator.signIn({ user, password: PASSWORD }, HERE)
  t.ok(begun, `${user} signs in`)
  return begun?.secret ?? ''
}

t.test('a secret can be pasted: it is never taken for an option', async (t) => {
  const secrets = Array.from({ length: 2_000 }, newSecret)
  t.notOk(secrets.some((secret) => secret.startsWith('-')))
  t.equal(new Set(secrets).size, secrets.length)
})

t.test('the first link makes the first administrator, once', async (t) => {
  const accounts = await open()
  const { authenticator, secrets, administration, clock } = accounts
  t.notOk(administration.hasAdmin())
  const secret = secrets.firstSecret()
  t.equal(await authenticator.signIn({ secret: 'wrong', user: 'asha', password: PASSWORD }, HERE), null)
  const first = { secret, user: 'asha', password: PASSWORD }
  t.equal(await refused(authenticator.signIn({ ...first, password: 'short' }, HERE)), 'WEAK_PASSWORD')
  for (const user of ['cli', 'Asha Mrema', ''])
    t.match(await refused(authenticator.signIn({ ...first, user }, HERE)), /INVALID|RESERVED/)
  const both = await Promise.all([
    authenticator.signIn(first, HERE),
    authenticator.signIn({ ...first, user: 'juma' }, HERE),
  ])
  const [winner, ...more] = both.flatMap((begun) => begun?.session ?? [])
  t.match(winner, { roles: ['admin'], person: true, via: 'password' })
  t.strictSame(more, [], 'of two at one moment one wins')
  t.ok(administration.hasAdmin())
  await signedIn(t, accounts, winner?.actor ?? '')
  const late = secrets.firstSecret()
  await clock.advance(HOUR)
  t.equal(await authenticator.signIn({ secret: late }, HERE), null, 'an hour later the link is dead')
})

t.test('no account is called like an edge', async (t) => {
  const accounts = await openAccounts({
    cost: CHEAP,
    ...{ seal: testSeal(), store: memoryStore().port, clock: manualClock(), adminToken: null },
    isEdge: (id) => id === 'dar-1',
  })
  const { administration, authenticator, secrets } = accounts
  t.equal(await refused(administration.addUser(person('dar-1', 'operator'), 'x')), 'RESERVED')
  const first = { secret: secrets.firstSecret(), user: 'dar-1', password: PASSWORD }
  t.equal(await refused(authenticator.signIn(first, HERE)), 'RESERVED')
})

t.test('what the store keeps lets nobody in', async (t) => {
  const accounts = await open()
  const { authenticator, administration, store } = accounts
  await administration.addUser(person('asha', 'admin'), 'x')
  const cookie = await signedIn(t, accounts, 'asha')
  const given = { user: 'asha', name: 'script', roles: ['admin'] as const, scope: null }
  const { secret } = await administration.addToken({ ...given, expires: accounts.clock.wall() + HOUR }, 'asha')
  t.equal(authenticator.byToken(secret)?.actor, 'asha')
  for (const text of [cookie, secret, PASSWORD]) t.notOk(store.text().includes(text))
  t.match(administration.user('asha')?.password, /^scrypt\$1024\$8\$1\$[\w-]{22}\$[\w-]{43}$/)
  const again = await open(store)
  t.equal(again.authenticator.bySession(cookie)?.actor, 'asha', 'a restart signs nobody out')
  const unread = readState({ version: '3', 'user:x': '{"id":1}', 'user:y': '{' }).users
  for (const id of ['x', 'y'])
    t.match(unread.get(id), { roles: [], password: null, disabled: { by: 'unreadable' } }, id)
})

t.test('no name is given away: unknown, disabled, service and wrong password get one answer', async (t) => {
  const { authenticator, administration } = await open()
  await administration.addUser(person('asha', 'admin'), 'x')
  await administration.addUser(person('juma', 'operator'), 'x')
  await administration.addUser({ ...person('zabbix', 'monitor'), password: null }, 'x')
  await administration.changeUser('juma', { disabled: true }, 'asha')
  for (const user of ['asha', 'nobody', 'zabbix']) {
    t.equal(await authenticator.signIn({ user, password: `${PASSWORD}?` }, HERE), null, user)
  }
  t.equal(
    await authenticator.signIn({ user: 'juma', password: PASSWORD }, HERE),
    null,
    'disabled, with the right password',
  )
  const passwords = new Passwords()
  t.teardown(() => passwords.close())
  t.notOk(await passwords.matches('', null), 'no password is no password')
  t.ok(await passwords.matches(PASSWORD, administration.user('asha')?.password ?? null))
  t.match(await passwords.hash(PASSWORD), /^scrypt\$32768\$8\$1\$/, 'dear, unless a test says otherwise')
  const composed = await passwords.hash('nywil\u0061\u00e9 ndefu')
  t.ok(await passwords.matches('nywila\u0065\u0301 ndefu', composed), 'however é was typed')
})

t.test('guessing is slowed down by name and address, for names that exist and names that do not', async (t) => {
  const { authenticator, administration, clock } = await open()
  await administration.addUser(person('asha', 'admin'), 'x')
  for (const user of ['nobody', 'asha']) {
    const guess = () => authenticator.signIn({ user, password: 'a wrong one, surely' }, HERE)
    for (let i = 0; i < 5; i++) t.equal(await guess(), null)
    t.equal(await refused(guess()), 'RATE_LIMITED', user)
    await clock.advance(1_000)
    t.equal(await guess(), null, 'a second later one more guess')
    await clock.advance(1_000)
    t.equal(await refused(guess()), 'RATE_LIMITED', 'and the wait has doubled')
  }
  t.equal(await refused(authenticator.signIn({ user: 'asha', password: PASSWORD }, HERE)), 'RATE_LIMITED')
  t.ok(await authenticator.signIn({ user: 'asha', password: PASSWORD }, '192.0.2.2'), 'from elsewhere it is open')
  await clock.advance(HOUR)
  t.ok(await authenticator.signIn({ user: 'asha', password: PASSWORD }, HERE), 'and an hour forgives')
})

t.test('no administrator makes the second person up', async (t) => {
  const accounts = await open()
  const { authenticator, administration, clock } = accounts
  const OWN = 'chungwa la tatu 1961'
  const approves = async (user: string, password = OWN): Promise<boolean> => {
    const begun = await authenticator.signIn({ user, password }, HERE)
    return begun!.session.inPerson && begun!.session.roles.includes('approver')
  }
  await administration.addUser(person('asha', 'admin'), 'first-sign-in')
  for (const id of ['neema', 'zawadi']) await administration.addUser(person(id, 'operator', 'approver'), 'asha')
  t.notOk(await approves('neema', PASSWORD), 'with a password that asha has set')
  t.equal(await refused(administration.vouch('zawadi', 'neema')), 'PASSWORD')
  await administration.changePassword('neema', PASSWORD, OWN, HERE)
  t.notOk(await approves('neema'), 'the first approver there is may be made up as well')
  await administration.vouch('neema', 'cli')
  t.ok(await approves('neema'), 'for her the owner of the machine vouches')
  await administration.changePassword('zawadi', PASSWORD, OWN, HERE)
  t.notOk(await approves('zawadi'), 'the second has')
  t.equal(await refused(administration.vouch('zawadi', 'zawadi')), 'SELF_APPROVAL')
  t.equal(await refused(administration.vouch('asha', 'neema')), 'ROLE')
  await administration.vouch('zawadi', 'neema')
  t.ok(await approves('zawadi'))

  // What asha can do to get hold of an approval: reset, then choose; take the role away and give it; end the approvers.
  await administration.changeUser('neema', { password: PASSWORD }, 'asha')
  await administration.changePassword('neema', PASSWORD, OWN, HERE)
  t.notOk(await approves('neema'), 'after a reset by somebody else')
  await administration.changeUser('zawadi', { roles: ['operator'] }, 'asha')
  await administration.changeUser('zawadi', { roles: ['operator', 'approver'] }, 'asha')
  t.notOk(await approves('zawadi'), 'after the role was given anew')
  for (const id of ['neema', 'zawadi']) await administration.changeUser(id, { disabled: true }, 'asha')
  await administration.addUser(person('pili', 'approver'), 'asha')
  await administration.changePassword('pili', PASSWORD, OWN, HERE)
  t.notOk(await approves('pili'), 'nobody is the first a second time')
  await administration.changeUser('neema', { disabled: false }, 'asha')
  t.notOk(await approves('neema'))
  // As an administrator of their own account, by a token that somebody else has made: that is no person's own choice.
  await administration.vouch('pili', 'cli')
  await administration.changeUser('pili', { roles: ['approver', 'admin'] }, 'asha')
  await administration.changeUser('pili', { password: PASSWORD, roles: ['approver'] }, 'pili')
  t.notOk(await approves('pili', PASSWORD))
  const token = { user: 'pili', name: 'x', roles: ['approver'] as const, scope: null, expires: clock.wall() + HOUR }
  t.equal(await refused(administration.addToken(token, 'asha')), 'FORBIDDEN', 'nor by a token of somebody else')
  t.equal(await refused(administration.addToken(token, 'pili')), 'ROLE', 'nor by a token')
})

t.test('who administers becomes the second person neither by giving that up nor by a voucher of before', async (t) => {
  const { authenticator, administration } = await open()
  const rolesOf = async (user: string) =>
    (await authenticator.signIn({ user, password: PASSWORD }, HERE))!.session.roles.join()
  const own = { chosen: true }
  await administration.addUser({ ...person('pili', 'admin', 'approver'), ...own }, 'x')
  t.equal(await refused(administration.vouch('pili', 'cli')), 'ROLE')
  const pili = await authenticator.signIn({ user: 'pili', password: PASSWORD }, HERE)
  t.strictSame(pili?.session.unvouched, [], 'nor is a voucher what is lacking')
  await administration.addUser({ ...person('asha', 'admin', 'approver', 'break-glass'), ...own }, 'x')
  await administration.vouch('asha', 'cli')
  t.equal(await rolesOf('asha'), 'admin,approver,break-glass', 'to break glass is not to approve')
  await administration.changeUser('asha', { roles: ['approver', 'break-glass'] }, 'asha')
  t.equal(await rolesOf('asha'), '', 'nothing of that time is left')
  await administration.vouch('asha', 'cli')
  t.equal(await rolesOf('asha'), 'approver,break-glass')
  for (const roles of [['approver', 'admin'], ['approver']] as const)
    await administration.changeUser('asha', { roles }, 'pili')
  t.equal(await rolesOf('asha'), '')
})

t.test('what was shown is held against what is known where it is written, at whichever controller', async (t) => {
  const store = memoryStore()
  const [one, two] = [await open(store), await open(store)]
  const [OWN, GIVEN] = ['chungwa la tatu 1961', 'barua nne za zamani']
  await one.administration.addUser({ ...person('juma', 'operator'), chosen: true }, 'x')
  await two.refresh()
  // Whoever knows the old password, at the controller that has not heard of the reset yet.
  await one.administration.changeUser('juma', { password: GIVEN }, 'asha')
  t.equal(await refused(two.administration.changePassword('juma', PASSWORD, OWN, HERE)), 'FORBIDDEN')
  t.match(one.administration.user('juma'), { chosen: false }, 'the reset stays')
  await one.administration.changeUser('juma', { password: `${GIVEN} 2` }, 'asha')
  t.equal(await refused(two.authenticator.signIn({ user: 'juma', password: GIVEN }, HERE)), 'UNAUTHENTICATED')
  await one.refresh()
  t.strictSame(one.authenticator.logins(), [])
  t.ok(await two.authenticator.signIn({ user: 'juma', password: `${GIVEN} 2` }, HERE), 'by then it has heard')
})

t.test('an account and a password are not named like the machine and what people here know', async (t) => {
  const { administration, authenticator, secrets } = await openAccounts({
    cost: CHEAP,
    ...{ seal: testSeal(), store: memoryStore().port, clock: manualClock(), adminToken: null },
    names: () => ['Muhimbili National Hospital'],
  })
  const first = { secret: secrets.firstSecret(), user: 'asha', password: 'MuhimbiliNationalHospital1' }
  t.equal(await refused(authenticator.signIn(first, HERE)), 'WEAK_PASSWORD', 'the first one either')
  for (const id of ['unreadable', 'restore', 'first', 'oidc', 'ldap'])
    t.equal(await refused(administration.addUser(person(id, 'operator'), 'x')), 'RESERVED', id)
})

t.test(
  'the use of the emergency account is signed by who has not sealed it since, whatever the clocks say',
  async (t) => {
    const { emergency, authenticator, clock, store } = await open()
    const password = await emergency.seal('asha', false)
    const behind = await open(store)
    await clock.advance(HOUR)
    t.ok(await authenticator.signIn({ user: 'emergency', password }, HERE))
    await behind.refresh()
    t.equal(await refused(behind.emergency.sign('neema')), 'BAD_REQUEST', 'its password was used, and is still that')
    for (const by of ['pili', 'asha']) await behind.emergency.seal(by, false)
    for (const by of ['pili', 'asha']) t.equal(await refused(behind.emergency.sign(by)), 'SELF_APPROVAL', by)
    t.equal(await refused(behind.emergency.sign('neema')), 'nothing')
    t.equal(behind.emergency.used(), null)
  },
)

t.test('of an account at which somebody guesses it is said, and of no other name', async (t) => {
  const { administration, factors, guessedAt, clock } = await open()
  await administration.addUser(person('asha', 'operator'), 'x')
  for (let k = 0; k < 50; k++) {
    t.strictSame(guessedAt(), [])
    for (const name of ['asha', 'a password']) t.equal(await factors.check(name, '000000', `198.51.100.${k}`), null)
  }
  t.strictSame(guessedAt(), ['asha'])
  await clock.advance(HOUR + 1)
  t.strictSame(guessedAt(), [], 'left alone for an hour')
})

t.test('a store that comes back from before gives back no role, no voucher and no unread factor', async (t) => {
  const file = join(t.testdir(), 'ended-access.json')
  const taken: TakenBack[] = []
  const start = (store: ReturnType<typeof memoryStore>) =>
    openAccounts({
      cost: CHEAP,
      ...{ seal: testSeal(), store: store.port, clock: manualClock(), adminToken: null },
      ended: { file, plane: 'taifa' },
      onTakenBack: (back) => taken.push(back),
    })
  const store = memoryStore()
  const { administration, refresh } = await start(store)
  for (const id of ['neema', 'zawadi', 'constructor'])
    await administration.addUser({ ...person(id, 'operator', 'approver'), chosen: true }, 'x')
  for (const id of ['neema', 'zawadi']) await administration.vouch(id, 'cli')
  const newer = JSON.stringify({ passkeys: [], card: { key: 'x' } })
  await store.port.write(await store.port.version(), [['factors:zawadi', newer]])
  await refresh()
  const { version: _, ...before } = await store.port.read()
  await administration.changeUser('neema', { roles: ['approver'] }, 'asha')
  await administration.changeUser('zawadi', { password: 'barua nne za zamani' }, 'asha')
  await refresh()

  const older = memoryStore()
  await older.port.write(0, Object.entries(before))
  const again = await start(older)
  t.match(taken, [{ accounts: [], factors: [], rights: ['neema', 'zawadi'] }])
  t.match(again.administration.user('neema'), { roles: ['approver'], vouched: { lapsed: false } })
  t.match(again.administration.user('zawadi'), { roles: ['operator', 'approver'], vouched: { lapsed: true } })
  t.match(again.administration.user('constructor'), { roles: ['operator', 'approver'], vouched: null })
  t.match(older.text(), /card/, 'what only a newer release can read stays as it is')
})

/** As many as are let through of these, one after the other. */
function letThrough(throttle: SignInThrottle, name: string, places: readonly string[]): number {
  return places.filter((place) => {
    try {
      throttle.take(name, place)
      return true
    } catch {
      return false
    }
  }).length
}

t.test('whoever guesses from many places is locked out, and the owner is not', async (t) => {
  const clock = manualClock()
  const throttle = new SignInThrottle(clock)
  const isOpen = (place: string): boolean => {
    try {
      throttle.take('asha', place).takeBack()
      return true
    } catch {
      return false
    }
  }
  throttle.take('asha', HERE).right()
  for (let k = 0; k < 48; k++) t.equal(letThrough(throttle, 'asha', [`198.51.100.${k % 12}`]), 1)
  throttle.take('asha', '198.51.100.1').takeBack()
  t.ok(isOpen('198.51.100.1'), 'what was not looked at is no guess')
  letThrough(throttle, 'asha', ['198.51.100.0', '198.51.100.1'])
  await clock.advance(60_000)
  for (let k = 0; k < 12; k++) t.notOk(isOpen(`198.51.100.${k}`))
  t.ok(isOpen(HERE), 'where she has been before')
  t.ok(isOpen('203.0.113.9'), 'and where she has never been')
  // A name that everybody knows, with a password that nobody guesses, is shut to nobody by a crowd.
  for (let k = 0; k < 60; k++) throttle.take('emergency', `198.51.100.${k}`, true)
  throttle.take('emergency', HERE, true)
  t.doesNotThrow(() => throttle.take('emergency', HERE, true).takeBack())
  t.throws(() => throttle.take('emergency', HERE), { code: 'RATE_LIMITED' }, 'unlike any other')
  // One machine has a /64, one customer a /48: it is one place.
  throttle.take('asha', '2001:db8:1:2::1')
  for (const last of [':2', ':ffff', '1:2:3:4']) t.notOk(isOpen(`2001:db8:1:2:${last}`))
  t.notOk(isOpen('2001:db8:1:3::1'))
  t.ok(isOpen('2001:db8:2:3::1'), 'another network has its one guess')
  t.notOk(isOpen('::ffff:198.51.100.1'), 'an address of version 4 stays itself')
  // A name that is typed so as to look like hers at her place is another one.
  for (const name of [`asha ${HERE}`, JSON.stringify(['asha', HERE])]) letThrough(throttle, name, Array(9).fill(HERE))
  t.ok(isOpen(HERE))
  await clock.advance(HOUR)
  t.ok(isOpen('198.51.100.1'), 'an hour forgives')
})

t.test('of a million codes strangers try fifty, from however many places', async (t) => {
  const clock = manualClock()
  const throttle = new SignInThrottle(clock, 'codes')
  throttle.take('asha', HERE).right()
  const everywhere = Array.from({ length: 12_000 }, (_, k) => `10.${k >> 16}.${(k >> 8) & 255}.${k & 255}`)
  t.equal(letThrough(throttle, 'asha', everywhere), 50)
  t.equal(letThrough(throttle, 'asha', everywhere.slice(0, 60)), 0, 'nor the first ones again')
  await clock.advance(24 * HOUR)
  t.equal(letThrough(throttle, 'asha', everywhere.slice(0, 60)), 0, 'nor a day later')
  t.equal(letThrough(throttle, 'asha', Array(9).fill(HERE)), 5, 'where she has been before she types on')
})

t.test('sessions are listed and ended one by one; those of the machine end with its secrets', async (t) => {
  const store = memoryStore()
  const accounts = await open(store)
  const { authenticator, administration, secrets, clock } = accounts
  for (const user of ['asha', 'juma']) await administration.addUser(person(user, 'admin'), 'x')
  const [first, , other] = [
    await signedIn(t, accounts, 'asha'),
    await signedIn(t, accounts, 'asha'),
    await signedIn(t, accounts, 'juma'),
  ]
  await clock.advance(HOUR / 4)
  const renewed = (await authenticator.renew(first))!.secret
  const logins = authenticator.logins()
  t.strictSame(logins.map(({ user }) => user).sort(), ['asha', 'asha', 'juma'], 'a renewed one is one')
  t.match(
    logins.find(({ id }) => id === authenticator.bySession(renewed)!.login),
    { address: HERE, via: 'password' },
  )
  await authenticator.end(authenticator.bySession(renewed)!.login)
  t.equal(authenticator.bySession(first), null)
  t.equal(authenticator.bySession(renewed), null)
  t.equal(authenticator.logins().length, 2)
  t.ok(authenticator.bySession(other))

  const cli = await authenticator.signIn({ token: secrets.issue({ ...MACHINE, actor: 'cli' }) }, HERE)
  const link = await authenticator.signIn({ secret: secrets.firstSecret() }, HERE)
  const env = await authenticator.signIn({ token: ENV_TOKEN }, HERE)
  const machines = [cli, link, env].map((begun) => begun!.secret)
  for (const cookie of machines) t.equal(authenticator.bySession(cookie)?.roles.join(), 'admin')
  const again = await open(store)
  t.strictSame(
    machines.map((cookie) => again.authenticator.bySession(cookie)?.actor ?? null),
    [null, null, 'env-admin'],
    'after a restart those of the token and the link are nobody',
  )
})

t.test('a session is renewed while it is used, ends when idle, and ends after a working day', async (t) => {
  const accounts = await open()
  const { authenticator, administration, clock, store } = accounts
  await administration.addUser(person('asha', 'admin'), 'x')
  let cookie = await signedIn(t, accounts, 'asha')
  t.equal(await authenticator.renew(cookie), null, 'not yet due')
  await clock.advance(HOUR / 4)
  const [one, two] = await Promise.all([authenticator.renew(cookie), authenticator.renew(cookie)])
  t.notOk(one !== null && two !== null, 'two requests at once make one successor')
  t.ok(authenticator.bySession(cookie), 'requests under way still carry the old cookie')
  await clock.advance(60_000)
  t.equal(authenticator.bySession(cookie), null, 'for a minute')
  cookie = (one ?? two)?.secret ?? ''
  t.ok(authenticator.bySession(cookie))

  await clock.advance(2 * HOUR)
  t.equal(authenticator.bySession(cookie), null, 'idle')

  cookie = await signedIn(t, accounts, 'asha')
  for (let hours = 0; hours < 12; hours++) {
    t.ok(authenticator.bySession(cookie), `in use after ${hours} h`)
    await clock.advance(HOUR)
    cookie = (await authenticator.renew(cookie))?.secret ?? cookie
  }
  t.equal(authenticator.bySession(cookie), null, 'a working day')

  cookie = await signedIn(t, accounts, 'asha')
  await clock.advance(HOUR)
  store.away = true
  await t.rejects(authenticator.renew(cookie))
  t.ok(authenticator.bySession(cookie), 'a store that is away lets in whoever was in')
  store.away = false
  const next = (await authenticator.renew(cookie))?.secret ?? ''
  await authenticator.signOut(next)
  t.strictSame(
    [authenticator.bySession(cookie), authenticator.bySession(next)],
    [null, null],
    'signing out ends the predecessors too',
  )
})

t.test('sessions are bounded: the oldest ends when one too many begins', async (t) => {
  const { authenticator } = await open()
  const first = (await authenticator.signIn({ token: ENV_TOKEN }, HERE))?.secret ?? ''
  t.match(authenticator.bySession(first), { actor: 'env-admin', person: false })
  let last = ''
  for (let i = 0; i < 1_000; i++) last = (await authenticator.signIn({ token: ENV_TOKEN }, HERE))?.secret ?? ''
  t.notOk(authenticator.bySession(first))
  t.ok(authenticator.bySession(last))
})

t.test('a token does what its account may do now, within its own limits', async (t) => {
  const { authenticator, administration, clock } = await open()
  await administration.addUser(person('asha', 'operator', 'approver'), 'x')
  const expires = clock.wall() + HOUR
  const wanted = { user: 'asha', name: 'script', roles: ['operator'] as const, scope: null, expires }
  t.equal(await refused(administration.addToken({ ...wanted, roles: ['admin'] }, 'asha')), 'ROLE')
  t.equal(await refused(administration.addToken({ ...wanted, user: 'nobody' }, 'asha')), 'NOT_FOUND')
  await administration.addUser(person('msimamizi', 'admin'), 'x')
  const priced = { ...wanted, user: 'msimamizi', roles: ['admin', 'finance'] as const }
  t.equal(await refused(administration.addToken(priced, 'msimamizi')), 'ROLE', 'an administrator sees no price by it')
  await administration.changeUser('msimamizi', { roles: ['admin', 'finance'] }, 'x')
  const granted = await administration.addToken(priced, 'msimamizi')
  await administration.changeUser('msimamizi', { roles: ['admin'] }, 'x')
  t.strictSame(authenticator.byToken(granted.secret)?.roles, ['admin'], 'nor by one from before')
  t.equal(await refused(administration.addToken({ ...wanted, expires: clock.wall() }, 'asha')), 'INVALID')
  t.equal(await refused(administration.addToken({ ...wanted, expires: expires + 400 * 24 * HOUR }, 'asha')), 'INVALID')
  const { secret, token } = await administration.addToken(wanted, 'asha')
  t.match(authenticator.byToken(secret), { actor: 'asha', roles: ['operator'], via: `token ${token.id}` })
  const session = (await authenticator.signIn({ token: secret }, HERE))?.secret ?? ''
  t.strictSame(authenticator.bySession(session)?.roles, ['operator'], 'a session of a token is no more than the token')

  await administration.changeUser('asha', { scope: { regions: ['mbeya'] } }, 'x')
  t.strictSame(authenticator.byToken(secret)?.scope, { regions: ['mbeya'] }, 'the scope of the account counts')
  await administration.changeUser('asha', { roles: ['viewer'] }, 'x')
  t.strictSame(authenticator.byToken(secret)?.roles, [], 'a role that was taken away is gone from its tokens')
  t.strictSame(authenticator.bySession(session)?.roles, [])
  await clock.advance(HOUR)
  t.strictSame([authenticator.byToken(secret), authenticator.bySession(session)], [null, null], 'it expires')

  const next = await administration.addToken({ ...wanted, roles: ['viewer'], expires: clock.wall() + HOUR }, 'asha')
  await administration.removeToken(next.token.id)
  t.equal(authenticator.byToken(next.secret), null, 'or is removed')
  t.equal(await refused(administration.removeToken(next.token.id)), 'NOT_FOUND')
})

t.test('what an earlier release let others make of a person, or a service hold, is nothing', async (t) => {
  const accounts = await open()
  const { administration, clock, store } = accounts
  await administration.addUser(person('fedha', 'finance'), 'x')
  const wanted = { user: 'fedha', name: 'x', roles: ['finance'] as const, scope: null, expires: clock.wall() + HOUR }
  t.equal(await refused(administration.addToken(wanted, 'asha')), 'FORBIDDEN')
  const { secret, token } = await administration.addToken(wanted, 'fedha')
  t.match(accounts.authenticator.byToken(secret), { roles: ['finance'] })
  const write = async (field: string, value: object) =>
    store.port.write(await store.port.version(), [[field, JSON.stringify(value)]])
  await write(fieldOf.token(digestOf(secret)), { ...token, created: { ...token.created, by: 'asha' } })
  t.equal((await open(store)).authenticator.byToken(secret), null)

  const service = await administration.addUser({ ...person('roboti', 'viewer'), password: null }, 'x')
  const held = await administration.addToken({ ...wanted, user: 'roboti', roles: ['viewer'] }, 'asha')
  await write(fieldOf.user('roboti'), { ...service, roles: ['viewer', 'finance'] })
  await write(fieldOf.token(digestOf(held.secret)), { ...held.token, roles: ['viewer', 'finance'] })
  const later = await open(store)
  t.match(later.authenticator.byToken(held.secret)?.roles, ['viewer'])
  await later.administration.changeUser('roboti', { disabled: true }, 'asha')
  t.equal(later.authenticator.byToken(held.secret), null, 'and it can be disabled as it is')
})

t.test('disabling ends sessions and tokens and lists what there was; a new password ends sessions', async (t) => {
  const accounts = await open()
  const { authenticator, administration, clock } = accounts
  await administration.addUser(person('asha', 'admin'), 'x')
  await administration.addUser(person('juma', 'operator'), 'asha')
  t.equal(await refused(administration.addUser(person('juma', 'operator'), 'asha')), 'TAKEN')
  const cookie = await signedIn(t, accounts, 'juma')
  const ended = await administration.changeUser('juma', { password: `${PASSWORD} mpya` }, 'asha')
  t.equal(ended.left.sessions, 1)
  t.equal(authenticator.bySession(cookie), null)
  t.equal(await refused(administration.changePassword('juma', 'not the present one', PASSWORD, HERE)), 'FORBIDDEN')
  await administration.changePassword('juma', `${PASSWORD} mpya`, PASSWORD, HERE)

  await signedIn(t, accounts, 'juma')
  const wanted = { user: 'juma', name: 'script', roles: ['operator'] as const, scope: null }
  const { secret, token } = await administration.addToken({ ...wanted, expires: clock.wall() + HOUR }, 'juma')
  const { user, left } = await administration.changeUser('juma', { disabled: true }, 'asha')
  t.strictSame(left, { sessions: 1, tokens: [{ id: token.id, name: 'script' }] })
  t.match(user.disabled, { by: 'asha' })
  t.equal(authenticator.byToken(secret), null)
  await administration.changeUser('juma', { disabled: false }, 'asha')
  t.equal(authenticator.byToken(secret), null, 'what was ended stays ended')
  await signedIn(t, accounts, 'juma')
})

t.test('the last administrator stays, also when two disable each other at one moment', async (t) => {
  const store = memoryStore()
  const [one, two] = [await open(store), await open(store)]
  await one.administration.addUser(person('asha', 'admin'), 'x')
  for (const change of [{ disabled: true }, { roles: ['viewer'] as const }, { scope: { regions: ['mbeya'] } }]) {
    t.equal(await refused(one.administration.changeUser('asha', change, 'asha')), 'LAST_ADMIN')
  }
  await one.administration.addUser({ ...person('robot', 'admin'), password: null }, 'asha')
  t.equal(
    await refused(one.administration.changeUser('asha', { disabled: true }, 'x')),
    'LAST_ADMIN',
    'a service cannot',
  )
  await one.administration.addUser(person('juma', 'admin'), 'asha')
  await two.refresh()
  const verdicts = await Promise.all([
    refused(one.administration.changeUser('juma', { disabled: true }, 'asha')),
    refused(two.administration.changeUser('asha', { disabled: true }, 'juma')),
  ])
  t.strictSame(verdicts.sort(), ['LAST_ADMIN', 'nothing'])
  await one.refresh()
  t.ok(one.administration.hasAdmin())
})

t.test('a verified identity becomes a session that says when the second factor was given', async (t) => {
  const { authenticator, administration, clock, store } = await open()
  await administration.addUser(person('asha', 'admin'), 'x')
  const federated = { ...person('neema', 'operator', 'approver'), password: null, source: 'oidc' as const }
  t.match(await administration.addUser(federated, 'provider'), { source: 'oidc', password: null })
  const before = clock.wall()
  await clock.advance(HOUR)
  const factor = { kind: 'provider' as const, at: before }
  const { secret, session } = await authenticator.begin({ user: 'neema', via: 'oidc', factor }, HERE)
  t.match(session, { actor: 'neema', via: 'oidc', person: true, inPerson: true, proved: before, begun: clock.wall() })
  t.match(await authenticator.renew(secret), null, 'kept as it is')
  const future = { kind: 'provider' as const, at: clock.wall() + HOUR }
  const early = await authenticator.begin({ user: 'neema', via: 'oidc', factor: future }, HERE)
  t.equal(early.session.proved, clock.wall(), 'a provider’s clock that is ahead proves nothing beforehand')
  const bare = await authenticator.begin({ user: 'neema', via: 'ldap' }, HERE)
  t.match(bare.session, { inPerson: false, proved: clock.wall() }, 'a provider’s word alone is not enough')
  t.equal(await refused(authenticator.begin({ user: 'nobody', via: 'oidc' }, HERE)), 'UNAUTHENTICATED')
  t.equal(await authenticator.signIn({ user: 'neema', password: PASSWORD }, HERE), null, 'there is no password here')
  t.equal(await refused(administration.changeUser('neema', { password: PASSWORD }, 'asha')), 'SOURCE')
  t.equal((await open(store)).authenticator.bySession(secret)?.proved, before, 'and a restart forgets nothing')
  const old = { login: 'a', of: { kind: 'user', user: 'juma' }, begun: 1, renewed: 1, ends: null }
  const state = readState({ 'session:x': JSON.stringify(old) })
  t.match(state.sessions.get('x'), { of: { via: 'password' } }, 'of a release before')
})
