// A provider of an institution: oidc-provider, which is certified for OpenID Connect, on a loopback port of the test,
// and a browser that goes there with cookies and follows where it is sent. Who signs in there, and with what, the test
// says.

import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import Provider, { type Context } from 'oidc-provider'
import type { Milliseconds } from '../../src/model/units.js'
import { type OidcSettings, oidcSettings } from '../../src/runtime/identity-settings.js'
import type { Ending } from '../harness/place.js'

export const CLIENT_SECRET = 'a secret of the provider and us'

/** Who signs in at the provider, as it knows them. */
export interface Person {
  readonly sub: string
  readonly claims: Readonly<Record<string, unknown>>
  readonly acr?: string
  readonly amr?: readonly string[]
}

export const ASHA: Person = {
  sub: 'u-1',
  claims: { preferred_username: 'Asha.Mrema', name: 'Asha Mrema', groups: ['operators'] },
}

export interface ProviderOptions {
  readonly redirect: string
  /** Our clock jumps so far once the provider has sent its tokens, until the test ends. */
  readonly jump?: Milliseconds
  readonly tls?: { readonly cert: string; readonly key: string }
}

export interface TestProvider {
  readonly issuer: string
  /** Who signs in from now on when the provider asks; null: they turn away. */
  person: Person | null
  /** What it was asked for: method and path. */
  readonly asked: string[]
  /** The address with which the browser comes back, having signed in there. */
  visit(url: string, browser?: Browser): Promise<string>
  settings(more?: object): OidcSettings
  end(): Promise<void>
}

export async function startProvider(ending: Ending, options: ProviderOptions): Promise<TestProvider> {
  const { redirect, jump, tls } = options
  const asked: string[] = []
  const server = tls === undefined ? createServer() : createTlsServer(tls)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const issuer = `http${tls === undefined ? '' : 's'}://127.0.0.1:${(server.address() as AddressInfo).port}/realm`
  const provider: Provider = quietly(
    () =>
      new Provider(
        issuer,
        configuration(() => self.person, redirect),
      ),
  )
  const answer = provider.callback()
  server.on('request', (request, response) => {
    asked.push(`${request.method} ${request.url?.split('?', 1)[0]}`)
    if (jump !== undefined && request.url === '/realm/token') response.once('finish', () => jumpBy(jump, ending))
    request.url = request.url?.replace(/^\/realm/, '')
    Object.assign(request, { originalUrl: `/realm${request.url}` })
    if (!request.url?.startsWith('/interaction/')) return answer(request, response)
    void atTheDoor().catch(() => response.writeHead(500).end())
    async function atTheDoor(): Promise<void> {
      const { person } = self
      if (person === null) return provider.interactionFinished(request, response, { error: 'access_denied' })
      const { sub: accountId, acr, amr } = person
      await provider.interactionFinished(request, response, { login: { accountId, acr, amr } })
    }
  })
  const self: TestProvider = {
    ...{ issuer, asked, person: ASHA as Person | null },
    visit: (url, browser = new Browser()) => browser.follow(url, redirect),
    settings: (more = {}) =>
      oidcSettings.parse({
        ...{ issuer, client: 'mizani', name: 'GovID', scopes: ['openid', 'profile', 'groups'] },
        roles: [
          { group: 'operators', roles: ['operator'], scope: { regions: ['mbeya'] } },
          { group: 'approvers', roles: ['approver'] },
          { group: 'auditors', roles: ['auditor'] },
        ],
        ...more,
      }),
    async end() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  ending.teardown(() => server.listening && self.end())
  return self
}

/** The library asks the machine for the time. */
function jumpBy(jump: Milliseconds, ending: Ending): void {
  const { now } = Date
  Date.now = () => now() + jump
  ending.teardown(() => {
    Date.now = now
  })
}

/** It warns of what is fit for tests alone. */
function quietly<T>(make: () => T): T {
  const { info, warn } = console
  Object.assign(console, { info: () => undefined, warn: () => undefined })
  try {
    return make()
  } finally {
    Object.assign(console, { info, warn })
  }
}

function configuration(person: () => Person | null, redirect: string): object {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const key = { ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig', kid: randomUUID() }
  return {
    clients: [
      {
        ...{ client_id: 'mizani', client_secret: CLIENT_SECRET, redirect_uris: [redirect], require_auth_time: true },
        ...{ id_token_signed_response_alg: 'ES256', token_endpoint_auth_method: 'client_secret_basic' },
      },
    ],
    jwks: { keys: [key] },
    cookies: { keys: ['a key of the test'] },
    // What a scope asks for is said at the user's own address, as most providers have it.
    claims: {
      openid: ['sub', 'acr', 'amr', 'auth_time'],
      profile: ['name', 'preferred_username'],
      groups: ['groups'],
    },
    scopes: ['openid', 'profile', 'groups'],
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_: unknown, { uid }: { uid: string }) => `/realm/interaction/${uid}` },
    findAccount: (_: unknown, sub: string) => ({ accountId: sub, claims: () => ({ sub, ...person()?.claims }) }),
    loadExistingGrant,
    ttl: {
      IdToken: () => 300,
      Session: () => 3_600,
      Grant: () => 3_600,
      Interaction: () => 600,
      AccessToken: () => 300,
    },
  }
}

/** Nobody is asked whether we may know what the institution knows. */
async function loadExistingGrant(context: Context & { readonly oidc: { readonly provider: Provider } }) {
  const { client, session, provider, params } = context.oidc
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId })
  grant.addOIDCScope(params.scope)
  await grant.save()
  return grant
}

/** A browser as far as signing in goes: cookies of one site, and redirects. */
export class Browser {
  readonly #cookies = new Map<string, string>()

  /** Goes where it is sent until that is home, and gives the address. */
  async follow(url: string, home: string): Promise<string> {
    for (let at = url, hops = 0; hops < 10; hops++) {
      if (at.startsWith(home)) return at
      const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
      const answer = await fetch(at, { redirect: 'manual', headers: cookie === '' ? {} : { cookie } })
      for (const one of answer.headers.getSetCookie()) {
        const [name = '', value = ''] = one.split(';', 1)[0]!.split(/=(.*)/s)
        this.#cookies.set(name, value)
      }
      const next = answer.headers.get('location')
      if (next === null) throw new Error(`${answer.status} ${(await answer.text()).slice(0, 500)}`)
      at = new URL(next, at).href
    }
    throw new Error('sent around in circles')
  }
}
