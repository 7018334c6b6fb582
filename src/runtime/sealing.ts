// Secrets that have to be used again (a digest would not do) rest sealed in the store: AES-256-GCM under a key in a
// file of the data folder (mode 0600), which is in no store and no backup. Whoever reads the store, a replica or a
// backup has text that says nothing; whoever moves it to another place has text that opens nowhere.
//
// A sealed text is `1.` and base64url of nonce (12 bytes), tag (16 bytes) and the text itself under the key (NIST SP
// 800-38D). Nonces are random: 2^32 texts a key, far above what people seal.

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { MizaniError, messageOf } from './errors.js'
import { readSecretFile } from './secret-file.js'
import { writeFirst } from './whole-file.js'

const CIPHER = 'aes-256-gcm'
const VERSION = '1.'
const NONCE = 12
const TAG = 16
const fileSchema = z.strictObject({ format: z.literal(1), key: z.string().regex(/^[0-9a-f]{64}$/) })

/** The same at each controller of a plane. */
export const sealingKeyIn = (data: string): string => join(data, 'sealing-key.json')

export interface Sealing {
  /** @param place where it will be kept, which it does not open without */
  seal(text: string, place: string): string
  /** Null: it was sealed under another key, for another place, or changed since. */
  unseal(sealed: string, place: string): string | null
}

/** Makes the key where there is none. @throws MizaniError CREDENTIALS, SECRET_FILE for a file that is of no use. */
export function openSealing(file: string): Sealing {
  try {
    if (!existsSync(file)) writeFirst(file, `${JSON.stringify({ format: 1, key: randomBytes(32).toString('hex') })}\n`)
    return sealingBy(Buffer.from(fileSchema.parse(JSON.parse(readSecretFile(file))).key, 'hex'))
  } catch (cause) {
    if (cause instanceof MizaniError) throw cause
    const message = `The key that secrets are sealed with cannot be read or written: ${file}: ${messageOf(cause)}.`
    const advice =
      'Take it from another controller of the plane or a copy. Where it is lost: move what is left away, and give ' +
      'every webhook a new secret (`mizani webhook rotate ID`).'
    throw new MizaniError({ code: 'CREDENTIALS', message, advice, cause })
  }
}

function sealingBy(key: Buffer): Sealing {
  return {
    seal(text, place) {
      const nonce = randomBytes(NONCE)
      const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG }).setAAD(Buffer.from(place))
      const hidden = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return VERSION + Buffer.concat([nonce, cipher.getAuthTag(), hidden]).toString('base64url')
    },
    unseal(sealed, place) {
      const bytes = Buffer.from(sealed.slice(VERSION.length), 'base64url')
      if (!sealed.startsWith(VERSION) || bytes.length < NONCE + TAG) return null
      const cipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE), { authTagLength: TAG })
      cipher.setAAD(Buffer.from(place)).setAuthTag(bytes.subarray(NONCE, NONCE + TAG))
      try {
        return Buffer.concat([cipher.update(bytes.subarray(NONCE + TAG)), cipher.final()]).toString('utf8')
      } catch {
        return null // as the docstring says: the cipher knows no more than that it does not open
      }
    },
  }
}
