// Who may do what. Tokens and sessions are opaque random values that are kept only as SHA-256, so neither a dump of
// this process nor of a later table gives any of them away; being looked up by digest, they leak nothing through
// timing either.
//
// There are three ways in until accounts exist: the administrator's token from the environment, a token for the
// command line beside a running controller, and a link for the first sign-in. The last two are files that only the
// owner of the data folder can read, written afresh at each start.

import { createHash, randomBytes } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Principal } from '../model/principal.js'
import type { Milliseconds, UnixMilliseconds } from '../model/units.js'
import { CLI_TOKEN_FILE } from '../runtime/api-client.js'
import type { Clock } from '../runtime/clock.js'

export interface Session extends Principal {
  readonly expires: UnixMilliseconds
}

export interface Access {
  byToken(token: string): Principal | null
  bySession(secret: string): Session | null
  /** Trades a token or the secret of the first link for a session; null: neither is known. */
  signIn(
    credential: { readonly token: string } | { readonly secret: string },
  ): { secret: string; session: Session } | null
  signOut(secret: string): void
  /** A new token, shown once. */
  issue(principal: Principal): string
}

export const FIRST_SIGN_IN_FILE = 'first-sign-in'
const FIRST_SIGN_IN_LIFE: Milliseconds = 3_600_000
/** A working day. */
const SESSION_LIFE: Milliseconds = 12 * 3_600_000
/** Far more people than work here; the oldest session ends when one more begins. */
const MAX_SESSIONS = 1_000

const digest = (secret: string): string => createHash('sha256').update(secret).digest('base64')
const random = (): string => randomBytes(32).toString('base64url')

const machine = (actor: string, via: string): Principal => ({
  actor,
  roles: ['admin'],
  scope: null,
  person: false,
  via,
})

export function createAccess(clock: Clock, adminToken: string | null = null): Access & { firstSecret(): string } {
  const tokens = new Map<string, Principal>()
  const sessions = new Map<string, Session>()
  let first: { readonly digest: string; readonly expires: UnixMilliseconds } | null = null
  if (adminToken !== null) tokens.set(digest(adminToken), machine('env-admin', 'environment'))

  function begin(principal: Principal): { secret: string; session: Session } {
    const oldest = sessions.keys().next()
    if (sessions.size >= MAX_SESSIONS && !oldest.done) sessions.delete(oldest.value)
    const secret = random()
    const session = { ...principal, expires: clock.wall() + SESSION_LIFE }
    sessions.set(digest(secret), session)
    return { secret, session }
  }

  function spendFirst(secret: string): Principal | null {
    if (first === null || first.digest !== digest(secret)) return null
    const live = clock.wall() < first.expires
    first = null
    return live ? machine('first-sign-in', 'link') : null
  }

  const byToken = (token: string): Principal | null => tokens.get(digest(token)) ?? null

  return {
    byToken,
    bySession(secret) {
      const key = digest(secret)
      const session = sessions.get(key)
      if (session === undefined) return null
      if (clock.wall() < session.expires) return session
      sessions.delete(key)
      return null
    },
    signIn(credential) {
      const principal = 'token' in credential ? byToken(credential.token) : spendFirst(credential.secret)
      return principal === null ? null : begin(principal)
    },
    signOut: (secret) => void sessions.delete(digest(secret)),
    issue(principal) {
      const token = random()
      tokens.set(digest(token), principal)
      return token
    },
    firstSecret() {
      const secret = random()
      first = { digest: digest(secret), expires: clock.wall() + FIRST_SIGN_IN_LIFE }
      return secret
    },
  }
}

/**
 * Writes `cli-token` and `first-sign-in` (mode 0600) into the data folder.
 * @param url where the server listens, such as http://127.0.0.1:8080
 * @returns the link for the first sign-in: for a terminal, never for a log.
 */
export function writeAccessFiles(access: Access & { firstSecret(): string }, dataFolder: string, url: string): string {
  const link = `${url}/#/first/${access.firstSecret()}`
  writePrivate(join(dataFolder, CLI_TOKEN_FILE), access.issue(machine('cli', 'cli')))
  writePrivate(join(dataFolder, FIRST_SIGN_IN_FILE), link)
  return link
}

function writePrivate(file: string, text: string): void {
  // Made anew, because the mode of an existing file would stay what it was.
  rmSync(file, { force: true })
  writeFileSync(file, `${text}\n`, { mode: 0o600, flag: 'wx' })
}
