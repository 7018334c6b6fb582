// Who acts: a person, a token of theirs, or the owner of the machine; what they may do (roles) and on what (scope).
//
// Roles add up and none contains another, but that `admin` may do what people do and that everyone who works here
// may look around. A member, a monitoring system and an edge do not work here: a member sees the one institution
// that they speak for, the others each have their one duty. Approving, and going past approval, is done in person,
// because two people are the whole point of it: whoever holds a token, or a password that somebody else has set, is
// nobody in particular. Where a policy has guards whoever administers neither approves nor audits: an administrator
// could make the second person up.

import { looksAround } from './looks-around.js'
import type { BitsPerSecond } from './units.js'

export const ROLES = [
  'viewer',
  'operator',
  'approver',
  'break-glass',
  'engineer',
  'planner',
  'auditor',
  'finance',
  'member',
  'monitor',
  'edge',
  'admin',
] as const
export type Role = (typeof ROLES)[number]

/** What each is for, for people; what each may do the rules of the routes say. */
export const ROLE_MEANINGS: Readonly<Record<Role, string>> = {
  viewer: 'sees everything but what is restricted, changes nothing; every role of a person who works here includes it',
  operator: 'changes the policy: institutions, tiers, overrides, modes, proposals; acknowledges alarms',
  approver: 'agrees to or refuses the proposals of others; in person: signed in by a password that nobody else has set',
  'break-glass': 'makes a change past approval and tests at night; somebody else confirms and signs it; in person',
  engineer: 'sees to edges and sites: enforcement, drains, configurations by hand, sheets of sites',
  planner: 'plans on what is recorded and promised',
  auditor: 'reads and exports the trail of who did what',
  finance: 'sees what things cost and who pays what, keeps the price book, closes months; no other role sees an amount',
  member: 'speaks for one institution: sees what it is promised, gets and uses, and asks for more; sees nobody else',
  monitor: 'a monitoring system: says that a link is down or derated, and sends counters; sees nothing',
  edge: 'a gateway: fetches its own rates and reports; sees nothing else',
  admin:
    'accounts, tokens and webhooks, and what other people may do, but break-glass, finance and member; ' +
    'where the policy has guards, not what an approver or an auditor may',
}

/** Who knows a person: we, or the provider that signs them in. */
export const SOURCES = ['local', 'oidc', 'ldap'] as const
export type Source = (typeof SOURCES)[number]

/** Second factors; `provider`: whatever it has asked for; `recovery`: a code kept for the day the rest is lost. */
export const FACTORS = ['totp', 'passkey', 'provider', 'recovery'] as const
/** What somebody who has signed in still has to show, to choose, or to enrol, before anything else. */
export const LACKS = ['code', 'password', 'factor'] as const
export type Lack = (typeof LACKS)[number]
/** Roles that may be told to have a second factor, in the order in which to turn it on. */
export const FACTOR_ROLES = ['admin', 'approver', 'break-glass', 'operator'] as const

/** Whether a person signs in with an account, and not a service. */
export const isPerson = ({ password, source }: { readonly password: string | null; readonly source: Source }) =>
  password !== null || source !== 'local'

/** What may be changed: it lies in one of each kind that is named; null: everything. */
export interface Scope {
  readonly institutions?: readonly string[] | undefined
  readonly categories?: readonly string[] | undefined
  readonly regions?: readonly string[] | undefined
  /** Their descendants included. */
  readonly envelopes?: readonly string[] | undefined
  /** What it may hold; of what is not named no more than it holds. */
  readonly budget?: Budget | undefined
  /** `scope`: of institutions outside it nothing is shown; absent: everything is. */
  readonly reads?: Reads | undefined
}

export const READ_WITHIN = ['all', 'scope'] as const
export type Reads = (typeof READ_WITHIN)[number]

/** How much the institutions of a scope may have in sum. */
export interface Budget {
  readonly institutions?: number | undefined
  /** Tiers that may be given. */
  readonly tiers?: readonly string[] | undefined
  readonly guarantee?: BitsPerSecond | undefined
  readonly ceiling?: BitsPerSecond | undefined
}

export interface Principal {
  /** The id of the account, also where one of its tokens acts: nobody approves their own change with a second one. */
  readonly actor: string
  readonly roles: readonly Role[]
  /** Roles of the account that do not count until an approver has vouched for it. */
  readonly unvouched?: readonly Role[]
  /** Whether the account administers, though this way in may not; absent: as the roles say. */
  readonly administers?: boolean
  readonly scope: Scope | null
  /** False: a secret of the machine, such as the administrator's token from the environment. */
  readonly person: boolean
  /** Signed in by a password that the person has chosen. */
  readonly inPerson: boolean
  /** How they came in: `password`, `token <id>`, `edge token`, `link`, `environment`, `cli`. */
  readonly via: string
}

/** How an edge comes in, and nobody else. */
export const EDGE_TOKEN = 'edge token'
/** How the owner of the machine comes in: by the secret in its data folder. */
export const OF_MACHINE = 'cli'
/** How a token of an account comes in: with its id behind it. */
export const BY_TOKEN = 'token '
/** By which whoever holds MIZANI_ADMIN_TOKEN comes: no person either. */
export const BY_ENVIRONMENT = 'environment'

/**
 * What a route asks for: one of these roles. `open`: nothing. `loopback`: nothing on the machine itself, viewer
 * elsewhere. `any`: to be known.
 */
export type Rule = Role | 'open' | 'loopback' | 'any' | readonly Role[]

/** Duties of a second person: no administrator has them where the policy has guards. */
export const SECOND_PERSON: readonly Role[] = ['approver', 'auditor']
/** What is done in person or not at all. */
export const IN_PERSON: readonly Role[] = ['approver', 'break-glass']
/** What no service account may hold: a person answers for it, by name. */
export const PERSONS_ALONE: readonly Role[] = ['approver', 'break-glass', 'finance']
/** What `admin` does not contain. */
export const APART: readonly Role[] = ['edge', 'break-glass', 'finance', 'member']

/** The scope outside which nothing is shown to them; null: everything is. Who is a member alone sees their own. */
export function readsWithin({ roles, scope }: Pick<Principal, 'roles' | 'scope'>): Scope | null {
  if (roles.includes('member') && !looksAround(roles))
    return { ...scope, institutions: scope?.institutions ?? [], reads: 'scope' }
  return scope?.reads === 'scope' ? scope : null
}

/** Roles of people who work here on what all institutions have: to them restricted ones are like any other. */
const CLEARED: readonly Role[] = [
  ...(['operator', 'approver', 'break-glass', 'engineer', 'planner', 'auditor', 'finance', 'admin'] as const),
]

/**
 * Whether restricted institutions are shown to them one by one. Who has a scope sees those that lie in it, which the
 * scope says; an edge and a monitoring system are shown no institutions, each has its one duty.
 */
export function isCleared({ roles, scope }: Pick<Principal, 'roles' | 'scope'>): boolean {
  if (!looksAround(roles)) return true
  return scope === null && roles.some((role) => CLEARED.includes(role))
}

/** Why nobody may have these roles with this scope; null: they may. */
export function memberFault(roles: readonly Role[], scope: Scope | null): string | null {
  if (!roles.includes('member')) return null
  if (scope?.institutions?.length === 1 && scope.reads === 'scope') return null
  return 'A member speaks for one institution and reads within it: scope { institutions: [ID], reads: scope }.'
}

/** @param guarded whether the policy in force has guards */
export function satisfies(
  { roles, inPerson, administers: byAccount = false }: Pick<Principal, 'roles' | 'inPerson' | 'administers'>,
  rule: Rule,
  guarded: boolean,
): boolean {
  if (rule === 'open' || rule === 'any') return true
  const wanted: readonly Role[] = typeof rule !== 'string' ? rule : rule === 'loopback' ? ['viewer'] : [rule]
  const administers = roles.includes('admin')
  const has = (role: Role): boolean => {
    if (IN_PERSON.includes(role) && !inPerson) return false
    if (SECOND_PERSON.includes(role) && guarded && (administers || byAccount)) return false
    return roles.includes(role) || (administers && !APART.includes(role))
  }
  return wanted.some((role) => (role === 'viewer' ? looksAround(roles) : has(role)))
}
