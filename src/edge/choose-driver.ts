// The driver that was asked for, loaded only then: a gateway that shapes a kernel has no use for the simulation.

import type { Clock } from '../runtime/clock.js'
import type { DriverName, Settings } from '../runtime/config.js'
import { usageError } from '../runtime/errors.js'
import type { Io } from '../runtime/io.js'
import type { Logger } from '../runtime/log.js'
import type { Driver } from './driver.js'

/** An edge that plays alone offers the same load each time. */
const SEED = 1

/** @throws MizaniError, exit code 2, when the driver lacks a setting. */
export async function chooseDriver(
  name: DriverName,
  { lan, wan }: Pick<Settings['edge'], 'lan' | 'wan'> & Partial<Settings['edge']>,
  { io, clock, log }: { readonly io: Io; readonly clock: Clock; readonly log: Logger },
): Promise<Driver> {
  switch (name) {
    case 'simulated': {
      const { createSimulatedDriver } = await import('./drivers/simulated.js')
      return createSimulatedDriver({ clock, seed: SEED })
    }
    case 'dry-run': {
      const { createDryRunDriver } = await import('./drivers/dry-run.js')
      return createDryRunDriver(io.stdout)
    }
    case 'linux-htb': {
      if (lan === null || wan === null) {
        throw usageError('Which interfaces are shaped?', 'Say --lan IF (towards the institutions) and --wan IF.')
      }
      const { createLinuxHtb } = await import('./drivers/linux-htb/driver.js')
      return createLinuxHtb({ lan, wan, clock, log })
    }
  }
}
