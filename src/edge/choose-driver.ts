// The driver that was asked for, loaded only then: a gateway that shapes a kernel has no use for the simulation.

import { readPem } from '../runtime/certificates.js'
import type { Clock } from '../runtime/clock.js'
import type { Settings } from '../runtime/config.js'
import { usageError } from '../runtime/errors.js'
import { createHttpClient } from '../runtime/http-call.js'
import type { Io } from '../runtime/io.js'
import type { Logger } from '../runtime/log.js'
import type { DriverName } from '../runtime/settings.js'
import type { Driver } from './driver.js'

/** RFC 5176. */
const COA_PORT = 3_799

/** An edge that plays alone offers the same load each time. */
const SEED = 1

export type DriverSettings = Pick<Settings['edge'], 'lan' | 'wan'> &
  Partial<Settings['edge']> & { readonly secret?: string | null }

interface Around {
  readonly io: Io
  readonly clock: Clock
  readonly log: Logger
  /** Nobody waits for an answer of a device from then on. */
  readonly ending?: AbortSignal
}

/** @throws MizaniError, exit code 2, when the driver lacks a setting. */
export async function chooseDriver(
  name: DriverName,
  { lan, wan, ports = {}, device = null, secret = null }: DriverSettings,
  { io, clock, log, ending }: Around,
): Promise<Driver> {
  const late = ending === undefined ? {} : { ending }
  switch (name) {
    case 'simulated': {
      const { createSimulatedDriver } = await import('./drivers/simulated.js')
      return createSimulatedDriver({ clock, seed: SEED })
    }
    case 'dry-run': {
      const { createDryRunDriver } = await import('./drivers/dry-run.js')
      return createDryRunDriver(io.stdout)
    }
    case 'routeros': {
      if (!device?.address.startsWith('http') || device.user === null || secret === null) {
        throw usageError(
          'Which router is set, and as whom?',
          'Say edge.device.address (https://…) and edge.device.user, and the password in MIZANI_DEVICE_SECRET_FILE.',
        )
      }
      const { createRouterOs } = await import('./drivers/routeros.js')
      const http = createHttpClient(device.address, device.ca === null ? null : readPem('device.ca', device.ca))
      return createRouterOs({ http, user: device.user, password: secret, clock, ...late })
    }
    case 'radius-coa': {
      if (!device?.address.startsWith('radius://') || secret === null) {
        throw usageError(
          'Which access server is told?',
          'Say edge.device.address (radius://host:3799), and the shared secret in MIZANI_DEVICE_SECRET_FILE.',
        )
      }
      const { createRadiusCoa } = await import('./drivers/radius-coa.js')
      const { hostname, port } = new URL(device.address)
      const { session, accounting } = device
      return createRadiusCoa({
        ...{ host: hostname, port: Number(port || COA_PORT), secret, clock, ...late },
        ...(session === null ? {} : { session }),
        ...(accounting === null ? {} : { accounting: { ...accounting, log } }),
      })
    }
    case 'linux-htb': {
      if (lan === null || wan === null) {
        throw usageError('Which interfaces are shaped?', 'Say --lan IF (towards the institutions) and --wan IF.')
      }
      const { createLinuxHtb } = await import('./drivers/linux-htb/driver.js')
      return createLinuxHtb({ lan, wan, ports, clock, log })
    }
  }
}
