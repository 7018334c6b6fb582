// What a provider or a directory says of somebody, and what that means here: an id for the account, and what the groups
// may do. Who somebody is, is what never changes there (issuer and subject, the UUID of an entry); a name or an address
// may be given to somebody else one day, so no account is found by one.

import type { Role, Scope } from '../../model/principal.js'
import type { UnixMilliseconds } from '../../model/units.js'
import { MizaniError } from '../../runtime/errors.js'
import type { GroupRoles } from '../../runtime/identity-settings.js'
import { MAX_ID_LENGTH, MAX_NAME_LENGTH } from '../../runtime/limits.js'
import type { Factor } from '../records.js'

export interface Introduced {
  readonly source: 'oidc' | 'ldap'
  /** Who it is, for ever: `ISSUER SUBJECT` of a provider, what `ldap.subject` says of a directory. */
  readonly subject: string
  /** What an account is called that is made of it; see accountIdOf. */
  readonly id: string
  readonly name: string
  readonly rights: Rights
  /** A second factor that was given there. */
  readonly factor?: Factor | undefined
  /** When they showed there who they are, if not now. */
  readonly shown?: UnixMilliseconds | undefined
}

export interface Rights {
  /** None: nothing may be done here. */
  readonly roles: readonly Role[]
  readonly scope: Scope | null
}

/**
 * What somebody in these groups may do. Roles add up only where they reach equally far: whoever may change one region
 * by one group and look at all by another must not change all.
 */
export function rightsOf(groups: readonly string[], entries: readonly GroupRoles[]): Rights {
  const names = new Set(groups.map(plain))
  const mine = entries.filter(({ group }) => names.has(plain(group)))
  const scope = mine[0]?.scope ?? null
  const alike = mine.filter((entry) => JSON.stringify(entry.scope) === JSON.stringify(scope))
  return { roles: [...new Set(alike.flatMap(({ roles }) => roles))], scope }
}

/** Directories tell neither capitals apart nor spaces behind commas (RFC 4514). */
export const plain = (group: string): string => {
  const parts = group.toLowerCase().split(',')
  return parts.map((part) => part.trim()).join(',')
}

/** As ids are written here: `Asha.Mrema@ega` is asha.mrema-ega. @throws MizaniError FORBIDDEN: nothing is left. */
export function accountIdOf(name: string): string {
  const id = name
    .toLowerCase()
    .replace(/[^a-z0-9.-]/g, '-')
    .replace(/^[.-]+/, '')
    .slice(0, MAX_ID_LENGTH)
  if (id !== '') return id
  const message = 'Whoever signs you in says no name that an account could have.'
  throw new MizaniError({ code: 'FORBIDDEN', message, advice: 'The settings `oidc.id` and `ldap.id` say where it is.' })
}

/** What is shown for the person. */
export const shownName = (name: string, id: string): string => name.trim().slice(0, MAX_NAME_LENGTH) || id
