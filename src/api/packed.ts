// Long answers are packed where the reader can unpack them: a console on a slow line reads a tenth. In a thread of
// Node's own, so that no tick waits; short ones, and answers to writes, which may hold a secret, go as they are.

import type { IncomingHttpHeaders } from 'node:http'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { App } from './app.js'

/** Below, packing saves less than it costs. */
const LEAST = 4_096
const LEVEL = 3

const pack = promisify(gzip)

/** Whether whoever asks can unpack this (RFC 9110 section 12.5.3). */
export function takes(headers: IncomingHttpHeaders, coding: 'gzip' | 'br'): boolean {
  const said = (headers['accept-encoding'] ?? '').toString().split(',')
  return said.some((part) => {
    const [name = '', quality = 'q=1'] = part.split(';').map((text) => text.trim())
    return name === coding && Number(quality.replace('q=', '')) > 0
  })
}

/** Added after whatever looks through answers. */
export function packLongAnswers(app: App): void {
  app.addHook('onSend', async (request, reply, payload) => {
    if (request.method !== 'GET' || !takes(request.headers, 'gzip')) return payload
    if (reply.hasHeader('content-encoding') || !/json|csv/.test(String(reply.getHeader('content-type')))) return payload
    const isLong = (typeof payload === 'string' || Buffer.isBuffer(payload)) && payload.length >= LEAST
    if (!isLong) return payload
    reply.removeHeader('content-length')
    reply.header('content-encoding', 'gzip')
    reply.header('vary', [reply.getHeader('vary'), 'accept-encoding'].filter(Boolean).join(', '))
    return pack(payload, { level: LEVEL })
  })
}
