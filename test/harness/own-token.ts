// A token as a person makes it: signed in, with a password of their own choice. Nobody else makes one of their account.

import { Caller } from './caller.js'

interface Person {
  readonly id: string
  readonly name?: string
  readonly roles: readonly string[]
  readonly scope?: object | null
}

const DAY = 86_400_000

/** @param owner who makes the account @returns the token */
export async function ownToken(url: () => string, owner: Caller, person: Person): Promise<string> {
  const [given, own] = ['maji ya kunde 1961', 'mvua za masika 1964']
  await owner.post('/v1/users', { scope: null, ...person, password: given })
  const browser = new Caller(url)
  await browser.post('/v1/session', { user: person.id, password: given })
  await browser.post('/v1/me/password', { present: given, password: own })
  await browser.post('/v1/session', { user: person.id, password: own })
  const expires = new Date(Date.now() + DAY).toISOString()
  const wanted = { user: person.id, name: 'test', roles: person.roles, expires }
  return (await browser.post<{ token: string }>('/v1/tokens', wanted)).token
}
