// A digest of the whole policy tells whoever holds an older copy, and guesses, whether they guessed right. Who does not
// see all of it is given a keyed tag (HMAC-SHA-256, RFC 2104) in its place, and names a version by that tag when they
// write. The key lives as long as the controller's process: after a restart a tag is simply one that is not known, and
// its holder reads again.

import { createHmac, randomBytes } from 'node:crypto'
import { MAX_VEILED_DIGESTS } from '../runtime/limits.js'

const DIGEST = /sha256:[0-9a-f]{64}/g
/** What a reader may send where a digest belongs. */
const NAMED = /(?:sha256|keyed):[0-9a-f]+/g
/** Of 32 characters: nobody meets two that are equal. */
const LENGTH = 32

export class VeiledDigests {
  readonly #key = randomBytes(32)
  /** Tag to digest, the one that was given last at the end. */
  readonly #given = new Map<string, string>()

  /** The text with a tag (`keyed:` and 32 hexadecimal digits) for each digest (`sha256:` and 64). */
  veil(text: string): string {
    return text.replaceAll(DIGEST, (digest) => this.#tagOf(digest))
  }

  /**
   * What a condition of such a reader (If-Match) means: the digest of each tag. What they were not given, also a digest
   * that is right, stands for no version.
   */
  unveil(condition: string): string {
    return condition.replaceAll(NAMED, (name) => this.#given.get(name) ?? 'unknown:0')
  }

  #tagOf(digest: string): string {
    const tag = `keyed:${createHmac('sha256', this.#key).update(digest).digest('hex').slice(0, LENGTH)}`
    this.#given.delete(tag)
    this.#given.set(tag, digest)
    for (const oldest of this.#given.keys()) {
      if (this.#given.size <= MAX_VEILED_DIGESTS) break
      this.#given.delete(oldest)
    }
    return tag
  }
}
