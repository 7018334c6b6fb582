// The ways in that belong to the machine and not to a person: the administrator's token from the environment, a token
// for the command line beside a running controller, and the link for the first sign-in. The last two are files that
// only the owner of the data folder can read, written afresh at each start; nothing of them is in the store.

import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BY_ENVIRONMENT, OF_MACHINE, type Principal } from '../model/principal.js'
import type { UnixMilliseconds } from '../model/units.js'
import type { Clock } from '../runtime/clock.js'
import { CLI_TOKEN_FILE, CLI_URL_FILE } from '../runtime/config.js'
import { FIRST_SIGN_IN_LIFE } from '../runtime/limits.js'
import { digestOf, newSecret } from './records.js'

const FIRST_SIGN_IN_FILE = 'first-sign-in'

/** All may do everything but approve: nobody knows who holds them. */
export const machine = (actor: string, via: string): Principal => ({
  actor,
  roles: ['admin'],
  scope: null,
  person: false,
  inPerson: false,
  via,
})

export class MachineSecrets {
  readonly #clock: Clock
  readonly #tokens = new Map<string, Principal>()
  #first: { readonly digest: string; readonly expires: UnixMilliseconds } | null = null

  constructor(clock: Clock, adminToken: string | null) {
    this.#clock = clock
    if (adminToken !== null) this.#tokens.set(digestOf(adminToken), machine('env-admin', BY_ENVIRONMENT))
  }

  byDigest(digest: string): Principal | null {
    return this.#tokens.get(digest) ?? null
  }

  /** A token that lives as long as this process. */
  issue(principal: Principal): string {
    const token = newSecret()
    this.#tokens.set(digestOf(token), principal)
    return token
  }

  /** A secret that works once, within the hour; a newer one replaces it. */
  firstSecret(): string {
    const secret = newSecret()
    this.#first = { digest: digestOf(secret), expires: this.#clock.wall() + FIRST_SIGN_IN_LIFE }
    return secret
  }

  /** Whether this is the first secret; a wrong guess does not spend it. */
  isFirst(secret: string): boolean {
    return this.#first?.digest === digestOf(secret) && this.#clock.wall() < this.#first.expires
  }

  spendFirst(): void {
    this.#first = null
  }
}

/**
 * Writes `cli-token`, `cli-url` and, as long as nobody could sign in otherwise, `first-sign-in` (mode 0600) into the
 * data folder.
 * @param url where the server listens, such as http://127.0.0.1:8080
 * @param fingerprint of who vouches for its certificate: `cli-token` is shown to no other.
 * @returns the link for the first sign-in: for a terminal, never for a log; null: an administrator exists.
 */
export function writeAccessFiles(
  secrets: MachineSecrets,
  { hasAdmin }: { readonly hasAdmin: boolean },
  dataFolder: string,
  url: string,
  fingerprint: string | null = null,
): string | null {
  writePrivate(join(dataFolder, CLI_URL_FILE), fingerprint === null ? url : `${url}#${fingerprint}`)
  writePrivate(join(dataFolder, CLI_TOKEN_FILE), secrets.issue(machine('cli', OF_MACHINE)))
  const link = hasAdmin ? null : `${url}/#/first/${secrets.firstSecret()}`
  writePrivate(join(dataFolder, FIRST_SIGN_IN_FILE), link)
  return link
}

/** Made anew, because the mode of an existing file would stay what it was. */
function writePrivate(file: string, text: string | null): void {
  rmSync(file, { force: true })
  if (text !== null) writeFileSync(file, `${text}\n`, { mode: 0o600, flag: 'wx' })
}
