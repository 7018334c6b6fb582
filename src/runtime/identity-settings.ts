// Settings of those who sign people in besides us: a provider that speaks OpenID Connect, and a directory that speaks
// LDAP. Both say in which groups somebody is; what a group may do here is said here. Secrets have no place in a file:
// OIDC_CLIENT_SECRET, LDAP_PASSWORD. Passwords and the word of a provider never cross a network in clear, whatever else
// is accepted.

import { memberFault, READ_WITHIN, ROLES } from '../model/principal.js'
import { parseRate, rateFault } from '../model/units.js'
import { isLoopback } from './loopback.js'
import * as z from './zod.js'

const text = z.string().min(1)
const file = text.nullable().default(null).describe('PEM file of who vouches for it; null: whom this machine trusts')
const ids = (what: string) => z.array(text).min(1).optional().describe(what)
const ROLES_OF_PEOPLE = ROLES.filter((role) => role !== 'edge' && role !== 'monitor')

const rate = (what: string) =>
  z
    .union([z.int().nonnegative(), z.string()])
    .transform((given, issues) => {
      const rate = typeof given === 'string' ? parseRate(given) : given
      if (rate !== undefined) return rate
      issues.addIssue({ code: 'custom', message: rateFault(given, Number.MAX_SAFE_INTEGER) })
      return z.NEVER
    })
    .optional()
    .describe(what)
const budget = z
  .strictObject({
    institutions: z.int().min(0).optional().describe('How many'),
    tiers: ids('That may be given'),
    guarantee: rate('In sum, in each direction: "2Gbps", or bit/s'),
    ceiling: rate('In sum, in each direction: "2Gbps", or bit/s'),
  })
  .optional()
  .describe(
    'What the scope may hold: how many, of which tiers, rates in sum; of what is not named no more than it holds',
  )
const reads = z.enum(READ_WITHIN).optional().describe('scope: of other institutions nothing is shown; absent: all is')

const group = z
  .strictObject({
    group: text.describe('As it is called there; capitals do not count'),
    roles: z.array(z.enum(ROLES_OF_PEOPLE)).min(1).describe('Roles of who is in it'),
    scope: z
      .strictObject({
        institutions: ids('Institutions by id; absent: all'),
        categories: ids('Categories of institutions; absent: all'),
        regions: ids('Regions of institutions; absent: all'),
        envelopes: ids('Envelopes of institutions; absent: all'),
        budget,
        reads,
      })
      .nullable()
      .default(null)
      .describe('What they may change; null: everything'),
  })
  .superRefine(({ roles, scope }, issues) => {
    const message = memberFault(roles, scope)
    if (message !== null) issues.addIssue({ code: 'custom', path: ['scope'], message })
  })
/** What somebody in a group may do here. */
export type GroupRoles = z.output<typeof group>

const groups = z
  .array(group)
  .min(1)
  .describe('The first that somebody is in gives the scope; roles of the others add up where their scope is the same')

const isGuarded = (address: string, scheme: string): boolean =>
  address.startsWith(`${scheme}:`) || isLoopback(new URL(address).hostname)

export const oidcSettings = z.strictObject({
  issuer: z
    .url({ protocol: /^https?$/, error: 'expected https://host/path, as the provider writes its own name' })
    .refine((address) => isGuarded(address, 'https'), { error: 'the provider is another machine: name it by https://' })
    .describe('The provider, as it writes its own name; http:// on this machine alone'),
  client: text.describe('What we are called there. The redirect address is `http.publicUrl` with /sign-in behind it'),
  name: text.default('OpenID Connect').describe('What people call the provider: on the button of the start page'),
  ca: file,
  scopes: z.array(text).default(['openid', 'profile']).describe('What is asked of it'),
  id: text.default('preferred_username').describe('The claim that an account takes its id from, at its first sign-in'),
  groups: text.default('groups').describe('The claim with the groups; a dot leads inside: realm_access.roles'),
  roles: groups,
  secondFactor: z
    .strictObject({
      acr: z.array(text).default([]).describe('Values of `acr` that say so; they are also asked for'),
      amr: z.array(text).default(['mfa']).describe('Values of `amr` that say so, each alone (RFC 8176)'),
    })
    .prefault({})
    .describe('How the provider says that a second factor was given'),
  skew: z.int().min(0).max(300).default(30).describe('Seconds that its clock may differ from ours'),
})
export type OidcSettings = z.output<typeof oidcSettings>

const PLACE = '{}'
const withPlace = (what: string) =>
  text.refine((given) => given.split(PLACE).length === 2, { error: `expected ${what} with one {} in it` })

export const ldapSettings = z
  .strictObject({
    url: z
      .url({ protocol: /^ldaps?$/, error: 'expected ldaps://host or ldap://host' })
      .describe('The directory; ldap:// with `startTls`, or on this machine alone'),
    startTls: z.boolean().default(false).describe('Go over to TLS before anything is said (RFC 4511 section 4.14)'),
    ca: file,
    bind: text.nullable().default(null).describe('Who searches, with LDAP_PASSWORD; null: people themselves'),
    people: text.describe('Where people are: the DN of a branch'),
    filter: withPlace('a filter').default('(uid={})').describe('Which of them has the name that is typed, for {}'),
    dn: withPlace('a DN')
      .nullable()
      .default(null)
      .describe('Without `bind`: the DN of whoever types a name, for {}, as in uid={},ou=people,dc=example'),
    id: text.default('uid').describe('The attribute that an account takes its id from, at its first sign-in'),
    subject: text.default('entryUUID').describe('The attribute that never changes; of Active Directory objectGUID'),
    name: text.default('cn').describe('The attribute with the name of the person'),
    groups: z
      .union([
        z.strictObject({ attribute: text.describe('Of the person, such as memberOf') }),
        z.strictObject({
          base: text.describe('Where groups are: the DN of a branch'),
          filter: withPlace('a filter')
            .default('(member={})')
            .describe('Which of them has the DN of the person, for {}'),
          name: text
            .nullable()
            .default(null)
            .describe(
              'An attribute by which a group directly under `base` is called in `roles`; null: by its DN alone',
            ),
        }),
      ])
      .default({ attribute: 'memberOf' })
      .describe('Where it says in which groups somebody is'),
    roles: groups,
  })
  .refine(({ url, startTls }) => startTls || isGuarded(url, 'ldaps'), {
    error: 'the directory is another machine, and ldap:// can be read on the way: name it by ldaps://, or set startTls',
    path: ['url'],
  })
  .refine(({ url, startTls }) => !(startTls && url.startsWith('ldaps:')), {
    error: 'ldaps:// speaks TLS from the first byte: leave startTls away',
    path: ['startTls'],
  })
  .refine(({ bind, dn }) => (bind === null) !== (dn === null), {
    error: 'expected either bind (who searches, with LDAP_PASSWORD) or dn (of whoever types a name)',
    path: ['bind'],
  })
export type LdapSettings = z.output<typeof ldapSettings>

/** Of `oidc.client` and `ldap.bind`; null: there is none. */
export type ProviderSecrets = Readonly<Record<'oidc' | 'ldap', string | null>>
