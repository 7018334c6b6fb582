// The accounts of private stores: random secrets in one file that only its owner may read, and the ACL files made
// from it. The servers see hashes only; a secret is neither in a process' arguments nor in a log.

import { createHash, randomBytes } from 'node:crypto'
import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { MizaniError } from './errors.js'
import * as z from './zod.js'

/** A user of a store: see wire/access.ts. */
export interface Account {
  readonly name: string
  readonly rules: readonly string[]
}

const secretsSchema = z.record(z.string(), z.string().regex(/^[A-Za-z0-9_-]{32,}$/))

export interface Secrets {
  /** The secret of this account; a new one is made and kept the first time. */
  of(account: string): string
}

/** @throws MizaniError SECRETS_INVALID for a file that was damaged. */
export function openSecrets(file: string): Secrets {
  const secrets = new Map(Object.entries(existsSync(file) ? readSecrets(file) : {}))
  return {
    of(account) {
      const known = secrets.get(account)
      if (known !== undefined) return known
      const made = randomBytes(32).toString('base64url')
      secrets.set(account, made)
      writeWhole(file, `${JSON.stringify(Object.fromEntries(secrets), null, 2)}\n`)
      return made
    },
  }
}

function readSecrets(file: string): Record<string, string> {
  chmodSync(file, 0o600)
  try {
    return secretsSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (cause) {
    throw new MizaniError({
      code: 'SECRETS_INVALID',
      message: `The secrets of the private stores in ${file} cannot be read.`,
      advice: 'Delete the file: new secrets are made at the next start.',
      cause,
    })
  }
}

/** The words behind `ACL SETUSER`. */
export const aclWords = ({ name, rules }: Account, secret: string): string[] => [
  name,
  'reset',
  'on',
  `#${createHash('sha256').update(secret).digest('hex')}`,
  ...rules,
]

/**
 * Nobody signs in as `default`: it is off. But a server that loads its append-only file runs the transactions in it as
 * this user, and without rights it would refuse them one by one, log that, and start empty.
 */
const DEFAULT_USER = 'user default reset off ~* &* +@all\n'

/** A server's aclfile: these accounts, and nobody without one. */
export function writeAclFile(file: string, accounts: Iterable<Account>, secrets: Secrets): void {
  writeWhole(file, aclText(accounts, secrets))
}

/** What stands in it. */
export function aclText(accounts: Iterable<Account>, secrets: Pick<Secrets, 'of'>): string {
  const lines = Array.from(accounts, (account) => `user ${aclWords(account, secrets.of(account.name)).join(' ')}\n`)
  return [DEFAULT_USER, ...lines].join('')
}

/** All or nothing, readable by the owner only. */
function writeWhole(file: string, text: string): void {
  const draft = `${file}.draft`
  writeFileSync(draft, text, { mode: 0o600, flush: true })
  renameSync(draft, file)
}
