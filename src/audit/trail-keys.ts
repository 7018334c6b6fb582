// The keys that a controller signs its entries with, in a file of its own (setting `audit.key`, mode 0600); each
// controller of a plane has another. The newest signs; those before it stay, so that what they have signed can be
// proven. The public keys of other controllers, and of those that are gone, are in the settings (`audit.peers`): what
// is signed with none of these was written by somebody else.

import { existsSync, linkSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { UnixMilliseconds } from '../model/units.js'
import { MizaniError, messageOf } from '../runtime/errors.js'
import { readSecretFile } from '../runtime/secret-file.js'
import { BESIDE, syncFolder, writeWhole } from '../runtime/whole-file.js'
import * as z from '../runtime/zod.js'
import type { Link, Signer } from './chain.js'
import { newPrivateKey, signerOf } from './signing.js'

const fileSchema = z.strictObject({
  format: z.literal(1),
  /** The last entry that was there before the first of these keys: what follows is signed. */
  since: z.int().nonnegative(),
  keys: z.array(z.strictObject({ private: z.string(), from: z.int() })).min(1),
})
type KeysFile = z.output<typeof fileSchema>

export interface TrailKeysOptions {
  readonly file: string
  /** Public keys of others. */
  readonly peers: readonly string[]
}

export class TrailKeys implements Signer {
  readonly #o: TrailKeysOptions
  #signers: readonly Signer[] = []
  #since = 0

  private constructor(options: TrailKeysOptions) {
    this.#o = options
    this.reread()
  }

  /** Makes the first key. @throws MizaniError CREDENTIALS, SECRET_FILE for a file that cannot be read or written. */
  static open(options: TrailKeysOptions, head: Link, now: UnixMilliseconds): TrailKeys {
    const { file } = options
    if (!existsSync(file)) begin(file, { format: 1, since: head.n, keys: [{ private: newPrivateKey(), from: now }] })
    return new TrailKeys(options)
  }

  get publicKey(): string {
    return this.#signers.at(-1)!.publicKey
  }

  /** Entries behind this one are signed. */
  get since(): number {
    return this.#since
  }

  /** Takes over what the file holds now. */
  reread(): void {
    const { since, keys } = readKeys(this.#o.file)
    this.#signers = keys.map((one) => signerOf(one.private))
    this.#since = since
  }

  sign(link: Link): string {
    return this.#signers.at(-1)!.sign(link)
  }

  /** Public keys whose signatures count here. */
  trusted(): ReadonlySet<string> {
    return new Set([...this.#signers.map(({ publicKey }) => publicKey), ...this.#o.peers])
  }
}

/** Adds a key, which signs from now on. @throws as `open`; there must be one already. */
export function addTrailKey(file: string, now: UnixMilliseconds): void {
  const known = readKeys(file)
  const added = { private: newPrivateKey(), from: now }
  written(file, () => writeWhole(file, textOf({ ...known, keys: [...known.keys, added] })))
}

/** The oldest first; the last one signs. @throws as `open`; there must be one already. */
export const publicKeysIn = (file: string): string[] =>
  readKeys(file).keys.map((one) => signerOf(one.private).publicKey)

/** Of two first ones one is made. */
function begin(file: string, kept: KeysFile): void {
  const beside = `${file}${BESIDE}`
  written(file, () => {
    try {
      rmSync(beside, { force: true })
      writeFileSync(beside, textOf(kept), { mode: 0o600, flush: true })
      linkSync(beside, file)
      syncFolder(dirname(file))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    } finally {
      rmSync(beside, { force: true })
    }
  })
}

const textOf = (kept: KeysFile): string => `${JSON.stringify(kept, null, 2)}\n`

function written(file: string, write: () => void): void {
  try {
    write()
  } catch (cause) {
    const message = `The keys of the audit cannot be written to ${file}: ${messageOf(cause)}.`
    const advice = 'Make its folder writable for this user, or name another file: audit.key, MIZANI_AUDIT_KEY.'
    throw new MizaniError({ code: 'CREDENTIALS', message, advice, cause })
  }
}

function readKeys(file: string): KeysFile {
  if (!existsSync(file)) {
    const message = `There is no key of the audit in ${file}: a controller makes it when it starts.`
    throw new MizaniError({ code: 'CREDENTIALS', message })
  }
  try {
    const kept = fileSchema.parse(JSON.parse(readSecretFile(file)))
    for (const one of kept.keys) signerOf(one.private)
    return kept
  } catch (cause) {
    if (cause instanceof MizaniError) throw cause
    const message = `The keys of the audit in ${file} cannot be read.`
    const advice =
      'Move the file away for a new key, and name the old public one in audit.peers: `mizani audit verify` says it.'
    throw new MizaniError({ code: 'CREDENTIALS', message, advice, cause })
  }
}
