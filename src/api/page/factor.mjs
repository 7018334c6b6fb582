// Second factors on the page: a code, or a passkey as the browser keeps it. For a password of the own choice, and for
// authenticators, there is the command line.

import { call } from './call.mjs'

/** Whether this browser can; older ones take codes. */
export const takesPasskeys = globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON !== undefined

const post = (path, body) => call(path, { method: 'POST', body })

const giveCode = (code) => post('/v1/session/factor', { code })

async function enterByPasskey() {
  const asked = await post('/v1/session/passkey/options', {})
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(asked)
  const credential = await navigator.credentials.get({ publicKey })
  return post('/v1/session/passkey', { credential: credential.toJSON() })
}

/** Makes one; who is signed in then has its factor. `keep` is given the codes for the day it is lost. */
async function addPasskey(keep) {
  const asked = await post('/v1/me/factors/passkeys/options', {})
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(asked)
  const credential = await navigator.credentials.create({ publicKey })
  const made = { name: navigator.platform || 'passkey', credential: credential.toJSON() }
  keep((await post('/v1/me/factors/passkeys', made)).recoveryCodes)
  return call('/v1/me')
}

/** What is said to who lacks something that is not asked for here. */
export const LACKING = { factor: 'lacksFactor', password: 'lacksPassword' }

/** `welcome` is told who it is that has shown a factor, `say` why not. */
export function listenForFactors(byId, welcome, say) {
  const prove = (work, refusal) => work.then(welcome, () => say(refusal))
  byId('factor').addEventListener('submit', (event) => {
    event.preventDefault()
    const code = byId('code').value
    byId('code').value = ''
    prove(giveCode(code), 'notTheCode')
  })
  const keep = (codes) => {
    byId('codes').textContent = codes.join('\n')
    byId('kept-codes').hidden = codes.length === 0
  }
  byId('sign-out').addEventListener('click', () => keep([]))
  byId('then-passkey').hidden = !takesPasskeys
  for (const id of ['by-passkey', 'then-passkey'])
    byId(id).addEventListener('click', () => prove(enterByPasskey(), 'noPasskey'))
  byId('add-passkey').addEventListener('click', () => prove(addPasskey(keep), 'noPasskey'))
}
