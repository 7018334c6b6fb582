// `mizani edge`: the agent of one gateway as a process. It needs a way to its rates and its own interfaces,
// nothing else; everything it shapes by comes from the controller. It starts without the store too, from what it
// remembers, and it leaves the kernel as it is when it ends.

import { join } from 'node:path'
import { systemClock } from '../runtime/clock.js'
import type { Settings } from '../runtime/config.js'
import { usageError } from '../runtime/errors.js'
import type { Io } from '../runtime/io.js'
import { Lifetime, untilSignal } from '../runtime/lifetime.js'
import { createLogger } from '../runtime/log.js'
import { createAgent } from './agent.js'
import { bootId } from './boot-id.js'
import { chooseDriver } from './choose-driver.js'
import { chooseTransport } from './choose-transport.js'
import { bypassFile, createBypasses } from './local/bypasses.js'
import { socketOf } from './local/commands.js'
import { watchCertificate } from './local/link.js'
import { openLocalSocket } from './local/local-socket.js'
import { createLookout } from './local/lookout.js'
import { createSupervisor } from './local/systemd.js'
import { selfOf } from './self.js'

/** Runs until SIGTERM or SIGINT and resolves with the exit code. */
export async function runEdge({ settings }: { readonly settings: Settings }, io: Io): Promise<number> {
  const { id: edge, driver: driverName } = settings.edge
  if (edge === null || driverName === null) throw usageError('Which edge is this, and what enforces here?')
  const clock = systemClock
  const log = createLogger(`edge ${edge}`, settings.logLevel, io.stderr)
  const life = new Lifetime(clock)
  const own = { ...settings.edge, secret: settings.deviceSecret ?? null }
  const driver = await chooseDriver(driverName, own, { io, clock, log, ending: life.ending })
  const { facts, obstacles } = await driver.probe()
  log.info({ driver: driver.name, ...facts }, 'driver')
  if (settings.inClear !== null) log.error({ places: settings.inClear }, 'this edge may be spoken to in clear')
  // Not the end: an interface may come up later, and the controller shall hear of it.
  for (const obstacle of obstacles) log.error({ obstacle }, 'this driver cannot enforce here')

  const transport = chooseTransport(settings, { edge, clock, log })
  const stateDir = join(settings.data, 'edge')
  const boot = bootId()
  const bypasses = createBypasses(bypassFile(stateDir, edge), { clock, boot, note: (text) => log.warn(text) })
  const self = selfOf(stateDir, edge, boot, log)
  const lookout = createLookout(driver, { clock, log })
  const agent = life.begun(
    createAgent({ edge, driver, clock, transport, stateDir, log, bypasses, boot, self, lookout }),
    (a) => a.stop(),
  )
  const socket = socketOf(settings.data, edge)
  const { metrics } = settings.edge
  life.begun(lookout, (l) => l.close())
  life.begun(await openLocalSocket({ agent, bypasses, socket, metrics, lookout, log }), (opened) => opened.close())
  life.begun(watchCertificate(transport, { clock, log }), (watch) => watch.cancel())
  const supervisor = life.begun(createSupervisor(io.env, { clock, log }), (s) => s.stopping())
  await agent.start()
  await supervisor.ready()
  await lookout.look()
  await untilSignal()
  const done = await life.end((error) => log.warn({ err: error }, 'stopping'))
  if (!done) log.warn('a change was under way; it is looked at again by the next start')
  log.info('stopped; what is in force stays in force')
  return done ? 0 : 1
}
