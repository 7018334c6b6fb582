// Who is told of alarms: a mail server and receivers of webhooks on this machine, each with manners of its own, that
// remember what they took.

import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net'
import type { Ending } from '../harness/place.js'
import { NEAR } from './near.js'

const portOf = async (server: Server): Promise<number> => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

export interface MailServer {
  readonly port: number
  /** Addresses for whom a letter was taken, with its subject, once for each letter. */
  readonly took: string[]
  /** Addresses that were named, taken or not. */
  readonly asked: Set<string>
  /** From now on it takes everything. */
  mend(): void
}

/** Says nothing at all to every other address, and "later" to the rest, until it is mended. */
export async function mailServer(ending: Ending): Promise<MailServer> {
  const took: string[] = []
  const asked = new Set<string>()
  let well = false
  const server = createTcpServer((socket) => {
    let to = ''
    let inData = false
    let subject = ''
    const answer = (line: string): string | null => {
      if (inData) {
        subject ||= /^Subject: (.*)$/.exec(line)?.[1] ?? ''
        if (line !== '.') return null
        inData = false
        took.push(`${to} ${subject}`)
        return '250 kept'
      }
      if (line === 'DATA') {
        inData = true
        subject = ''
        return '354 go on'
      }
      const named = /^RCPT TO:<([^>]+)>/.exec(line)?.[1]
      if (named === undefined) return '250 ok'
      to = named
      asked.add(to)
      if (well) return '250 ok'
      return Number(/\d+/.exec(to)?.[0] ?? 0) % 2 === 0 ? '451 come back later' : null
    }
    socket.write('220 test\r\n')
    socket.on('error', () => undefined)
    socket.on('data', (bytes) => {
      for (const line of bytes.toString().split('\r\n').slice(0, -1)) {
        const word = answer(line)
        if (word !== null) socket.write(`${word}\r\n`)
      }
    })
  })
  const port = await portOf(server)
  ending.teardown(() => server.close())
  const mend = (): void => {
    well = true
  }
  return { port, took, asked, mend }
}

export const MANNERS = ['refuses', 'says nothing', 'takes its time', 'sends elsewhere', 'is quick'] as const
type Manner = (typeof MANNERS)[number]

/** What a receiver that takes its time takes: less than the last words of a process. */
const SLOW = 700

export interface HookServer {
  readonly url: (manner: Manner) => string
  /** `manner delivery`, of each letter that was answered with 2xx. */
  readonly took: string[]
  /** The same of each that came. */
  readonly came: string[]
  mend(): void
}

/** One server, a path for each manner; all of them take everything once it is mended. */
export async function hookServer(ending: Ending): Promise<HookServer> {
  const took: string[] = []
  const came: string[] = []
  let well = false
  const behave = (manner: Manner, reply: ServerResponse, taken: () => void): void => {
    const take = (): void => {
      if (reply.destroyed) return
      taken()
      reply.writeHead(204).end()
    }
    if (well || manner === 'is quick') take()
    else if (manner === 'takes its time') setTimeout(take, SLOW)
    else if (manner === 'refuses') reply.writeHead(503).end()
    else if (manner === 'sends elsewhere') reply.writeHead(302, { location: '/' }).end()
  }
  const server = createServer((request, reply) => {
    const manner = MANNERS[Number(request.url!.slice(1))]!
    const letter = `${manner} ${request.headers['mizani-delivery']}`
    request.resume().on('end', () => {
      came.push(letter)
      behave(manner, reply, () => took.push(letter))
    })
  })
  const port = await portOf(server)
  ending.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    ...{ took, came, url: (manner) => `http://${NEAR}:${port}/${MANNERS.indexOf(manner)}` },
    mend() {
      well = true
    },
  }
}
