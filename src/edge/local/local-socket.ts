// The agent's local socket: HTTP over a unix socket that only the agent's own user may open. The commands at the box
// send their requests here, and so may a collector of metrics; nothing of it needs the network or the controller.
//
//   GET  /status   the status page as JSON            POST /bypass   { site, duration, reason }
//   GET  /metrics  the same as Prometheus text        POST /resume   { site }
//
// Who may open the socket may change the kernel anyway: it is the same user. Metrics alone may also be offered on a
// TCP port, for collectors that cannot read a socket.

import { chmodSync, mkdirSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type RequestListener, request, type Server } from 'node:http'
import { dirname } from 'node:path'
import { foreignCode, MizaniError, messageOf } from '../../runtime/errors.js'
import { MAX_REQUEST_BYTES } from '../../runtime/limits.js'
import type { Logger } from '../../runtime/log.js'
import * as z from '../../runtime/zod.js'
import type { Agent } from '../agent.js'
import { type Bypasses, institutionNamed } from './bypasses.js'
import type { Lookout } from './lookout.js'
import { metricsText } from './metrics.js'
import { type EdgeStatusPage, statusPage } from './picture.js'

/** sun_path of Linux, with its closing zero. */
const MAX_SOCKET_PATH = 108

const bypassBody = z.strictObject({ site: z.string().nullable(), duration: z.number(), reason: z.string() })
const resumeBody = z.strictObject({ site: z.string().nullable() })
const refusalShape = z.object({ code: z.string(), message: z.string(), advice: z.string().optional() })

export interface SocketOptions {
  readonly agent: Agent
  readonly bypasses: Bypasses
  /** Null: there is none. */
  readonly socket: string | null
  /** Where metrics are offered besides; null: nowhere. */
  readonly metrics: { readonly host: string; readonly port: number } | null
  /** Absent: nobody looks beside what is shaped. */
  readonly lookout?: Lookout
  readonly log: Logger
}

export interface LocalSocket {
  /** Of the metrics; null: none. */
  readonly port: number | null
  close(): Promise<void>
}

/**
 * Opens the socket. One that cannot be opened is logged and left: the edge enforces all the same.
 * @throws MizaniError when another agent holds the socket: two of them would undo each other's work.
 */
export async function openLocalSocket(options: SocketOptions): Promise<LocalSocket> {
  const { agent, bypasses, socket, metrics, lookout, log } = options
  const page = (): EdgeStatusPage => statusPage(agent.picture(), lookout?.latest)
  const open: Server[] = []
  let port: number | null = null
  const listen = async (server: Server, at: object, what: string): Promise<boolean> => {
    try {
      await new Promise<void>((resolve, reject) => server.once('error', reject).listen(at, resolve))
      server.removeAllListeners('error').on('error', (error) => log.warn({ reason: messageOf(error) }, what))
      open.push(server)
      return true
    } catch (error) {
      log.error({ reason: messageOf(error) }, `${what} is not available`)
      return false
    }
  }
  if (socket !== null && fits(socket, log)) {
    await refuseIfAnswered(socket, 'Stop it first: two agents would undo each other’s work.')
    mkdirSync(dirname(socket), { recursive: true, mode: 0o700 })
    rmSync(socket, { force: true })
    if (await listen(createServer(answering(agent, bypasses, page, log)), { path: socket }, 'the local socket')) {
      chmodSync(socket, 0o600)
    }
  }
  if (metrics !== null) {
    const server = createServer((incoming, outgoing) => {
      const found = incoming.method === 'GET' && incoming.url === '/metrics'
      outgoing.writeHead(found ? 200 : 404, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' })
      outgoing.end(found ? metricsText(page()) : 'There is only /metrics here.\n')
    })
    if (await listen(server, metrics, 'the metrics port')) {
      const address = server.address()
      port = typeof address === 'object' && address !== null ? address.port : null
    }
  }
  return {
    port,
    async close() {
      for (const server of open) {
        server.closeAllConnections()
        await new Promise((resolve) => server.close(resolve))
      }
    },
  }
}

function fits(socket: string, log: Logger): boolean {
  const size = Buffer.byteLength(socket)
  if (size < MAX_SOCKET_PATH) return true
  log.error({ socket, size }, `no local socket: its path must stay below ${MAX_SOCKET_PATH} bytes (MIZANI_DATA)`)
  return false
}

/** @throws MizaniError EDGE_RUNS_ALREADY, with the advice, where an agent answers. */
export async function refuseIfAnswered(socket: string, advice: string): Promise<void> {
  const page = await localRequest(socket, 'GET', '/status').catch(() => null)
  if (page === null) return
  throw new MizaniError({ code: 'EDGE_RUNS_ALREADY', message: `Another agent answers at ${socket}.`, advice })
}

const answering =
  (agent: Agent, bypasses: Bypasses, page: () => EdgeStatusPage, log: Logger): RequestListener =>
  (incoming, outgoing) => {
    const answer = (status: number, type: string, text: string): void => {
      outgoing.writeHead(status, { 'content-type': type })
      outgoing.end(text)
    }
    const json = (status: number, body: unknown): void => answer(status, 'application/json', JSON.stringify(body))
    const act = async (): Promise<void> => {
      const institutionOf = (site: string | null): number | null =>
        site === null ? null : institutionNamed(agent.picture().profile, site)
      switch (`${incoming.method} ${incoming.url}`) {
        case 'GET /status':
          return json(200, page())
        case 'GET /metrics':
          return answer(200, 'text/plain; version=0.0.4; charset=utf-8', metricsText(page()))
        case 'POST /bypass': {
          const { site, duration, reason } = bypassBody.parse(await bodyOf(incoming))
          const bypass = bypasses.lift(institutionOf(site), duration, reason)
          log.warn({ site, until: new Date(bypass.until).toISOString(), reason }, 'limits are lifted at the box')
          agent.reconsider()
          return json(200, bypass)
        }
        case 'POST /resume': {
          const { site } = resumeBody.parse(await bodyOf(incoming))
          const ended = bypasses.end(site === null ? undefined : institutionOf(site))
          log.warn({ site, ended: ended.length }, 'limits hold again')
          agent.reconsider()
          return json(200, ended)
        }
        default:
          return json(404, { code: 'NOT_FOUND', message: 'There is nothing here.' })
      }
    }
    act().catch((error: unknown) => {
      const { code, advice } = error instanceof MizaniError ? error : { code: 'BAD_REQUEST', advice: undefined }
      json(400, { code, message: messageOf(error), advice })
    })
  }

async function bodyOf(incoming: IncomingMessage): Promise<unknown> {
  let text = ''
  for await (const chunk of incoming.setEncoding('utf8')) {
    text += chunk
    if (text.length > MAX_REQUEST_BYTES) throw new Error('the request is too large')
  }
  return JSON.parse(text)
}

/**
 * Asks the agent behind the socket.
 * @throws MizaniError with the agent's own code, or NOT_REACHED where no agent answers.
 */
export function localRequest(socket: string, method: 'GET' | 'POST', path: string, body?: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const lost = (error: Error): void => {
      const code = 'NOT_REACHED'
      reject(new MizaniError({ code, message: `No agent answers at ${socket} (${error.message}).`, cause: error }))
    }
    const outgoing = request({ socketPath: socket, method, path, timeout: 10_000 }, (incoming) => {
      let text = ''
      incoming.setEncoding('utf8').on('error', lost)
      incoming.on('data', (chunk: string) => {
        text += chunk
      })
      incoming.on('end', () => {
        try {
          const answer: unknown = JSON.parse(text)
          if (incoming.statusCode === 200) return resolve(answer)
          const { code, message, advice } = refusalShape.parse(answer)
          reject(new MizaniError({ code: foreignCode(code), message, ...(advice === undefined ? {} : { advice }) }))
        } catch (error) {
          lost(new Error(messageOf(error)))
        }
      })
    })
    outgoing.on('error', lost).on('timeout', () => outgoing.destroy(new Error('no answer within 10 s')))
    outgoing.end(body === undefined ? undefined : JSON.stringify(body))
  })
}
