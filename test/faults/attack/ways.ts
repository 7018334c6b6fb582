// The ways in: requests that are given up, sockets that say nothing or read nothing, bytes that mean nothing.

import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** How long anybody waits for an answer. */
const PATIENCE = 20_000

export interface Sent {
  readonly token?: string
  readonly body?: unknown
  readonly type?: string
  readonly headers?: Readonly<Record<string, string>>
  /** It leaves after so many ms, whatever comes. */
  readonly leave?: number
}

export class Ways {
  readonly #url: string
  readonly #sockets = new Set<Socket>()
  /** Answers by status; 0: none came. */
  readonly answers = new Map<number, number>()

  constructor(url: string) {
    this.#url = url
  }

  /** Sends it, reads the answer, and keeps only its status. */
  async ask(method: string, path: string, { token, body, type, headers = {}, leave = PATIENCE }: Sent = {}) {
    const isText = typeof body === 'string' || body instanceof Uint8Array
    const status = await fetch(this.#url + path, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(method === 'GET' ? {} : { 'content-type': type ?? 'application/json' }),
        ...headers,
      },
      signal: AbortSignal.timeout(leave),
      ...(method === 'GET' ? {} : { body: isText ? (body as string) : JSON.stringify(body ?? {}) }),
    }).then(
      async (answer) => {
        for await (const _ of answer.body ?? []);
        return answer.status
      },
      () => 0,
    )
    this.answers.set(status, (this.answers.get(status) ?? 0) + 1)
    return status
  }

  /** The same, so many times at once. */
  many(times: number, method: string, path: string, sent: Sent = {}): Promise<unknown> {
    return Promise.all(Array.from({ length: times }, () => this.ask(method, path, sent)))
  }

  /** A connection that says this and reads nothing; it is taken away after the time. */
  async socket(said: string | Buffer, time: number, port = Number(new URL(this.#url).port)): Promise<void> {
    const socket = connect(port, '127.0.0.1')
    this.#sockets.add(socket)
    socket.on('error', () => undefined).pause()
    socket.write(said)
    await sleep(time)
    socket.destroy()
    this.#sockets.delete(socket)
  }

  /** A request a few bytes at a time. */
  async slowly(said: string, time: number): Promise<void> {
    const socket = connect(Number(new URL(this.#url).port), '127.0.0.1')
    socket.on('error', () => undefined).resume()
    const end = performance.now() + time
    for (let at = 0; performance.now() < end && !socket.destroyed; at += 2) {
      socket.write(said.slice(at, at + 2) || 'x')
      await sleep(500)
    }
    socket.destroy()
  }
}
