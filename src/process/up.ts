// `mizani up`: everything on one machine. Two private stores (unless both are named), the controller with its API, and,
// where the plane is a demonstration, its edges over a simulated data plane.

import { waysOf } from '../gateways/open-edge-access.js'
import { type Clock, systemClock } from '../runtime/clock.js'
import type { Settings } from '../runtime/config.js'
import { usageError } from '../runtime/errors.js'
import type { Io } from '../runtime/io.js'
import { createLogger, type Logger } from '../runtime/log.js'
import { type PrivateStores, startPrivateStores } from '../runtime/private-redis.js'
import { CONTROLLER_USER, edgeUser, POLICY_USER } from '../wire/access.js'
import { Demo } from './demo.js'
import { runController, type Service, serve, startService } from './main.js'

/** Runs until SIGTERM or SIGINT and resolves with the exit code. */
export async function runUp({ settings }: { readonly settings: Settings }, io: Io): Promise<number> {
  const { durable, volatile } = settings.redis
  if ((durable === null) !== (volatile === null))
    throw usageError('Only one store is named.', 'Set both REDIS_URL and RATES_REDIS_URL, or neither.')
  if (durable !== null) return runController({ settings }, io)
  const clock = systemClock
  const log = createLogger('mizani', settings.logLevel, io.stderr)
  const stores = await startPrivateStores({
    dataDir: settings.data,
    log,
    durableUser: POLICY_USER,
    volatileUser: CONTROLLER_USER,
  })
  try {
    const service = await startTogether(settings, stores, clock, log)
    return await serve(service, io, log)
  } finally {
    await stores.stop()
  }
}

/** Everything over stores that run already. */
export async function startTogether(
  settings: Settings,
  stores: PrivateStores,
  clock: Clock,
  log: Logger,
): Promise<Service> {
  const { durableUrl, volatileUrl } = stores
  const redis = { volatile: volatileUrl, admin: stores.volatileAdminUrl, forEdges: null }
  const ways = waysOf({ http: settings.http, redis })
  let demo: Demo | undefined
  const service = await startService({
    settings,
    durableUrl,
    volatileUrl,
    ways,
    clock,
    log,
    onEdgeAccount: (edge) => void demo?.stopEdge(edge),
    demo: (ticks, policy, begun) => {
      if (!settings.demo || !policy.document.plane.demo) return undefined
      const made = new Demo({
        plane: policy.document.plane.id,
        usableOf: (link) => policy.document.links[link]?.usable ?? 1,
        ...{ clock, log },
        ended(why) {
          log.fatal({ err: why }, 'the thread of the simulated edges has ended, and the demonstration with it')
          process.exit(1)
        },
      })
      ticks.onNetwork((network) => made.tellNetwork(network))
      demo = begun(made, (d) => d.stop())
      return demo
    },
  })
  if (demo) {
    const { edges } = service.policy.document
    const simulated = Object.keys(edges).filter((edge) => !service.edges.accounts().has(edge))
    const users = simulated.map((edge) => ({
      edge,
      // Of the same rights, but not of the same name: the edge itself may come one day.
      user: { ...edgeUser(service.plane, edge), name: `demo-${edge}` },
    }))
    const signedUp = await stores.ensureUsers(
      'volatile',
      users.map(({ user }) => user),
    )
    const urls = new Map(users.map(({ edge, user }) => [edge, signedUp.get(user.name)!]))
    await service.ticks.tick()
    await demo.startAll(urls)
  }
  return service
}
