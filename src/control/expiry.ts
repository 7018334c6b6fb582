// When our certificates end, as a metric for those who watch and a line in the log for those who do not.

import { Gauge, type Registry } from 'prom-client'
import type { Milliseconds } from '../model/units.js'
import { expiryOf, expiryWarning, readPem } from '../runtime/certificates.js'
import type { Clock, Timer } from '../runtime/clock.js'
import type { Settings } from '../runtime/config.js'
import type { Logger } from '../runtime/log.js'

const LOOK_AGAIN: Milliseconds = 6 * 3_600_000

/** Reads them now and four times a day: files are renewed under a process that runs. */
export function watchExpiry(
  { http, redis }: Pick<Settings, 'http' | 'redis'>,
  { metrics, clock, log }: { readonly metrics: Registry; readonly clock: Clock; readonly log: Logger },
): Timer {
  const files = new Map(
    Object.entries({ api: http.tls?.certificate, stores: redis.tls.certificate, 'store-authority': redis.tls.ca }),
  )
  const gauge = new Gauge({
    name: 'mizani_certificate_expiry_seconds',
    help: 'Unix time at which a certificate ends',
    labelNames: ['certificate'],
    registers: [metrics],
  })
  let timer: Timer | null = null
  look()
  return { cancel: () => timer?.cancel() }

  function look(): void {
    for (const [name, file] of files) {
      if (file == null) continue
      const expiry = expiryOf(readPem(`certificate "${name}"`, file))
      if (expiry === null) continue
      gauge.set({ certificate: name }, expiry / 1_000)
      const warning = expiryWarning(`The certificate in ${file}`, expiry, clock.wall())
      if (warning !== null) log.error({ certificate: name }, warning)
    }
    timer = clock.setTimer(LOOK_AGAIN, look)
  }
}
