// A directory of an institution: Debian's slapd, run by the test from a folder of its own on loopback ports, with
// people and, while it runs, groups. Its log says which binds it was asked for.

import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from 'ldapts'
import { type LdapSettings, ldapSettings } from '../../src/runtime/identity-settings.js'
import { makeAuthority } from '../faults/certificates.js'
import { type Ending, freePort, freshFolder } from '../harness/place.js'
import { Child } from '../harness/program.js'
import { until } from '../harness/until.js'

export const BASE = 'dc=ega,dc=go,dc=tz'
export const PEOPLE = `ou=people,${BASE}`
const GROUPS = `ou=groups,${BASE}`
const ADMIN = `cn=admin,${BASE}`
export const SEARCHER = `cn=searcher,${BASE}`
/** Of the administrator and of the searcher. */
export const DIRECTORY_SECRET = 'a secret of the directory'

/** uid, cn and password; the DN of the last has what filters are made of. */
const EVERYBODY = [
  ['asha', 'Asha Mrema', 'samaki wabichi'],
  ['juma', 'Juma Hamisi', 'mkate wa ufuta'],
  ['neema', 'Neema (Acting) * Kessy', 'chai ya tangawizi'],
] as const
export const passwordOf = (uid: string): string => EVERYBODY.find(([known]) => known === uid)![2]
const dnOf = (uid: string): string => (uid === 'neema' ? `cn=Neema (Acting) * Kessy,${PEOPLE}` : `uid=${uid},${PEOPLE}`)

const CONFIG = (folder: string, pair: { certificate: string; key: string }, guarded: boolean): string => `
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
pidfile ${join(folder, 'pid')}
TLSCertificateFile ${pair.certificate}
TLSCertificateKeyFile ${pair.key}
${guarded ? 'security ssf=112' : ''}
# As many directories do, and why no empty password is ever sent.
allow bind_anon_cred bind_anon_dn
database mdb
maxsize 10485760
dbnosync
directory ${join(folder, 'db')}
suffix "${BASE}"
rootdn "${ADMIN}"
rootpw "${DIRECTORY_SECRET}"
overlay memberof
access to attrs=userPassword by anonymous auth by * none
access to * by users read by anonymous none
`

const LDIF = [
  `dn: ${BASE}\nobjectClass: domain\ndc: ega`,
  `dn: ${PEOPLE}\nobjectClass: organizationalUnit\nou: people`,
  `dn: ${GROUPS}\nobjectClass: organizationalUnit\nou: groups`,
  `dn: ${SEARCHER}\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\ncn: searcher\n` +
    `userPassword: ${DIRECTORY_SECRET}`,
  ...EVERYBODY.map(
    ([uid, cn, password]) =>
      `dn: ${dnOf(uid)}\nobjectClass: inetOrgPerson\nuid: ${uid}\ncn: ${cn}\nsn: ${uid}\nuserPassword: ${password}`,
  ),
].join('\n\n')

export const slapdIsMissing =
  spawnSync('/usr/sbin/slapd', ['-VV']).status === 0 ? false : 'not run: slapd is missing (apt-get install slapd)'

export interface Slapd {
  /** Without TLS; a guarded one takes nothing on it before StartTLS. */
  readonly plain: string
  readonly tls: string
  /** Who vouches for its certificate. */
  readonly ca: string
  /** DNs that it was asked to bind, in their order. */
  binds(): string[]
  /** Who is in a group from now on; nobody: it is gone. */
  group(name: string, ...uids: string[]): Promise<void>
  end(): Promise<unknown>
}

/** @param guarded whether it takes nothing without TLS */
export async function startSlapd(ending: Ending, guarded = false): Promise<Slapd> {
  const folder = freshFolder(ending)
  mkdirSync(join(folder, 'db'))
  const authority = makeAuthority(join(folder, 'tls'))
  const config = join(folder, 'slapd.conf')
  writeFileSync(config, CONFIG(folder, authority.issue('localhost'), guarded))
  writeFileSync(join(folder, 'all.ldif'), LDIF)
  const { status, stderr } = spawnSync('/usr/sbin/slapadd', ['-q', '-f', config, '-l', join(folder, 'all.ldif')])
  if (status !== 0) throw new Error(String(stderr))
  const [plain, tls] = [`ldap://127.0.0.1:${await freePort()}`, `ldaps://127.0.0.1:${await freePort()}`]
  const child = spawn('/usr/sbin/slapd', ['-d', 'stats', '-f', config, '-h', `${plain} ${tls}`])
  const server = new Child(child, ending)
  let log = ''
  child.stderr.setEncoding('utf8').on('data', (part: string) => (log += part))
  await until(() => {
    if (!server.runs) throw new Error(log)
    return log.includes('slapd starting')
  }, 'slapd starts')
  await until(() => answers(plain), 'slapd listens')
  return {
    ...{ plain, tls, ca: authority.certificate },
    binds: () => [...log.matchAll(/ BIND dn="([^"]*)" method=/g)].map(([, dn]) => dn!),
    group: (name, ...uids) => setGroup(plain, name, uids),
    end: () => server.end('SIGTERM'),
  }
}

async function answers(url: string): Promise<boolean> {
  const client = new Client({ url })
  try {
    await client.search('', { scope: 'base', attributes: ['1.1'] })
    return true
  } catch (error) {
    // One that is guarded answers too.
    return !('errno' in (error as object))
  } finally {
    await client.unbind().catch(() => undefined)
  }
}

async function setGroup(url: string, name: string, uids: readonly string[]): Promise<void> {
  const client = new Client({ url, strictDN: false })
  const dn = `cn=${name},${GROUPS}`
  await client.bind(ADMIN, DIRECTORY_SECRET)
  await client.del(dn).catch(() => undefined) // it may not be there yet
  if (uids.length > 0)
    await client.add(dn, { objectClass: 'groupOfNames', cn: name, member: uids.map((uid) => dnOf(uid)) })
  await client.unbind()
}

/** Settings with a searcher, groups by search, and what two groups may do; the rest as given. */
export const directorySettings = (url: string, more: object = {}): LdapSettings =>
  ldapSettings.parse({
    ...{ url, bind: SEARCHER, people: PEOPLE, groups: { base: GROUPS, name: 'cn' } },
    roles: [
      { group: 'Network Operators', roles: ['operator'] },
      { group: 'auditors', roles: ['auditor'] },
      { group: 'approvers', roles: ['approver'] },
      { group: 'mbeya', roles: ['operator'], scope: { regions: ['mbeya'] } },
    ],
    ...more,
  })
