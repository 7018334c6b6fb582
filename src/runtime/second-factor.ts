// Where a password alone opens the door to other machines: said at the start, and by the doctor. On loopback nobody is
// asked for more, for whoever is there already has the machine.

import { FACTOR_ROLES } from '../model/principal.js'
import type { Settings } from './config.js'
import { isLoopback } from './loopback.js'

/** Roles for which a password is enough, though the API is reached from elsewhere; none on loopback alone. */
export function withoutFactor({
  http,
  accounts,
}: Pick<Settings, 'http' | 'accounts'>): (typeof FACTOR_ROLES)[number][] {
  return isReached({ http }) ? FACTOR_ROLES.filter((role) => !accounts.secondFactor.includes(role)) : []
}

/** Whether other machines reach the API: then nothing is in person by a password alone. */
export function isReached({ http: { host, trustProxy, publicUrl } }: Pick<Settings, 'http'>): boolean {
  const isNamed = publicUrl !== null && !isLoopback(new URL(publicUrl).hostname)
  return !isLoopback(host) || trustProxy.length > 0 || isNamed
}

export const FACTOR_ADVICE =
  'Turn on first: accounts.secondFactor: [admin, approver, break-glass, operator] in the settings; each then ' +
  'enrols one by `mizani factor add --as ACCOUNT`.'
