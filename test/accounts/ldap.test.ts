// People whom a directory signs in: a real slapd, bound to as whoever types a name. What is their own here (ids,
// passwords, being disabled) stays ours; what they may do is what their groups say at each sign-in.

import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { TOTP } from 'otpauth'
import t, { type Test } from 'tap'
import { openAccounts } from '../../src/accounts/accounts.js'
import { NOBODY_ELSE } from '../../src/accounts/federated/federated.js'
import { accountIdOf, rightsOf } from '../../src/accounts/federated/introduced.js'
import { Directory } from '../../src/accounts/federated/ldap.js'
import { providers } from '../../src/process/doctor-providers.js'
import { manualClock } from '../../src/runtime/clock.js'
import { loadSettings } from '../../src/runtime/config.js'
import { type LdapSettings, ldapSettings } from '../../src/runtime/identity-settings.js'
import { createLogger } from '../../src/runtime/log.js'
import { until } from '../harness/until.js'
import { CHEAP, memoryStore, testSeal } from './memory-store.js'
import {
  BASE,
  DIRECTORY_SECRET,
  directorySettings,
  PEOPLE,
  passwordOf,
  type Slapd,
  slapdIsMissing,
  startSlapd,
} from './slapd.js'

const HERE = '192.0.2.1'
const OURS = 'maji ya kunde 1961'
const log = createLogger('test', 'silent')
const clock = manualClock({ wall: Date.now() })
const directory = (settings: LdapSettings, password: string | null = DIRECTORY_SECRET) =>
  new Directory({ settings, password, clock, log })

async function open(settings: LdapSettings) {
  const taken: string[] = []
  const accounts = await openAccounts({
    cost: CHEAP,
    ...{ store: memoryStore().port, seal: testSeal(), clock, adminToken: null },
    federated: {
      ...{ ...NOBODY_ELSE, directory: directory(settings) },
      onTaken: (before, { id, roles }) => taken.push(`${before === null ? 'new' : 'changed'} ${id} ${roles.join(' ')}`),
    },
  })
  const { authenticator, administration } = accounts
  const addAdmin = () =>
    administration.addUser({ id: 'mkuu', name: 'Mkuu', roles: ['admin'], scope: null, password: OURS }, 'cli')
  const signIn = (user: string, password = passwordOf(user)) => authenticator.signIn({ user, password }, HERE)
  return { ...accounts, clock, taken, signIn, addAdmin }
}

/** The code of a refusal, and its words. */
async function refusal(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'nothing'
  } catch (error) {
    const { code, message, faults = [] } = error as { code: string; message: string; faults?: { code: string }[] }
    return `${faults[0]?.code ?? code} ${message}`
  }
}

t.test('a directory', { skip: slapdIsMissing }, async (t: Test) => {
  const slapd: Slapd = await startSlapd(t)
  await slapd.group('network operators', 'asha', 'neema')
  await slapd.group('auditors', 'asha')
  const settings = directorySettings(slapd.plain)

  t.test('lets in who can bind, as their groups say, and nobody else', async (t) => {
    const { signIn, authenticator, administration, taken } = await open(settings)
    const begun = await signIn('asha')
    t.match(begun?.session, { actor: 'asha', roles: ['operator', 'auditor'], via: 'ldap', person: true })
    t.notOk(begun?.session.inPerson, 'a password that the directory can set is not in person: a second factor is')
    t.match(administration.user('asha'), {
      name: 'Asha Mrema',
      source: 'ldap',
      password: null,
      created: { by: 'ldap' },
    })
    t.equal(await signIn('asha', 'samaki wakavu'), null)
    t.equal(await signIn('nobody', 'samaki wabichi'), null)
    await signIn(' ASHA ', passwordOf('asha'))
    t.strictSame(taken, ['new asha operator auditor'], 'however the name is typed it is one person')

    const at = slapd.binds().length
    t.equal(await authenticator.signIn({ user: 'asha', password: '' }, HERE), null)
    t.equal(await directory(settings).signIn('asha', ''), null)
    for (const name of ['*', 'asha)(uid=*', 'asha\0'])
      t.equal(await authenticator.signIn({ user: name, password: passwordOf('asha') }, HERE), null)
    t.equal(slapd.binds().length, at, 'none of these was asked of the directory')
  })

  t.test('has names that filters are made of', async (t) => {
    const { signIn } = await open(settings)
    t.match((await signIn('neema'))?.session, { actor: 'neema', roles: ['operator'] })
  })

  t.test('is asked for the groups at each sign-in, and who has lost them may do nothing at once', async (t) => {
    const { signIn, authenticator, administration, clock, taken } = await open(settings)
    const begun = await signIn('asha')
    const token = { user: 'asha', name: 'script', roles: ['operator'] as const, scope: null }
    const DAY = 86_400_000
    t.match(await refusal(administration.addToken({ ...token, expires: clock.wall() + 31 * DAY }, 'asha')), /30 days/)
    const { secret } = await administration.addToken({ ...token, expires: clock.wall() + DAY }, 'asha')
    await slapd.group('network operators', 'neema')
    await slapd.group('auditors', 'asha', 'juma')
    t.match((await signIn('asha'))?.session, { roles: ['auditor'] })
    await slapd.group('auditors', 'juma')
    t.match(await refusal(signIn('asha')), /FORBIDDEN asha is in no group/)
    t.match(await refusal(signIn('asha')), /FORBIDDEN/, 'and no guess is counted')
    t.strictSame(authenticator.bySession(begun?.secret ?? '')?.roles, [], 'the session that goes on')
    t.strictSame(authenticator.byToken(secret)?.roles, [], 'the token')
    t.strictSame(taken, ['new asha operator auditor', 'changed asha auditor', 'changed asha '])
    await slapd.group('auditors')
    await slapd.group('network operators', 'asha', 'neema')
    t.match((await signIn('asha'))?.session, { roles: ['operator'] })
    t.match(await refusal(signIn('juma')), /FORBIDDEN juma/)
    t.equal(administration.user('juma'), null, 'who may do nothing gets no account')
  })

  t.test('never hears the password of an account of our own, nor gives its id away', async (t) => {
    const { signIn, administration } = await open(settings)
    const own = { id: 'asha', name: 'Another Asha', roles: ['viewer'] as const, scope: null, password: OURS }
    await administration.addUser(own, 'mkuu')
    const at = slapd.binds().length
    for (const name of ['asha', 'Asha', ' ASHA']) t.equal(await signIn(name, passwordOf('asha')), null)
    t.match((await signIn('asha', OURS))?.session, { roles: ['viewer'], via: 'password' })
    t.equal(slapd.binds().length, at)
    // What is typed finds one account, what the entry says is another's.
    const byMail = await open(directorySettings(slapd.plain, { id: 'cn', filter: '(sn={})' }))
    await byMail.administration.addUser({ ...own, id: 'asha-mrema', password: null }, 'mkuu')
    t.match(await refusal(byMail.signIn('asha')), /FORBIDDEN The id asha-mrema is taken/)
  })

  t.test('does not undo what is decided here', async (t) => {
    const { signIn, administration, authenticator, addAdmin } = await open(settings)
    await addAdmin()
    const begun = await signIn('asha')
    for (const change of [{ password: OURS }, { roles: ['admin'] as const }, { name: 'x' }])
      t.match(await refusal(administration.changeUser('asha', change, 'mkuu')), /SOURCE/)
    t.match(await refusal(administration.changePassword('asha', OURS, OURS, HERE)), /FORBIDDEN/)
    await administration.changeUser('asha', { disabled: true }, 'mkuu')
    t.equal(authenticator.bySession(begun?.secret ?? ''), null)
    t.match(await refusal(signIn('asha')), /FORBIDDEN The account asha is disabled/)
    t.match(await refusal(administration.changeUser('mkuu', { roles: ['viewer'] }, 'cli')), /LAST_ADMIN/)
  })

  t.test('signs in approvers, whom another one vouches for, by a second factor of ours', async (t) => {
    const { signIn, administration, authenticator, factors, clock } = await open(settings)
    await slapd.group('approvers', 'asha')
    t.notOk((await signIn('asha'))?.session.roles.includes('approver'), 'nobody has vouched')
    t.match(
      await refusal(administration.vouch('asha', 'mkuu')),
      /no second factor, and whoever administers ldap can set/,
    )
    const { secret } = await factors.addTotp('asha')
    const code = new TOTP({ secret }).generate({ timestamp: clock.wall() })
    const { factor } = (await factors.confirmTotp('asha', code, { login: null, address: HERE }))!
    await administration.vouch('asha', 'mkuu')
    t.match((await signIn('asha'))?.session, { roles: ['operator', 'approver'], inPerson: false })
    t.match((await authenticator.begin({ user: 'asha', via: 'ldap', factor }, HERE)).session, { inPerson: true })
    await slapd.group('approvers')
    await signIn('asha')
    await slapd.group('approvers', 'asha')
    t.notOk((await signIn('asha'))?.session.roles.includes('approver'), 'given anew: vouched for anew')
    await slapd.group('approvers')
  })

  t.test('is not asked for guesses without end', async (t) => {
    const { signIn } = await open(settings)
    for (const name of ['asha', 'Asha', 'aSha', 'asHa', 'ashA']) t.equal(await signIn(name, 'wrong'), null)
    const at = slapd.binds().length
    t.match(await refusal(signIn('ASHA', passwordOf('asha'))), /RATE_LIMITED/)
    t.equal(slapd.binds().length, at)
  })

  t.test('may say its groups and names in other ways', async (t) => {
    const byAttribute = {
      groups: { attribute: 'memberof' },
      roles: [{ group: `CN=Network Operators, OU=Groups,${BASE}`, roles: ['operator'], scope: { regions: ['mbeya'] } }],
    }
    t.match((await (await open(directorySettings(slapd.plain, byAttribute))).signIn('asha'))?.session, {
      ...{ roles: ['operator'], scope: { regions: ['mbeya'] } },
    })
    const byDn = directorySettings(slapd.plain, { bind: null, dn: `uid={},${PEOPLE}` })
    const { signIn } = await open(byDn)
    t.match((await signIn('asha'))?.session, { actor: 'asha', roles: ['operator'] })
    t.equal(await signIn('asha', 'wrong'), null)
    t.equal(await signIn('nobody', 'wrong'), null)
  })

  t.test('knows a group by its DN, or by a name that nobody has given further down', async (t) => {
    const byDn = { roles: [{ group: `cn=network operators,ou=groups,${BASE}`, roles: ['operator'] }] }
    const whole = directorySettings(slapd.plain, { groups: { base: BASE }, ...byDn })
    t.match((await (await open(whole)).signIn('asha'))?.session, { roles: ['operator'] })
    const bare = { groups: { base: `ou=groups,${BASE}` }, roles: [{ group: 'Network Operators', roles: ['operator'] }] }
    const noName = await open(directorySettings(slapd.plain, bare))
    t.match(await refusal(noName.signIn('asha')), /FORBIDDEN/, 'a name alone says nothing, where no setting says so')
    const named = { groups: { base: BASE, name: 'cn' }, roles: bare.roles }
    const below = await open(directorySettings(slapd.plain, named))
    t.match(await refusal(below.signIn('asha')), /FORBIDDEN/, 'of a branch below whoever keeps it gives the names')
  })

  t.test('that does not answer keeps nobody else out', async (t) => {
    const away = await open(directorySettings('ldap://127.0.0.1:1'))
    await away.addAdmin()
    t.match(await refusal(away.signIn('asha')), /PROVIDER_UNAVAILABLE The directory ldap:.* ECONNREFUSED/)
    t.match((await away.signIn('mkuu', OURS))?.session, { roles: ['admin'] })
    const stranger = directory(settings, 'another secret').signIn('asha', passwordOf('asha'))
    t.match(await refusal(stranger), /PROVIDER_UNAVAILABLE .* does not let us search/)
    const { oidc, http } = loadSettings({ env: {} })
    const doctor = async (ldap: LdapSettings, secret: string | null = DIRECTORY_SECRET) =>
      (await providers({ oidc, http, ldap, providerSecrets: { oidc: null, ldap: secret } }))[0]
    t.match(await doctor(settings), { verdict: 'good', found: /lets us search ou=people/ })
    t.match(await doctor(directorySettings(slapd.plain, { people: `ou=staff,${BASE}` })), { verdict: 'bad' })
    t.match(await doctor(settings, null), { verdict: 'bad', found: /does not let us search/ })
    t.match(await doctor(directorySettings(slapd.tls)), { verdict: 'bad', found: /certificate|self-signed/ })
    const byDn = { bind: null, dn: `uid={},${PEOPLE}` }
    t.match(await doctor(directorySettings(slapd.plain, byDn)), { verdict: 'good', found: /bind as themselves/ })
    t.match(await doctor(directorySettings('ldap://127.0.0.1:1', byDn)), { verdict: 'bad', found: /ECONNREFUSED/ })
    await slapd.end()
    t.match(await refusal(directory(settings).signIn('asha', passwordOf('asha'))), /PROVIDER_UNAVAILABLE/)
  })
})

t.test('a directory that takes nothing without TLS', { skip: slapdIsMissing }, async (t) => {
  const slapd = await startSlapd(t, true)
  const signIn = (settings: LdapSettings) => directory(settings).signIn('asha', passwordOf('asha'))
  t.match(await refusal(signIn(directorySettings(slapd.plain))), /PROVIDER_UNAVAILABLE .*onfidentiality/)
  const { ca } = slapd
  t.match(await signIn(directorySettings(slapd.plain, { ca, startTls: true })), { id: 'asha' }, 'StartTLS')
  t.match(await signIn(directorySettings(slapd.tls, { ca })), { id: 'asha' }, 'ldaps')
  for (const settings of [directorySettings(slapd.plain, { startTls: true }), directorySettings(slapd.tls)])
    t.match(await refusal(signIn(settings)), /PROVIDER_UNAVAILABLE .*(certificate|self-signed)/, 'nobody vouches')
  t.equal(slapd.binds().filter((dn) => dn.includes('asha')).length, 2, 'and nobody else has heard a password')
})

t.test('a directory that goes silent, or is cut off after StartTLS', { skip: slapdIsMissing }, async (t) => {
  const slapd = await startSlapd(t, true)
  // In front of it: silent, or cutting the searcher off while the person binds.
  const connections: Socket[] = []
  let isSilent = true
  const heard: string[] = []
  const between = createServer((client) => {
    connections.push(client)
    client.on('error', () => undefined) // it is cut off
    client.on('data', (part) => heard.push(part.toString('latin1')))
    if (isSilent) return
    if (connections.length === 3) connections[1]?.destroy()
    const server = connect(Number(new URL(slapd.plain).port), '127.0.0.1')
    server.on('error', () => undefined)
    client.pipe(server).pipe(client)
    client.once('close', () => server.destroy())
    server.once('close', () => client.destroy())
  }).listen(0, '127.0.0.1')
  await once(between, 'listening')
  t.teardown(() => {
    for (const connection of connections) connection.destroy()
    between.close()
  })
  const { port } = between.address() as AddressInfo
  const settings = directorySettings(`ldap://127.0.0.1:${port}`, { ca: slapd.ca, startTls: true })
  const signIn = () => refusal(directory(settings).signIn('asha', passwordOf('asha')))

  const silent = signIn()
  await until(() => heard.length > 0, 'it asks for TLS')
  await clock.advance(60_000)
  t.match(await silent, /PROVIDER_UNAVAILABLE .* no answer within 15000 ms/)

  isSilent = false
  t.match(await signIn(), /PROVIDER_UNAVAILABLE .* the connection was lost/)
  t.equal(connections.length, 3, 'nobody is asked for groups over another connection, in clear')
  t.notOk(heard.some((part) => part.includes(passwordOf('asha')) || part.includes('Network')))
})

t.test('what settings of a directory may not say', async (t) => {
  const refusedAt = (more: object): string => {
    const { error } = ldapSettings.safeParse({ ...directorySettings('ldap://127.0.0.1:389'), ...more })
    return error?.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('; ') ?? 'nothing'
  }
  t.equal(refusedAt({}), 'nothing')
  t.match(refusedAt({ url: 'ldap://dc1.example' }), /^url the directory is another machine.*startTls/)
  t.equal(refusedAt({ url: 'ldap://dc1.example', startTls: true }), 'nothing')
  t.match(refusedAt({ url: 'ldaps://dc1.example', startTls: true }), /^startTls/)
  t.match(refusedAt({ dn: 'uid={},dc=x' }), /^bind expected either/)
  t.match(refusedAt({ filter: '(uid=asha)' }), /^filter expected a filter with one \{\}/)
  t.match(refusedAt({ roles: [{ group: 'x', roles: ['edge'] }] }), /^roles.0.roles.0/)
})

t.test('a group has a whole scope: what it may hold, and how far it reads', (t) => {
  const scope = {
    regions: ['mbeya'],
    reads: 'scope',
    budget: { institutions: 3, tiers: ['basic'], guarantee: '20Mbps' },
  }
  const { roles } = directorySettings('ldaps://x', { roles: [{ group: 'a', roles: ['operator'], scope }] })
  t.strictSame(rightsOf(['A'], roles), {
    ...{ roles: ['operator'], scope: { ...scope, budget: { ...scope.budget, guarantee: 20_000_000 } } },
  })
  const wrong = { ...scope, budget: { ceiling: '20' } }
  t.throws(
    () => directorySettings('ldaps://x', { roles: [{ group: 'a', roles: ['operator'], scope: wrong }] }),
    /20bps/,
  )
  t.end()
})

t.test('roles of several groups add up only where they reach equally far', async (t) => {
  const entries = [
    { group: 'mbeya', roles: ['operator'], scope: { regions: ['mbeya'] } },
    { group: 'engineers', roles: ['engineer'], scope: { regions: ['mbeya'] } },
    { group: 'all', roles: ['operator', 'viewer'], scope: null },
  ] as const
  const rights = (...groups: string[]) => rightsOf(groups, entries as never)
  t.strictSame(rights('ALL', 'Mbeya', 'engineers'), { roles: ['operator', 'engineer'], scope: { regions: ['mbeya'] } })
  t.strictSame(rights('all'), { roles: ['operator', 'viewer'], scope: null })
  t.strictSame(rights('none'), { roles: [], scope: null })
  t.equal(accountIdOf('Asha.Mrema@ega_tz'), 'asha.mrema-ega-tz')
  t.throws(() => accountIdOf('.-.'), { code: 'FORBIDDEN' })
})
