// Logs go to stderr as JSON lines, data goes to stdout. Secrets never reach a log: fields that carry one are blanked
// here, once, for every process, and URLs are printed without their passwords.

import { type Logger, pino } from 'pino'
import { printable } from './printable.js'

export type { Logger }

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

const SECRET_FIELDS = ['token', 'secret', 'password', 'authorization', 'cookie', 'adminToken', 'cliToken']

const REDACTED_PATHS = [
  ...SECRET_FIELDS,
  ...SECRET_FIELDS.map((field) => `*.${field}`),
  'req.headers.authorization',
  'req.headers.cookie',
  'res.headers["set-cookie"]',
]

/**
 * A logger named after its part ("controller", "edge dar-1"). Writes are synchronous: there are few of them, and the
 * last line before an end is the one that is read.
 */
export function createLogger(name: string, level: LogLevel = 'info', stream?: { write(line: string): void }): Logger {
  const options = {
    name,
    level,
    base: { name },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: REDACTED_PATHS, censor: '[secret]' },
  }
  const sink = stream ?? toStderr()
  // What others say is quoted in it, and a terminal may be what it is read on. In JSON it is the same text.
  return pino(options, { write: (line) => sink.write(printable(line)) })
}

/** A disk that is full, or a terminal that is gone, must not end what is told of. */
function toStderr() {
  const log = pino.destination({ dest: 2, sync: true })
  log.on('error', () => {})
  return log
}

/** By what another thread of this process writes to the same log. */
export interface LogIdentity {
  readonly name: string
  readonly level: LogLevel
}

export const identityOf = (log: Logger): LogIdentity => ({
  name: String(log.bindings().name ?? ''),
  // Ours are made with levels of ours.
  level: log.level as LogLevel,
})

/** The same URL without its password, for messages: redis://user:***@host:6379. */
export function withoutPassword(url: string): string {
  return url.replace(/^([a-z+]+:\/\/[^:@/]*):[^@/]*@/i, '$1:***@')
}
