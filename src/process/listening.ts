// Where the controller's API listens: its certificate, its port, and how many connections it may keep open.

import type { ServerDeps } from '../api/ports.js'
import type { ApiServer } from '../api/server.js'
import type { AlarmCode } from '../record/alarm-table.js'
import type { Finding } from '../record/findings.js'
import { readKey, readPem } from '../runtime/certificates.js'
import type { Settings } from '../runtime/config.js'
import { connectionsWithin, descriptorLimit } from '../runtime/descriptors.js'
import { MizaniError, messageOf } from '../runtime/errors.js'
import { MAX_WAITING_CONNECTIONS } from '../runtime/limits.js'
import type { Logger } from '../runtime/log.js'

/** What the server is told about its connections. Stores and files keep the descriptors that they need. */
export function listeningOf({ http }: Settings, log: Logger): ServerDeps['http'] {
  const { tls, connections } = http
  const limit = descriptorLimit()
  const total = connectionsWithin(connections.total, limit)
  if (total < connections.total)
    log.warn({ limit, total }, 'the process may open few files: fewer connections are kept than http.connections.total')
  return {
    ...http,
    tls: tls && { certificate: readPem('certificate of http.tls', tls.certificate), key: readKey(tls.key) },
    connections: { ...connections, total },
  }
}

/** Starts to listen. @throws MizaniError PORT_TAKEN. */
export async function listen(
  { app }: Pick<ApiServer, 'app'>,
  { http }: { readonly http: Pick<Settings['http'], 'host' | 'port'> },
): Promise<string> {
  // Of two listeners, as `localhost` may have, the second would have no limit.
  const host = http.host === 'localhost' ? '127.0.0.1' : http.host
  try {
    return await app.listen({ host, port: http.port, backlog: MAX_WAITING_CONNECTIONS })
  } catch (cause) {
    throw new MizaniError({
      code: 'PORT_TAKEN',
      message: `Cannot listen on ${http.host}:${http.port}: ${messageOf(cause)}.`,
      advice: 'Choose another one with --port or PORT; 0 takes any that is free.',
      cause,
    })
  }
}

/** All addresses are one alarm, and all edges another: a flood may come from many. */
export const limitedAt = (server: Pick<ApiServer, 'limited' | 'flapping'>): Finding[] => [
  ...server.limited().map((subject) => finding('CONNECTIONS_LIMITED', subject, 'connections')),
  ...server.flapping().map((subject) => finding('LINK_STATES_LIMITED', subject, 'link states')),
]

const finding = (code: AlarmCode, subject: string, cause: string): Finding => ({ code, subject, cause, region: null })
