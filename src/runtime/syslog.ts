// One message to a syslog server: RFC 5424 over TLS, framed by its length (RFC 5425). Each goes over a connection of
// its own that is ended properly, for syslog has no answers: that the other side has closed too is all that shows
// that it was there to the last byte.

import { hostname } from 'node:os'
import { connect } from 'node:tls'
import type { Milliseconds, UnixMilliseconds } from '../model/units.js'
import { readTlsFiles } from './certificates.js'
import { MizaniError, messageOf } from './errors.js'
import type { TlsFiles } from './store-address.js'

const WITHIN: Milliseconds = 5_000
/** Facility 13, log audit; severity 5, notice. */
const PRIORITY = 13 * 8 + 5

export interface SyslogServer extends TlsFiles {
  readonly host: string
  readonly port: number
}

export interface SyslogMessage {
  readonly at: UnixMilliseconds
  /** MSGID: what kind of message it is. */
  readonly kind: string
  /** ASCII. */
  readonly text: string
}

/** @throws MizaniError NOT_REACHED; TLS_FILE. */
export async function sendSyslog(server: SyslogServer, message: SyslogMessage): Promise<void> {
  const { host, port } = server
  const { minVersion: _, ...tls } = readTlsFiles(server, host)
  try {
    await new Promise<void>((resolve, reject) => {
      const socket = connect({ host, port, ...tls, minVersion: 'TLSv1.2' })
      socket.setTimeout(WITHIN, () => socket.destroy(new Error(`no answer within ${WITHIN} ms`)))
      socket.once('secureConnect', () => socket.end(frame(message)))
      // A server may refuse our certificate and then cut us off: two failures.
      socket.on('error', reject)
      // What the server has to say is of no interest, but its end is read only behind it.
      socket.resume()
      socket.once('close', () => resolve())
    })
  } catch (cause) {
    const text = `The syslog server ${host}:${port} does not take what it is sent: ${messageOf(cause)}.`
    throw new MizaniError({ code: 'NOT_REACHED', remedy: 'retry', message: text, cause })
  }
}

/** MSG-LEN SP SYSLOG-MSG; no structured data. */
function frame({ at, kind, text }: SyslogMessage): string {
  const head = `<${PRIORITY}>1 ${new Date(at).toISOString()} ${hostname()} mizani ${process.pid} ${kind} -`
  return `${Buffer.byteLength(`${head} ${text}`)} ${head} ${text}`
}
