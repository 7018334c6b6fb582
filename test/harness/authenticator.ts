// A device that keeps passkeys, made of node:crypto: P-256 keys, a counter, and the bytes of WebAuthn level 3, sections
// 6.1 and 6.5. Tests bend what it says.

import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'

type Cbor = number | string | Buffer | Map<number | string, Cbor>

const sha256 = (data: string | Buffer): Buffer => createHash('sha256').update(data).digest()
const b64 = (data: Buffer | string): string => Buffer.from(data).toString('base64url')

/** As much of RFC 8949 as a key and an attestation take. */
function cbor(value: Cbor): Buffer {
  const head = (major: number, n: number): Buffer => {
    if (n < 24) return Buffer.from([(major << 5) | n])
    return n < 256 ? Buffer.from([(major << 5) | 24, n]) : Buffer.from([(major << 5) | 25, n >> 8, n & 255])
  }
  if (typeof value === 'number') return value >= 0 ? head(0, value) : head(1, -1 - value)
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)])
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value])
  return Buffer.concat([head(5, value.size), ...[...value].flatMap(([key, of]) => [cbor(key), cbor(of)])])
}

export interface Bent {
  readonly origin?: string
  readonly rpId?: string
  /** User present 1, user verified 4. */
  readonly flags?: number
  readonly counter?: number
}

export class SoftAuthenticator {
  readonly credential = randomBytes(16)
  readonly #keys: { publicKey: KeyObject; privateKey: KeyObject } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  readonly #origin: string
  #counter = 0

  constructor(origin: string) {
    this.#origin = origin
  }

  create({ challenge }: { readonly challenge: string }, bent: Bent = {}) {
    const { x = '', y = '' } = this.#keys.publicKey.export({ format: 'jwk' })
    const key = new Map<number, Cbor>([
      ...([
        [1, 2],
        [3, -7],
        [-1, 1],
      ] as const), // EC2, ES256, P-256
      [-2, Buffer.from(x, 'base64url')],
      [-3, Buffer.from(y, 'base64url')],
    ])
    const length = Buffer.from([0, this.credential.length])
    const attested = Buffer.concat([Buffer.alloc(16), length, this.credential, cbor(key)])
    const authData = Buffer.concat([this.#head({ flags: 0x45, ...bent }), attested])
    const attestation = new Map<string, Cbor>([
      ['fmt', 'none'],
      ['attStmt', new Map()],
      ['authData', authData],
    ])
    const response = { attestationObject: b64(cbor(attestation)), transports: ['internal'] }
    return this.#answer({ clientDataJSON: b64(this.#client('webauthn.create', challenge, bent)), ...response })
  }

  get({ challenge }: { readonly challenge: string }, bent: Bent = {}) {
    const client = this.#client('webauthn.get', challenge, bent)
    const data = this.#head({ flags: 0x05, ...bent })
    const signature = sign('sha256', Buffer.concat([data, sha256(client)]), this.#keys.privateKey)
    return this.#answer({ clientDataJSON: b64(client), authenticatorData: b64(data), signature: b64(signature) })
  }

  #answer<Response>(response: Response) {
    const id = b64(this.credential)
    return { id, rawId: id, type: 'public-key', response, clientExtensionResults: {} }
  }

  #client(type: string, challenge: string, { origin = this.#origin }: Bent): string {
    return JSON.stringify({ type, challenge, origin, crossOrigin: false })
  }

  #head({ rpId = new URL(this.#origin).hostname, flags = 0x05, counter = ++this.#counter }: Bent): Buffer {
    const count = Buffer.alloc(4)
    count.writeUInt32BE(counter)
    return Buffer.concat([sha256(rpId), Buffer.from([flags]), count])
  }
}
