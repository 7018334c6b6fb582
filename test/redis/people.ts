// People and machines that use the API as the outside does: over HTTP, with a session or a token, reading answers as
// JSON by the names of the outside contract.

import { setTimeout as sleep } from 'node:timers/promises'

/** An answer as scripts read it. */
export interface Answer<Body> {
  readonly status: number
  readonly etag: string
  readonly body: Body
}

export interface Asked {
  readonly etag?: string
  readonly headers?: Readonly<Record<string, string>>
}

export class Caller<Body> {
  readonly #url: () => string
  readonly #token: string | null
  #cookie = ''

  /** @param token null: somebody at a browser, who signs in */
  constructor(url: () => string, token: string | null = null) {
    this.#url = url
    this.#token = token
  }

  async call(method: string, path: string, body?: unknown, { etag, headers = {} }: Asked = {}): Promise<Answer<Body>> {
    const url = this.#url()
    const sent: Record<string, string> = { ...headers }
    if (this.#token === null) Object.assign(sent, { origin: url, cookie: this.#cookie })
    else sent.authorization = `Bearer ${this.#token}`
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
}

export async function until<T>(what: string, look: () => Promise<T | undefined>, tries = 300): Promise<T> {
  for (let k = 0; k < tries; k++) {
    const found = await look()
    if (found !== undefined) return found
    await sleep(100)
  }
  throw new Error(`never happened: ${what}`)
}
