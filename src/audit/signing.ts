// Who wrote an entry: each is signed with a key of the controller that wrote it (Ed25519, RFC 8032) over its number and
// hash, and so over everything before it. Whoever rewrites the store can make new hashes, and no signatures. The key is
// in a file of the controller's and behind no route; to prove a trail its public half is enough.
//
// A signature is written as the public key and what it says, in base64url with a dot between.

import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto'
import type { Link, Signer } from './chain.js'

const SIGNATURE = /^([\w-]{43})\.([\w-]{86})$/

/** PKCS #8 in base64. */
export function newPrivateKey(): string {
  const { privateKey } = generateKeyPairSync('ed25519')
  return privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64')
}

/** @param privateKey as `newPrivateKey` makes it. @throws what node:crypto says of another one. */
export function signerOf(privateKey: string): Signer {
  const key = createPrivateKey({ key: Buffer.from(privateKey, 'base64'), format: 'der', type: 'pkcs8' })
  const { x: publicKey } = createPublicKey(key).export({ format: 'jwk' })
  if (publicKey === undefined) throw new Error('expected an Ed25519 key')
  return { publicKey, sign: (link) => `${publicKey}.${sign(null, textOf(link), key).toString('base64url')}` }
}

const textOf = ({ n, hash }: Link): Buffer => Buffer.from(`mizani audit\0${n}\0${hash}`)

/** Whose signature it says it is; null: it is none. */
export const signedBy = (signature: string): string | null => SIGNATURE.exec(signature)?.[1] ?? null

/** Whether it fits, worked out beside this thread: a long trail must not hold up a tick. */
export function isSigned(link: Link, signature: string): Promise<boolean> {
  const [, publicKey = '', value = ''] = SIGNATURE.exec(signature) ?? []
  const key = keyOf(publicKey)
  if (key === null) return Promise.resolve(false)
  return new Promise((resolve) =>
    verify(null, textOf(link), key, Buffer.from(value, 'base64url'), (error, fits) => resolve(!error && fits)),
  )
}

let last: { readonly text: string; readonly key: KeyObject } | null = null

function keyOf(text: string): KeyObject | null {
  if (last?.text === text) return last.key
  try {
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: text }, format: 'jwk' })
    last = { text, key }
    return key
  } catch {
    // No point of the curve.
    return null
  }
}

export const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex')
