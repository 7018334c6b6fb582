// Who acts: a person, a token of theirs, or the owner of the machine; what they may do (roles) and on what (scope).
//
// Roles add up and none contains another, but that `admin` may do everything that people do and that everyone who works
// here may look around. A monitoring system and an edge do not work here: each has its one duty. Approving is for
// people alone, because two people are the whole point of it: whoever holds the machine's own secrets is nobody in
// particular.

export const ROLES = [
  'viewer',
  'operator',
  'approver',
  'engineer',
  'planner',
  'auditor',
  'monitor',
  'edge',
  'admin',
] as const
export type Role = (typeof ROLES)[number]

/** What each is for, for people; what each may do the rules of the routes say. */
export const ROLE_MEANINGS: Readonly<Record<Role, string>> = {
  viewer: 'sees everything, changes nothing; every role of a person who works here includes it',
  operator: 'changes the policy: institutions, tiers, overrides, modes, proposals; acknowledges alarms',
  approver: 'agrees to or refuses the proposals of others; in person, never by a secret of the machine',
  engineer: 'sees to edges and sites: enforcement, drains, configurations by hand, sheets of sites',
  planner: 'plans on what is recorded and promised',
  auditor: 'reads and exports the trail of who did what',
  monitor: 'a monitoring system: says that a link is down or derated, and sends counters; sees nothing',
  edge: 'a gateway: fetches its own rates and reports; sees nothing else',
  admin: 'everything that a person may do, and accounts, tokens and webhooks',
}

/** What may be changed: it lies in one of each kind that is named. Looking is not scoped; null: everything. */
export interface Scope {
  readonly categories?: readonly string[] | undefined
  readonly regions?: readonly string[] | undefined
  /** Their descendants included. */
  readonly envelopes?: readonly string[] | undefined
}

export interface Principal {
  /** The id of the account, also where one of its tokens acts: nobody approves their own change with a second one. */
  readonly actor: string
  readonly roles: readonly Role[]
  readonly scope: Scope | null
  /** False: a secret of the machine, such as the administrator's token from the environment. */
  readonly person: boolean
  /** How they came in: `password`, `token <id>`, `link`, `environment`, `cli`. */
  readonly via: string
}

/**
 * What a route asks for: one of these roles. `open`: nothing. `loopback`: nothing on the machine itself, viewer
 * elsewhere. `any`: to be known.
 */
export type Rule = Role | 'open' | 'loopback' | 'any' | readonly Role[]

const LOOK_AROUND: readonly Role[] = ROLES.filter((role) => role !== 'monitor' && role !== 'edge')

export function satisfies({ roles, person }: Pick<Principal, 'roles' | 'person'>, rule: Rule): boolean {
  if (rule === 'open' || rule === 'any') return true
  const wanted: readonly Role[] = typeof rule !== 'string' ? rule : rule === 'loopback' ? ['viewer'] : [rule]
  if (wanted.length === 1 && wanted[0] === 'approver' && !person) return false
  const has = (role: Role): boolean => roles.includes(role) || (roles.includes('admin') && role !== 'edge')
  return wanted.some((role) => (role === 'viewer' ? LOOK_AROUND.some(has) : has(role)))
}
