// Codes of an authenticator (TOTP, RFC 6238): six digits of HMAC-SHA-1, a new one every 30 s, as every authenticator
// has them. One step before and after are right as well, for clocks that differ; each step is accepted once (section
// 5.2), so that a code that somebody has looked at is worth nothing.

import { Secret, TOTP } from 'otpauth'
import { type Milliseconds, toSeconds, type UnixMilliseconds } from '../model/units.js'

const DIGITS = 6
const PERIOD: Milliseconds = 30_000
/** Steps before and after the present one. */
const WINDOW = 1
/** RFC 4226 section 4 asks for 160 bits. */
const SECRET_BYTES = 20

/** In base32 (RFC 4648), as authenticators take it by hand. */
export const newTotpSecret = (): string => new Secret({ size: SECRET_BYTES }).base32

const totpOf = (secret: string, account = ''): TOTP =>
  new TOTP({ issuer: 'Mizani', label: account, digits: DIGITS, period: toSeconds(PERIOD), secret })

/** otpauth://totp/…, which authenticators read as a picture. */
export const totpUri = (secret: string, account: string): string => totpOf(secret, account).toString()

/** Which step this is the code of; null: of none that counts now. */
export function stepOf(secret: string, code: string, now: UnixMilliseconds): number | null {
  const delta = totpOf(secret).validate({ token: code, timestamp: now, window: WINDOW })
  return delta === null ? null : Math.floor(now / PERIOD) + delta
}
