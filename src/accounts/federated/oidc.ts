// Sign-in by a provider: OpenID Connect Core 1.0, authorization code with PKCE (RFC 7636), state and nonce. The way
// there begins here and is sealed into a cookie; what the browser brings back is good once. What the provider says of
// itself is kept for an hour and asked anew; while it is away, nothing here waits for it but who signs in by it.

import type { Configuration, IDToken, UserInfoResponse } from 'openid-client'
import { type Milliseconds, toSeconds, type UnixMilliseconds } from '../../model/units.js'
import { readPem } from '../../runtime/certificates.js'
import type { Clock } from '../../runtime/clock.js'
import { MizaniError } from '../../runtime/errors.js'
import type { OidcSettings } from '../../runtime/identity-settings.js'
import { isTree } from '../../runtime/json.js'
import { PROVIDER_MEMORY, PROVIDER_PATIENCE, PROVIDER_ROUND_TRIP, SESSION_LIFE } from '../../runtime/limits.js'
import { isLoopback } from '../../runtime/loopback.js'
import type { Sealing } from '../../runtime/sealing.js'
import * as z from '../../runtime/zod.js'
import type { Factor } from '../records.js'
import { SealedOnce } from '../sealed-once.js'
import { accountIdOf, type Introduced, rightsOf, shownName } from './introduced.js'
import { askProvider, refusalOf } from './provider-calls.js'

export interface OidcOptions {
  readonly settings: OidcSettings
  /** Null: a client that keeps none. */
  readonly secret: string | null
  /** For what the browser carries there and back. */
  readonly seal: Sealing
  readonly clock: Clock
}

/** A way to the provider. */
export interface Departure {
  /** Where the browser goes. */
  readonly url: string
  /** For a cookie: what the way back needs. */
  readonly sealed: string
}

interface Known {
  readonly configuration: Configuration
  readonly at: Milliseconds
}

/** What the browser carries there and back. (Elsewhere, or after a restart, the code is still good once.) */
const journey = z.strictObject({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  begun: z.number(),
  /** Whether the person had to show anew who they are. */
  fresh: z.boolean(),
})
type Journey = z.output<typeof journey>
const JOURNEY = { place: 'a way to the provider', shape: journey, goodFor: PROVIDER_ROUND_TRIP }

export class OidcProvider {
  readonly #options: OidcOptions
  readonly #journeys: SealedOnce<Journey>
  #known: Known | null = null

  constructor(options: OidcOptions) {
    this.#options = options
    this.#journeys = new SealedOnce(JOURNEY, options.seal, options.clock)
  }

  get name(): string {
    return this.#options.settings.name
  }

  /**
   * @param redirect where the provider sends the browser back to, as it is written down there
   * @param fresh whether the person has to show anew who they are, for what is done in person
   * @throws MizaniError PROVIDER_UNAVAILABLE.
   */
  async depart(redirect: string, fresh: boolean): Promise<Departure> {
    const client = await library()
    const { settings } = this.#options
    try {
      const configuration = await this.#configuration()
      const [state, nonce, verifier] = [client.randomState(), client.randomNonce(), client.randomPKCECodeVerifier()]
      const { acr } = settings.secondFactor
      const url = client.buildAuthorizationUrl(configuration, {
        redirect_uri: redirect,
        scope: settings.scopes.join(' '),
        ...{ state, nonce, code_challenge_method: 'S256' },
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        ...(acr.length === 0 ? {} : { acr_values: acr.join(' ') }),
        // With it a provider says when somebody showed who they are.
        max_age: String(fresh ? 0 : toSeconds(SESSION_LIFE)),
        ...(fresh ? { prompt: 'login' } : {}),
      })
      const begun = this.#options.clock.wall()
      return { url: url.href, sealed: this.#journeys.seal({ state, nonce, verifier, begun, fresh }) }
    } catch (error) {
      throw refusalOf(error, settings.issuer, settings.skew)
    }
  }

  /**
   * @param query what the browser brought back, as it stands behind the ? of the address
   * @throws MizaniError UNAUTHENTICATED, FORBIDDEN: nobody is introduced; PROVIDER_UNAVAILABLE.
   */
  async arrive(redirect: string, query: string, sealed: string): Promise<Introduced> {
    const { settings } = this.#options
    const journey = this.#journeys.take(sealed)
    if (journey === null) {
      const message = 'This way back from the provider is over, or was never begun in this browser.'
      throw new MizaniError({ code: 'UNAUTHENTICATED', message, advice: 'Begin again.' })
    }
    try {
      return this.#introduced(await this.#claims(`${redirect}?${query}`, journey))
    } catch (error) {
      throw refusalOf(error, settings.issuer, settings.skew)
    }
  }

  /** What the provider says of itself, for the doctor. @throws MizaniError PROVIDER_UNAVAILABLE. */
  async look(): Promise<{ readonly endpoints: boolean; readonly claims: readonly string[] | null }> {
    const { settings } = this.#options
    try {
      const metadata = (await this.#configuration()).serverMetadata()
      const { jwks_uri: keys, authorization_endpoint: door, token_endpoint: desk } = metadata
      if (keys !== undefined) await this.#ask(keys, { method: 'GET', headers: { accept: 'application/json' } })
      const claims = metadata.claims_supported ?? null
      return { endpoints: [keys, door, desk].every((address) => address !== undefined), claims }
    } catch (error) {
      throw refusalOf(error, settings.issuer, settings.skew)
    }
  }

  async #claims(address: string, { state, nonce, verifier, begun, fresh }: Journey) {
    const client = await library()
    const { clock, settings } = this.#options
    const configuration = await this.#configuration()
    const within = fresh ? Math.ceil(toSeconds(clock.wall() - begun)) : toSeconds(SESSION_LIFE)
    const tokens = await client.authorizationCodeGrant(configuration, new URL(address), {
      ...{ expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true },
      maxAge: within,
    })
    const claims = tokens.claims()
    if (claims === undefined) throw new Error('it sent no ID token')
    const hasAll = [settings.id, settings.groups].every((name) => claimOf(claims, name) !== undefined)
    if (hasAll || configuration.serverMetadata().userinfo_endpoint === undefined) return claims
    const more = await client.fetchUserInfo(configuration, tokens.access_token, claims.sub)
    // What is signed counts for more.
    return { ...more, ...claims }
  }

  #introduced(claims: IDToken & Partial<UserInfoResponse>): Introduced {
    const { settings } = this.#options
    const named = claimOf(claims, settings.id)
    if (typeof named !== 'string') {
      const message = `${settings.issuer} says nothing of ${settings.id}, which an account takes its id from.`
      const advice = 'The setting oidc.id names the claim, oidc.scopes what is asked for.'
      throw new MizaniError({ code: 'FORBIDDEN', message, advice })
    }
    const id = accountIdOf(named)
    return {
      ...{ source: 'oidc', subject: `${claims.iss} ${claims.sub}`, id },
      name: shownName(typeof claims.name === 'string' ? claims.name : '', id),
      rights: rightsOf(textsIn(claimOf(claims, settings.groups)), settings.roles),
      factor: this.#factor(claims),
      shown: claims.auth_time === undefined ? undefined : claims.auth_time * 1_000,
    }
  }

  /** Without a time nobody knows whether it was today. */
  #factor({ acr, amr, auth_time: at }: IDToken): Factor | undefined {
    const { secondFactor } = this.#options.settings
    const isGiven =
      (typeof acr === 'string' && secondFactor.acr.includes(acr)) ||
      textsIn(amr).some((value) => secondFactor.amr.includes(value))
    return isGiven && at !== undefined ? { kind: 'provider', at: (at * 1_000) as UnixMilliseconds } : undefined
  }

  async #configuration(): Promise<Configuration> {
    const { clock } = this.#options
    const known = this.#known
    if (known !== null && clock.monotonic() - known.at <= PROVIDER_MEMORY) return known.configuration
    const configuration = await this.#discovered()
    this.#known = { configuration, at: clock.monotonic() }
    return configuration
  }

  async #discovered(): Promise<Configuration> {
    const client = await library()
    const { settings, secret } = this.#options
    const { issuer, client: id, skew } = settings
    const isPlain = issuer.startsWith('http:') && isLoopback(new URL(issuer).hostname)
    const auth = secret === null ? client.None() : client.ClientSecretBasic(secret)
    return client.discovery(new URL(issuer), id, { [client.clockTolerance]: skew }, auth, {
      [client.customFetch]: (url, options) => this.#ask(url, options),
      timeout: toSeconds(PROVIDER_PATIENCE),
      // Signatures are held against the provider's keys, over TLS too.
      execute: [client.enableNonRepudiationChecks, ...(isPlain ? [client.allowInsecureRequests] : [])],
    })
  }

  #ask(url: string, options: Parameters<typeof askProvider>[1]): Promise<Response> {
    const { ca } = this.#options.settings
    return askProvider(url, options, ca === null ? null : readPem('CA of oidc', ca))
  }
}

/** Who never signs in by a provider does not load it. */
const library = () => import('openid-client')

/** A claim by its name, else by the way to it. */
function claimOf(claims: object, name: string): unknown {
  if (Object.hasOwn(claims, name)) return Reflect.get(claims, name)
  return name
    .split('.')
    .reduce<unknown>((at, part) => (isTree(at) && Object.hasOwn(at, part) ? at[part] : undefined), claims)
}

/** One text, or a list of them. */
const textsIn = (value: unknown): string[] => [value].flat().filter((one) => typeof one === 'string')
