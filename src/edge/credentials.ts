// What an edge signs in with, as one file of its own (mode 0600): traded for the one-time token of a pasted line, and
// read again whenever the old ones are refused, so that a rotation needs no restart.

import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { EdgeCredentials, EdgeKey } from '../model/edge-account.js'
import { MizaniError } from '../runtime/errors.js'
import { readSecretFile } from '../runtime/secret-file.js'
import { withoutTls, withTls } from '../runtime/store-address.js'
import { assertEncrypted } from '../runtime/unencrypted.js'
import { BESIDE, writeWhole } from '../runtime/whole-file.js'
import * as z from '../runtime/zod.js'

const FORMAT = 1
export const edgeKeysSchema = z.array(
  z.object({ generation: z.int().positive(), key: z.string().regex(/^[0-9a-f]{64}$/) }),
)
export const credentialsSchema = z.object({
  edge: z.string(),
  plane: z.string(),
  // A controller of the release before names no others.
  api: z.object({ address: z.url(), others: z.array(z.url()).default([]), token: z.string().min(1) }),
  rates: z.object({ address: z.string(), ca: z.string().nullable() }).nullable(),
})
const fileSchema = credentialsSchema.extend({
  ...{ format: z.literal(FORMAT), ca: z.string().nullable(), keys: edgeKeysSchema.default([]) },
})

/** With the authority that was pinned when they were traded; null: whom the machine trusts. */
export interface StoredCredentials extends EdgeCredentials {
  readonly ca: string | null
  /** What its messages are signed with, the oldest first; empty: it has not asked for any yet. */
  readonly keys: readonly EdgeKey[]
}

export const credentialsFile = (dataFolder: string, edge: string): string =>
  join(dataFolder, 'edge', `${edge}.credentials.json`)

/**
 * Null: this edge has not joined.
 * @param isAccepted whether they may lead to other machines without TLS.
 * @throws MizaniError CREDENTIALS for a file that cannot be used, NEEDS_TLS.
 */
export function readCredentials(file: string, isAccepted = false): StoredCredentials | null {
  if (!statSync(file, { throwIfNoEntry: false })) return null
  const text = readSecretFile(file)
  const credentials = parsed(text, file)
  const { rates, api } = credentials
  if (isAccepted) return { ...credentials, rates: rates && { ...rates, address: withoutTls(rates.address) } }
  for (const address of [api.address, ...api.others, ...(rates === null ? [] : [rates.address])])
    assertEncrypted(address, false)
  return credentials
}

function parsed(text: string, file: string): StoredCredentials {
  try {
    const { format: _, ...credentials } = fileSchema.parse(JSON.parse(text))
    return credentials
  } catch (cause) {
    const advice = 'Ask for a new line: mizani edge-user rotate EDGE.'
    throw new MizaniError({ code: 'CREDENTIALS', message: `The credentials in ${file} cannot be read.`, advice, cause })
  }
}

/**
 * To be asked before a token is spent on what could not be kept.
 * @throws MizaniError CREDENTIALS when this user cannot write there.
 */
export function assertWritable(file: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    writeFileSync(`${file}${BESIDE}`, '', { mode: 0o600 })
  } catch (cause) {
    const advice = 'Run it as the user of the agent and with its data folder: MIZANI_DATA.'
    throw new MizaniError({ code: 'CREDENTIALS', message: `Credentials cannot be written to ${file}.`, advice, cause })
  }
}

/** The keys it has now, and all else as it stands there. @throws as `readCredentials`, and what the disk says. */
export function writeKeys(file: string, keys: readonly EdgeKey[]): void {
  const credentials = parsed(readSecretFile(file), file)
  if (JSON.stringify(credentials.keys) !== JSON.stringify(keys)) writeCredentials(file, { ...credentials, keys })
}

/**
 * All or nothing. An authority of the store gets a file beside, for an address names files.
 * @param seenAs its name when the agent runs, where it is written into an image of another machine
 */
export function writeCredentials(file: string, credentials: StoredCredentials, seenAs = file): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const { rates } = credentials
  if (rates?.ca != null) {
    const beside = '.store-ca.pem'
    writeWhole(`${file}${beside}`, rates.ca)
    const address = withTls(rates.address, { ca: `${seenAs}${beside}` })
    writeCredentials(file, { ...credentials, rates: { address, ca: null } })
    return
  }
  writeWhole(file, `${JSON.stringify({ format: FORMAT, ...credentials }, null, 2)}\n`)
}
