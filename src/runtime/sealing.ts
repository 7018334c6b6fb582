// Secrets that have to be used again (a digest would not do) rest sealed in the store: AES-256-GCM under a key in a
// file (setting `sealingKey`, mode 0600), the same at each controller of a plane, which is in no store and no backup.
// Whoever reads the store, a replica or a backup has text that says nothing; whoever moves it to another place has text
// that opens nowhere. Who may have which key is agreed on in process/sealing-key.ts.
//
// A sealed text is `1.` and base64url of nonce (12 bytes), tag (16 bytes) and the text itself under the key (NIST SP
// 800-38D). Nonces are random: 2^32 texts a key, far above what people seal.

import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from 'node:crypto'
import { MizaniError, messageOf } from './errors.js'
import { jsonOrNull } from './json.js'
import { readSecretFile } from './secret-file.js'
import { writeFirst } from './whole-file.js'
import * as z from './zod.js'

const CIPHER = 'aes-256-gcm'
const VERSION = '1.'
const KEY = 32
const NONCE = 12
const TAG = 16
const fileSchema = z.strictObject({ format: z.literal(1), key: z.string().regex(/^[0-9a-f]{64}$/) })

export interface Sealing {
  /** SHA-256 (hex) of the key, which says nothing of it. */
  readonly id: string
  /** @param place where it will be kept, which it does not open without */
  seal(text: string, place: string): string
  /** Null: it was sealed under another key, for another place, or changed since. */
  unseal(sealed: string, place: string): string | null
  /** HMAC-SHA256 (hex) under the key: says which text it is, and not what is in it to who guesses. */
  fingerprint(text: string): string
}

/** @throws MizaniError CREDENTIALS, SECRET_FILE for a file that is of no use. */
export function sealingIn(file: string): Sealing {
  return withFile(file, () => {
    const kept = fileSchema.safeParse(jsonOrNull(readSecretFile(file)))
    // What is wrong with it is not said: that would quote it, and it may be the key.
    if (!kept.success) throw new Error('it is not a key as Mizani writes one')
    return sealingBy(Buffer.from(kept.data.key, 'hex'))
  })
}

/** Of two who make the first one, one is kept. @throws MizaniError CREDENTIALS: it cannot be written. */
export function makeSealingKey(file: string): void {
  const kept = { format: 1, key: randomBytes(KEY).toString('hex') }
  withFile(file, () => writeFirst(file, `${JSON.stringify(kept)}\n`))
}

/** Under a key that nobody keeps. */
export const sealingOfMoment = (): Sealing => sealingBy(randomBytes(KEY))

function withFile<T>(file: string, work: () => T): T {
  try {
    return work()
  } catch (cause) {
    if (cause instanceof MizaniError) throw cause
    const message = `The key that secrets are sealed with cannot be read or written: ${file}: ${messageOf(cause)}.`
    const advice = `Take it from another controller of the plane or a copy, or name another file: sealingKey.`
    throw new MizaniError({ code: 'CREDENTIALS', message, advice, cause })
  }
}

function sealingBy(key: Buffer): Sealing {
  const marking = createHmac('sha256', key).update('mizani fingerprint').digest()
  return {
    fingerprint: (text) => createHmac('sha256', marking).update(text).digest('hex'),
    id: createHash('sha256').update('mizani sealing key\0').update(key).digest('hex'),
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
