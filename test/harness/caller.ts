// People and machines that use the API as the outside does: over HTTP, with a session or a token, reading answers as
// JSON by the names of the outside contract.

import { until } from './until.js'

/** Between two looks at a server. */
const PAUSE = 50

/** An answer as scripts read it. */
export interface Answer<Body> {
  readonly status: number
  readonly etag: string
  readonly body: Body
}

export interface Asked {
  readonly etag?: string | undefined
  readonly headers?: Readonly<Record<string, string>>
}

export class Caller<Body = unknown> {
  readonly #url: () => string
  readonly #token: string | (() => string) | null
  #cookie = ''

  /** @param token null: somebody at a browser, who signs in; a function is asked each time */
  constructor(url: () => string, token: string | (() => string) | null = null) {
    this.#url = url
    this.#token = token
  }

  /** Who it is, for requests that are made elsewhere. */
  get headers(): Record<string, string> {
    const token = this.#token
    if (token === null) return { origin: this.#url(), cookie: this.#cookie }
    return { authorization: `Bearer ${typeof token === 'string' ? token : token()}` }
  }

  async call(method: string, path: string, body?: unknown, { etag, headers = {} }: Asked = {}): Promise<Answer<Body>> {
    const url = this.#url()
    const sent: Record<string, string> = { ...headers, ...this.headers }
    if (method !== 'GET') sent['content-type'] = 'application/json'
    if (etag !== undefined) sent['if-match'] = etag
    const init = { method, headers: sent, ...(method === 'GET' ? {} : { body: JSON.stringify(body ?? {}) }) }
    const answer = await fetch(url + path, init)
    this.#cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? this.#cookie
    const text = await answer.text()
    const isJson = answer.headers.get('content-type')?.includes('json') ?? false
    // What is not JSON is looked at as text; a test that asks for it knows.
    const read = (isJson ? JSON.parse(text) : text) as Body
    return { status: answer.status, etag: answer.headers.get('etag') ?? '', body: read }
  }

  /** What there is to read. @throws Error with what the API said instead. */
  async get<T = Body>(path: string): Promise<T> {
    const { status, body } = await this.call('GET', path)
    if (status !== 200) throw new Error(`${path}: ${status} ${JSON.stringify(body)}`)
    return body as unknown as T
  }

  /** Does it, and gives what came of it. @throws Error with what the API said instead. */
  async post<T = Body>(path: string, body?: unknown): Promise<T> {
    const answer = await this.call('POST', path, body)
    if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
    return answer.body as unknown as T
  }

  /** Ends it. @throws Error with what the API said instead. */
  async delete(path: string, body?: unknown): Promise<void> {
    const { status, body: said } = await this.call('DELETE', path, body)
    if (status >= 300) throw new Error(`${path}: ${status} ${JSON.stringify(said)}`)
  }

  /** Reads until it is there and so, and gives what was read then. */
  until<T = Body>(path: string, isSo: (found: T) => boolean, what: string): Promise<T> {
    const look = async (): Promise<{ readonly found: T } | null> => {
      const { status, body } = await this.call('GET', path)
      const found = body as unknown as T
      return status === 200 && isSo(found) ? { found } : null
    }
    return until(look, what, PAUSE).then(({ found }) => found)
  }
}
