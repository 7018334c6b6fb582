// Secrets that must be read again, kept in a store that others may copy: sealed by AES-256-GCM under a key that stands
// in a file of its own, the same at each controller of a plane, and in no store. What a secret belongs to is sealed
// with it, so that none can be moved to somebody else.

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'
import { MizaniError, messageOf } from './errors.js'
import { readSecretFile } from './secret-file.js'

const CIPHER = 'aes-256-gcm'
const KEY = /^[0-9a-f]{64}$/
const IV_BYTES = 12
const TAG_BYTES = 16

export interface Seal {
  /** @param owner what it belongs to. @throws MizaniError SECRET_FILE: there is no key, and none can be made. */
  close(text: string, owner: string): string
  /** @throws MizaniError KEYS_DIFFER: sealed under another key, or for another owner. */
  open(sealed: string, owner: string): string
}

/** The key is read when it is first needed, and made by whoever seals first. */
export function sealBy(file: string): Seal {
  let known: Buffer | null = null
  const key = (make: boolean): Buffer => {
    if (known !== null) return known
    if (make && !existsSync(file)) makeKey(file)
    const text = readSecretFile(file)
    if (!KEY.test(text)) throw new MizaniError({ code: 'SECRET_FILE', message: `${file} is no key of 64 hex digits.` })
    known = Buffer.from(text, 'hex')
    return known
  }
  return {
    close(text, owner) {
      const iv = randomBytes(IV_BYTES)
      const cipher = createCipheriv(CIPHER, key(true), iv).setAAD(Buffer.from(owner))
      const sealed = [iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]
      return Buffer.concat(sealed).toString('base64url')
    },
    open(sealed, owner) {
      try {
        const bytes = Buffer.from(sealed, 'base64url')
        const [iv, tag] = [bytes.subarray(0, IV_BYTES), bytes.subarray(-TAG_BYTES)]
        const decipher = createDecipheriv(CIPHER, key(false), iv).setAAD(Buffer.from(owner)).setAuthTag(tag)
        return decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
      } catch (cause) {
        throw new MizaniError({
          code: 'KEYS_DIFFER',
          message: `What is kept of ${owner} cannot be opened by ${file}: ${messageOf(cause)}.`,
          advice: `Copy the file from another controller of the plane; where it is lost, the factors are reset.`,
          cause,
        })
      }
    },
  }
}

function makeKey(file: string): void {
  try {
    writeFileSync(file, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx', flush: true })
  } catch (cause) {
    // Another was faster.
    if (existsSync(file)) return
    const message = `The key that secrets are sealed by cannot be written to ${file}: ${messageOf(cause)}.`
    throw new MizaniError({ code: 'SECRET_FILE', message, cause })
  }
}
