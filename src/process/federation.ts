// Who else signs people in, as the settings say, and what is told of it: an account that is made by somebody's first
// sign-in, or may do something else than before, is an entry of the trail.

import type { FederatedOptions } from '../accounts/federated/federated.js'
import { Directory } from '../accounts/federated/ldap.js'
import { OidcProvider } from '../accounts/federated/oidc.js'
import type { User } from '../accounts/records.js'
import type { AuditTrail } from '../audit/trail.js'
import type { Clock } from '../runtime/clock.js'
import type { Settings } from '../runtime/config.js'
import type { Logger } from '../runtime/log.js'
import type { Sealing } from '../runtime/sealing.js'

/** The path, below where people reach us, that a provider sends browsers back to. */
const WAY_BACK = '/sign-in'

interface Surroundings {
  readonly seal: Sealing
  readonly clock: Clock
  readonly log: Logger
  /** Where the API listens. */
  readonly listening: () => string
  readonly trail: Pick<AuditTrail, 'tell'>
}

export function federatedBy(
  settings: Pick<Settings, 'oidc' | 'ldap' | 'http' | 'providerSecrets'>,
  { seal, clock, log, listening, trail }: Surroundings,
): FederatedOptions {
  const { oidc, ldap, providerSecrets, http } = settings
  return {
    provider: oidc && new OidcProvider({ settings: oidc, secret: providerSecrets.oidc, seal, clock }),
    directory: ldap && new Directory({ settings: ldap, password: providerSecrets.ldap, clock, log }),
    redirect: () => (http.publicUrl ?? listening()).replace(/\/$/, '') + WAY_BACK,
    onTaken(before, after) {
      const reason = `${after.source} says so, where they signed in`
      const deed = { action: 'take over an account', subject: after.id, reason, reference: null }
      void trail.tell({ ...deed, before: before && told(before), after: told(after) })
    },
  }
}

const told = ({ name, roles, scope, source, subject }: User) => ({ name, roles, scope, source, subject })
