// `mizani edge`: the agent of one gateway as a process. It needs the volatile store and its own interfaces, nothing
// else; everything it shapes by comes from the controller. It starts without the store too, from what it remembers,
// and it leaves the kernel as it is when it ends.

import { basename, join } from 'node:path'
import { systemClock } from '../runtime/clock.js'
import type { Settings } from '../runtime/config.js'
import { usageError } from '../runtime/errors.js'
import type { Io } from '../runtime/io.js'
import { untilSignal } from '../runtime/lifetime.js'
import { createLogger } from '../runtime/log.js'
import { createAgent } from './agent.js'
import { chooseDriver } from './choose-driver.js'
import { createSubscriber } from './subscriber.js'

/** Runs until SIGTERM or SIGINT and resolves with the exit code. */
export async function runEdge({ settings }: { readonly settings: Settings }, io: Io): Promise<number> {
  const { id: edge, driver: driverName } = settings.edge
  const url = settings.redis.volatile
  if (edge === null || driverName === null) throw usageError('Which edge is this, and what enforces here?')
  if (url === null) {
    throw usageError('Where do the rates come from?', 'Set RATES_REDIS_URL, with the user and password of this edge.')
  }
  const clock = systemClock
  const log = createLogger(`edge ${edge}`, settings.logLevel, io.stderr)
  const driver = await chooseDriver(driverName, settings.edge, { io, clock, log })
  const { facts, obstacles } = await driver.probe()
  log.info({ driver: driver.name, ...facts }, 'driver')
  // Not the end: an interface may come up later, and the controller shall hear of it.
  for (const obstacle of obstacles) log.error({ obstacle }, 'this driver cannot enforce here')

  // The plane is known here by its id alone: the last part of the folder's name.
  const transport = createSubscriber({ url, plane: basename(settings.plane), edge, clock, log })
  const stateDir = join(settings.data, 'edge')
  const agent = createAgent({ edge, driver, clock, transport, stateDir, log })
  await agent.start()
  await untilSignal()
  await agent.stop()
  log.info('stopped; what is in force stays in force')
  return 0
}
