// When certificates end, ours and those that the stores show us: as a metric for those who watch, and by name for the
// alarm that tells everybody else.

import { Gauge, type Registry } from 'prom-client'
import { type Milliseconds, toSeconds, type UnixMilliseconds } from '../model/units.js'
import { expiryOf, expiryWarning, readPem } from '../runtime/certificates.js'
import type { Clock, Timer } from '../runtime/clock.js'
import type { Settings } from '../runtime/config.js'
import { messageOf } from '../runtime/errors.js'
import type { Logger } from '../runtime/log.js'

const LOOK_AGAIN: Milliseconds = 3_600_000

export interface ExpiryWatch extends Timer {
  /** Names of certificates that end soon, have ended, or can no longer be read. */
  soon(): readonly string[]
}

export interface ExpiryDeps {
  readonly metrics: Registry
  readonly clock: Clock
  readonly log: Logger
  /** When the certificate of a server ends; null: it is not known now. */
  readonly servers?: Readonly<Record<string, () => UnixMilliseconds | null>>
}

/**
 * Reads them now and every hour: files are renewed under a process that runs.
 * @throws MizaniError TLS_FILE when one cannot be read now.
 */
export function watchExpiry(
  { http, redis }: Pick<Settings, 'http' | 'redis'>,
  { metrics, clock, log, servers = {} }: ExpiryDeps,
): ExpiryWatch {
  const files = new Map(
    Object.entries({ api: http.tls?.certificate, stores: redis.tls.certificate, 'store-authority': redis.tls.ca }),
  )
  const gauge = new Gauge({
    name: 'mizani_certificate_expiry_seconds',
    help: 'Unix time at which a certificate ends',
    labelNames: ['certificate'],
    registers: [metrics],
  })
  const soon = new Set<string>()
  look((cause) => {
    throw cause
  })
  let timer = clock.setTimer(LOOK_AGAIN, lookAgain)
  return { soon: () => [...soon], cancel: () => timer.cancel() }

  function lookAgain(): void {
    // A file that is being renewed may be away for a moment.
    look((cause, certificate) => log.error({ certificate, reason: messageOf(cause) }, 'a certificate cannot be read'))
    timer = clock.setTimer(LOOK_AGAIN, lookAgain)
  }

  function look(failed: (cause: unknown, name: string) => void): void {
    for (const [name, file] of files) {
      if (file == null) continue
      try {
        note(name, `The certificate in ${file}`, expiryOf(readPem(`certificate "${name}"`, file)))
      } catch (cause) {
        failed(cause, name)
        soon.add(name)
      }
    }
    for (const [name, expiry] of Object.entries(servers)) note(name, `The certificate of the ${name}`, expiry())
  }

  function note(name: string, what: string, expiry: UnixMilliseconds | null): void {
    // Of a server that is away the last word holds.
    if (expiry === null) return
    gauge.set({ certificate: name }, toSeconds(expiry))
    const warning = expiryWarning(what, expiry, clock.wall())
    if (warning === null) soon.delete(name)
    else {
      log.error({ certificate: name }, warning)
      soon.add(name)
    }
  }
}
