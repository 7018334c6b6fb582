// One HTTP call as an edge makes it: bytes in, bytes out, over connections that are kept, with the authority we were
// told to trust and no other. (fetch cannot be told whom to trust.)

import { type ClientRequest, Agent as PlainAgent, request as plainRequest } from 'node:http'
import { Agent as TlsAgent, request as tlsRequest } from 'node:https'
import { connect } from 'node:tls'
import type { Bytes, Milliseconds } from '../model/units.js'
import { certificatesIn, fingerprintOf } from './certificates.js'
import { MizaniError, messageOf } from './errors.js'

/** TCP asks again after 1 and 3 s, and then after 7: whoever waits for that misses a line that is back meanwhile. */
const CONNECT_WITHIN: Milliseconds = 4_000

export interface HttpCall {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Buffer | string
  /** Without a byte for so long the call has failed. */
  readonly silence: Milliseconds
  /** Larger answers are cut off and count as failures. */
  readonly most: Bytes
  readonly signal?: AbortSignal
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

export interface HttpClient {
  /** @throws MizaniError NOT_REACHED when no answer comes. */
  call(path: string, call: HttpCall): Promise<HttpAnswer>
  /** Calls under way fail, and so does every later one. */
  close(): void
}

/** @param ca PEM text of who vouches for the server; null: whom this machine trusts. */
export function createHttpClient(base: string, ca: string | null): HttpClient {
  const tls = base.startsWith('https:')
  const options = { keepAlive: true, maxSockets: 4 }
  // What was pinned may be a link in the chain, not its root.
  const trust = ca === null ? {} : { ca: certificatesIn(ca).map(String), allowPartialTrustChain: true }
  const agent = tls ? new TlsAgent({ ...options, ...trust }) : new PlainAgent(options)
  const open = new Set<ClientRequest>()
  let closed = false

  function call(path: string, { method = 'GET', headers = {}, body, silence, most, signal }: HttpCall) {
    return new Promise<HttpAnswer>((resolve, reject) => {
      const send = tls ? tlsRequest : plainRequest
      const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
      const request = send(new URL(path, base), {
        ...{ agent, method, timeout: silence },
        headers: { ...headers, ...length },
        ...(signal === undefined ? {} : { signal }),
      })
      open.add(request)
      request.once('close', () => open.delete(request))
      if (closed) request.destroy(new Error('given up here'))
      request.once('socket', (socket) => {
        if (!socket.connecting) return
        AbortSignal.timeout(CONNECT_WITHIN).addEventListener('abort', () => {
          if (socket.connecting) request.destroy(new Error(`no connection within ${CONNECT_WITHIN} ms`))
        })
      })
      request.once('timeout', () => request.destroy(new Error(`no answer within ${silence} ms`)))
      request.on('error', reject)
      request.once('upgrade', (_answer, socket) => {
        socket.destroy()
        reject(new Error('it speaks another protocol'))
      })
      request.once('response', (response) => {
        const chunks: Buffer[] = []
        let size = 0
        response.on('data', (chunk: Buffer) => {
          size += chunk.length
          if (size > most) response.destroy(new Error(`an answer of more than ${most} bytes`))
          else chunks.push(chunk)
        })
        response.on('error', reject)
        response.once('end', () => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) })
        })
      })
      request.end(body)
    }).catch((cause: unknown) => {
      throw notReached(base, cause)
    })
  }
  function close(): void {
    closed = true
    // The agent alone would give those that wait the connections of those that fail.
    for (const request of open) request.destroy(new Error('given up here'))
    agent.destroy()
  }
  return { call, close }
}

/**
 * The certificate with this fingerprint among those that the server shows, as PEM. Whether the server may use it is
 * checked with the first call that trusts it; here nothing is trusted and nothing is said.
 * @throws MizaniError NOT_REACHED; FINGERPRINT when another authority vouches for it.
 */
export function pinnedAuthority(base: string, fingerprint: string, silence: Milliseconds): Promise<string> {
  const { hostname, port } = new URL(base)
  const host = hostname.replace(/^\[|\]$/g, '')
  return new Promise((resolve, reject) => {
    const name = /^[\d.]+$|:/.test(host) ? {} : { servername: host }
    const socket = connect({ host, port: Number(port || 443), rejectUnauthorized: false, ...name })
    socket.setTimeout(silence, () => socket.destroy(new Error(`no answer within ${silence} ms`)))
    socket.on('error', (cause) => reject(notReached(base, cause)))
    socket.once('secureConnect', () => {
      const seen: string[] = []
      let one = socket.getPeerX509Certificate()
      for (; one !== undefined && !seen.includes(one.fingerprint256); one = one.issuerCertificate) {
        if (fingerprintOf(one) === fingerprint) resolve(one.toString())
        seen.push(one.fingerprint256)
      }
      socket.destroy()
      reject(foreign(base))
    })
  })
}

function foreign(base: string): MizaniError {
  return new MizaniError({
    code: 'FINGERPRINT',
    message: `The server at ${base} is vouched for by another authority than the fingerprint says.`,
    advice:
      'Somebody may sit in between, or it has a new certificate: ask its people for the fingerprint, or a new line.',
  })
}

function notReached(base: string, cause: unknown): MizaniError {
  const message = `No controller answers at ${base}: ${messageOf(cause)}.`
  return new MizaniError({ code: 'NOT_REACHED', remedy: 'retry', message, cause })
}
