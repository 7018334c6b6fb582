// Files that nobody else may read: tokens, passwords, private keys. One that others can read is refused with the
// command that mends it, for a warning would be read after the secret was.
//
// A service often gets its key from root by a group of its own (root:mizani, 0640), as Debian does with ssl-cert: that
// is root's decision, and the service could not change it. Where the file is ours, or a group may write, it is a slip.

import { readFileSync, type Stats, statSync } from 'node:fs'
import { MizaniError } from './errors.js'
import { MAX_SETTINGS_BYTES } from './limits.js'

const ROOT = 0
const OTHERS = 0o077
const ALL_BUT_READING_BY_GROUP = 0o037

/** @throws MizaniError SECRET_FILE, exit code 2. */
export function readSecretFile(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false })
  if (!stat?.isFile()) return refuse(`${file} is not a file`)
  const open = openTo(file, stat)
  if (open !== null) return refuse(...open)
  if (stat.size > MAX_SETTINGS_BYTES) return refuse(`${file} is too large for a secret (${stat.size} bytes)`)
  const secret = readFileSync(file, 'utf8').trim()
  return secret === '' ? refuse(`${file} is empty`) : secret
}

/** The fault and its remedy; null: only those read it who should. */
export function openTo(file: string, { mode, uid }: Pick<Stats, 'mode' | 'uid'>): readonly [string, string] | null {
  if ((mode & (uid === ROOT ? ALL_BUT_READING_BY_GROUP : OTHERS)) === 0) return null
  const shown = (mode & 0o777).toString(8).padStart(4, '0')
  const service = `for a service: chown root:GROUP ${file}; chmod 640 ${file}`
  return [`${file} has mode ${shown}: others may read it`, `chmod 600 ${file} (${service})`]
}

function refuse(message: string, advice?: string): never {
  throw new MizaniError({ code: 'SECRET_FILE', exitCode: 2, message, ...(advice === undefined ? {} : { advice }) })
}
