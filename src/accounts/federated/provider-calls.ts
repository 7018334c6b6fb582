// How a provider is asked, and what went wrong where it does not answer as it should. It is asked over our own HTTP
// client, for fetch cannot be told whom to trust; nothing goes to another machine without TLS, whatever the provider
// says of its addresses.

import { MizaniError, messageOf } from '../../runtime/errors.js'
import { createHttpClient } from '../../runtime/http-call.js'
import { MAX_SETTINGS_BYTES, PROVIDER_PATIENCE } from '../../runtime/limits.js'
import { isLoopback } from '../../runtime/loopback.js'

interface Asked {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly signal?: AbortSignal | undefined
}

/** Statuses of an answer that has no body (Fetch standard). */
const EMPTY = [204, 205, 304]

/** In place of fetch. @param ca PEM text; null: whom this machine trusts. */
export async function askProvider(url: string, { method, headers, body, signal }: Asked, ca: string | null) {
  const { origin, pathname, search, protocol, hostname } = new URL(url)
  if (protocol !== 'https:' && !isLoopback(hostname))
    throw new MizaniError({ code: 'NEEDS_TLS', message: `${origin} is another machine, without TLS.` })
  const client = createHttpClient(origin, ca)
  try {
    const answer = await client.call(pathname + search, {
      method: method === 'POST' ? 'POST' : 'GET',
      headers,
      ...(body instanceof URLSearchParams || typeof body === 'string' ? { body: String(body) } : {}),
      ...{ silence: PROVIDER_PATIENCE, most: MAX_SETTINGS_BYTES },
      ...(signal === undefined ? {} : { signal }),
    })
    const said = Object.entries(answer.headers).flatMap(([name, value]) =>
      [value ?? []].flat().map((one): [string, string] => [name, one]),
    )
    const content = EMPTY.includes(answer.status) ? null : new Uint8Array(answer.body)
    return new Response(content, { status: answer.status, headers: said })
  } finally {
    client.close()
  }
}

/** Codes of openid-client for a provider that does not answer as one. */
const NO_PROVIDER = ['OAUTH_TIMEOUT', 'OAUTH_ABORT', 'OAUTH_RESPONSE_IS_NOT_CONFORM', 'OAUTH_RESPONSE_IS_NOT_JSON']
const CHALLENGE = 'OAUTH_WWW_AUTHENTICATE_CHALLENGE'
const CLOCKS = 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED'

/** What a person is told, and what the log says besides. */
export function refusalOf(error: unknown, issuer: string, skew: number): MizaniError {
  if (error instanceof MizaniError && error.code !== 'NOT_REACHED' && error.code !== 'NEEDS_TLS') return error
  const chain = causesOf(error)
  const codes = chain.map((one) => Reflect.get(one, 'code'))
  const said = Reflect.get(chain[0] ?? {}, 'error')
  const cause = error
  if (codes.some((code) => code === 'NOT_REACHED' || code === 'NEEDS_TLS' || NO_PROVIDER.includes(String(code)))) {
    const why = messageOf(chain.at(-1))
    const advice = 'Accounts with a password of their own sign in as always; `mizani doctor` looks at the provider.'
    const message = `The provider ${issuer} does not answer as one: ${why}.`
    return new MizaniError({ code: 'PROVIDER_UNAVAILABLE', message, advice, cause })
  }
  const refuse = (message: string, advice: string): MizaniError =>
    new MizaniError({ code: 'UNAUTHENTICATED', message, advice, cause })
  if (codes.includes(CLOCKS)) {
    return refuse(
      `What ${issuer} said does not hold at this time: ${messageOf(chain.at(-1))}.`,
      `Do its clock and ours differ by more than ${skew} s (oidc.skew), or was the sign-in there too long ago?`,
    )
  }
  if (said === 'invalid_client' || said === 'unauthorized_client' || codes.includes(CHALLENGE))
    return refuse(
      `${issuer} does not know us: ${said ?? 'it asks who we are'}.`,
      'Compare oidc.client and OIDC_CLIENT_SECRET with what it has.',
    )
  const what = typeof said === 'string' ? said : messageOf(chain.at(-1))
  return refuse(`${issuer} has not signed you in: ${what}.`, 'Begin again.')
}

/** What was thrown, and what it was thrown for. */
function causesOf(error: unknown): Error[] {
  const found: Error[] = []
  for (let one = error; one instanceof Error && !found.includes(one); one = one.cause) found.push(one)
  return found
}
