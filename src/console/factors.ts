// Second factors in a browser: a code, or a passkey as the browser keeps it.

import type { Call, Me } from './call.js'

/** Whether this browser can; older ones take codes. */
export const takesPasskeys = (): boolean =>
  (globalThis as { PublicKeyCredential?: { parseRequestOptionsFromJSON?: unknown } }).PublicKeyCredential
    ?.parseRequestOptionsFromJSON !== undefined

export async function enterByPasskey(call: Call): Promise<Me> {
  const asked = await call('post', '/v1/session/passkey/options', {})
  // What the server writes is what the browser reads (WebAuthn, section 5.1.10).
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(asked as PublicKeyCredentialRequestOptionsJSON)
  const credential = await navigator.credentials.get({ publicKey })
  return call('post', '/v1/session/passkey', { body: { credential: jsonOf(credential) } })
}

/** Makes one; who is signed in then has its factor. @returns codes for the day it is lost, where they are new. */
export async function addPasskey(call: Call): Promise<readonly string[]> {
  const asked = await call('post', '/v1/me/factors/passkeys/options', {})
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(
    asked as unknown as PublicKeyCredentialCreationOptionsJSON,
  )
  const credential = await navigator.credentials.create({ publicKey })
  const made = await call('post', '/v1/me/factors/passkeys', {
    body: { name: navigator.platform || 'passkey', credential: jsonOf(credential) },
  })
  return made.recoveryCodes
}

/** As the browser writes it; the server reads all of it. */
interface Shown {
  readonly id: string
  readonly rawId: string
  readonly type: 'public-key'
  readonly [more: string]: unknown
}

function jsonOf(credential: Credential | null): Shown {
  if (credential === null) throw new Error('the browser gave no passkey')
  return (credential as PublicKeyCredential).toJSON() as unknown as Shown
}
