// Certificates from files: read for TLS, named by fingerprint, and watched for their end, because the usual failure of
// TLS is a date that nobody looked at.

import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { checkServerIdentity, createSecureContext, type PeerCertificate } from 'node:tls'
import { DAY, type Milliseconds, type UnixMilliseconds } from '../model/units.js'
import { MizaniError, messageOf } from './errors.js'
import { readSecretFile } from './secret-file.js'
import type { TlsFiles } from './store-address.js'

/** Time enough to ask for a new one. */
export const EXPIRY_WARNING: Milliseconds = 14 * DAY

export interface TlsTexts {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly servername?: string
  /** Where the server is known by its address: TLS has no name for that to ask by, and it is checked all the same. */
  readonly checkServerIdentity?: (asked: string, shown: PeerCertificate) => Error | undefined
  readonly minVersion: 'TLSv1.3'
}

/** What a client needs to speak TLS with a store. @throws MizaniError TLS_FILE, exit code 2, naming the file. */
export function readTlsFiles({ ca, certificate, key, servername }: TlsFiles, host: string | null): TlsTexts {
  const name = servername ?? host
  const texts = {
    ...(ca === null ? {} : { ca: readPem('CA', ca) }),
    ...(certificate === null ? {} : { cert: readPem('certificate', certificate) }),
    ...(key === null ? {} : { key: readKey(key) }),
  }
  assertUsable(texts, { ca, certificate, key })
  return {
    ...texts,
    // Said here, because without a name whoever dials would check another one, or none.
    ...(name === null ? {} : isIP(name) > 0 ? { checkServerIdentity: identityOf(name) } : { servername: name }),
    minVersion: 'TLSv1.3',
  }
}

/** Whoever dials with what OpenSSL does not take fails before there is a connection that could be made again. */
function assertUsable(texts: Pick<TlsTexts, 'ca' | 'cert' | 'key'>, files: Omit<TlsFiles, 'servername'>): void {
  try {
    createSecureContext(texts)
  } catch (cause) {
    const named = [...new Set(Object.values(files).filter((file) => file !== null))]
    throw new MizaniError({
      code: 'TLS_FILE',
      exitCode: 2,
      message: `What stands in ${named.join(', ')} cannot be used together: ${messageOf(cause)}`,
      advice: 'A certificate and its key belong together; where both are being renewed, try again in a moment.',
      cause,
    })
  }
}

const identityOf =
  (address: string): TlsTexts['checkServerIdentity'] & {} =>
  (_, shown) =>
    checkServerIdentity(address, shown)

/** The text of a PEM file. @throws MizaniError TLS_FILE. */
export function readPem(what: string, file: string): string {
  try {
    const text = readFileSync(file, 'utf8')
    if (!text.includes('-----BEGIN ')) throw new Error('it holds no PEM text')
    return text
  } catch (cause) {
    throw new MizaniError({
      code: 'TLS_FILE',
      exitCode: 2,
      message: `Cannot read the ${what} in ${file}: ${messageOf(cause)}.`,
    })
  }
}

/** A private key: nobody but its owner may read it. */
export const readKey = (file: string): string => `${readSecretFile(file)}\n`

/** Every certificate of a PEM text, in its order. */
export const certificatesIn = (pem: string): X509Certificate[] => blocksIn(pem).map((one) => new X509Certificate(one))

/** The same without those that cannot be read, which TLS leaves out as well. */
export const readableIn = (pem: string): X509Certificate[] =>
  blocksIn(pem).flatMap((one) => {
    try {
      return [new X509Certificate(one)]
    } catch {
      // What whoever needs it is told by TLS itself.
      return []
    }
  })

const blocksIn = (pem: string): readonly string[] =>
  pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []

/** SHA-256 of a certificate as 64 hex digits. */
export const fingerprintOf = ({ fingerprint256 }: { readonly fingerprint256: string }): string =>
  fingerprint256.replaceAll(':', '').toLowerCase()

/** Of the last certificate that a server with this chain shows, which vouches for the others; null: it has no file. */
export function fingerprintOfChain(file: string | undefined): string | null {
  const top = file === undefined ? undefined : certificatesIn(readPem('certificate of http.tls', file)).at(-1)
  return top === undefined ? null : fingerprintOf(top)
}

/** When the first certificate of a PEM text ends: that of the server or client itself. */
export const expiryOf = (pem: string): UnixMilliseconds | null => {
  const [own] = certificatesIn(pem)
  return own === undefined ? null : Date.parse(own.validTo)
}

/** Null while there is time; else the sentence for a log. */
export function expiryWarning(what: string, expiry: UnixMilliseconds, now: UnixMilliseconds): string | null {
  if (expiry - now > EXPIRY_WARNING) return null
  const day = new Date(expiry).toISOString()
  return expiry <= now ? `${what} has expired at ${day}` : `${what} expires at ${day}: renew it now`
}
