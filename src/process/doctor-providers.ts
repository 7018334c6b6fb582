// What the doctor finds of those who sign people in besides us: whether they answer, over TLS that we trust, and say
// what accounts are made of.

import { Directory } from '../accounts/federated/ldap.js'
import { OidcProvider } from '../accounts/federated/oidc.js'
import { systemClock } from '../runtime/clock.js'
import type { Settings } from '../runtime/config.js'
import type { Item } from '../runtime/doctor.js'
import { formatError, MizaniError } from '../runtime/errors.js'
import { createLogger } from '../runtime/log.js'
import { sealingOfMoment } from '../runtime/sealing.js'

type Looked = Pick<Settings, 'oidc' | 'ldap' | 'providerSecrets' | 'http'>

export async function providers(settings: Looked): Promise<Item[]> {
  return [...(await ofProvider(settings)), ...(await ofDirectory(settings))]
}

async function ofProvider({ oidc, providerSecrets, http }: Looked): Promise<Item[]> {
  if (oidc === null) return []
  const about = 'provider'
  const seal = sealingOfMoment()
  const provider = new OidcProvider({ settings: oidc, secret: providerSecrets.oidc, seal, clock: systemClock })
  try {
    const { endpoints, claims } = await provider.look()
    if (!endpoints) return [{ about, verdict: 'bad', found: `${oidc.issuer} names no place to sign in, or no keys` }]
    const found: Item[] = [{ about, verdict: 'good', found: `${oidc.issuer} answers, and shows its keys` }]
    const missing = [oidc.id, oidc.groups].filter((name) => claims !== null && !claims.includes(name.split('.')[0]!))
    if (missing.length > 0)
      found.push({
        ...{ about, verdict: 'look', found: `it does not list the claims ${missing.join(', ')}` },
        advice: 'Some say more than they list: sign in once. Otherwise oidc.id, oidc.groups and oidc.scopes say which.',
      })
    if (http.publicUrl === null)
      found.push({
        ...{ about, verdict: 'look', found: 'http.publicUrl is not set' },
        advice: 'The provider sends browsers back to it, with /sign-in behind it.',
      })
    return found
  } catch (error) {
    return [fault(about, error)]
  }
}

async function ofDirectory({ ldap, providerSecrets }: Looked): Promise<Item[]> {
  if (ldap === null) return []
  const about = 'directory'
  const log = createLogger('doctor', 'silent')
  const directory = new Directory({ settings: ldap, password: providerSecrets.ldap, clock: systemClock, log })
  try {
    const { isBound, people } = await directory.look()
    if (!isBound) return [{ about, verdict: 'good', found: `${ldap.url} answers; people bind as themselves` }]
    if (people > 0) return [{ about, verdict: 'good', found: `${ldap.url} answers, and lets us search ${ldap.people}` }]
    return [{ about, verdict: 'bad', found: `${ldap.url} shows us no ${ldap.people}`, advice: 'See ldap.people.' }]
  } catch (error) {
    return [fault(about, error)]
  }
}

function fault(about: string, error: unknown): Item {
  const advice = 'Check its server, the way to it, and who vouches for its certificate (`ca`).'
  const found = error instanceof MizaniError ? error.message : (formatError(error).split('\n', 1)[0] ?? '')
  return { about, verdict: 'bad', found, advice }
}
