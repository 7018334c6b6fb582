// Gateways that know several controllers, over HTTP: one that is gone is no event for them.

import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../../harness/until.js'
import type { Case, Trial } from '../case.js'
import type { Says } from '../edge-process.js'
import { joinAt } from '../join.js'
import { EdgeProcess } from '../processes.js'
import { LOAD, PLANE, RECOVERY, TICK } from '../world.js'

const EDGE = 'west'

async function oneOfTwo(trial: Trial): Promise<void> {
  const world = await trial.world()
  const [leader, standby] = await world.leaderAndStandby()
  await world.hosts.get(EDGE)!.end('SIGKILL')
  const { status, body } = await leader.api.call('POST', `/v1/edges/${EDGE}/account?over=https`)
  trial.check(status === 201, 'it has an account')
  const env = { MIZANI_DATA: join(trial.folder, 'gateway') }
  // The one it takes first is the one that dies.
  const { token } = body as { readonly token: string }
  await joinAt(`${EDGE} ${standby.url},${leader.url} - ${token}`, env)
  const order = { plane: PLANE, stateDir: world.stateDir, seed: 1, load: LOAD, edges: [{ edge: EDGE, env }] }
  const gateway = new EdgeProcess(order, (said) => world.witness.hear(said), trial)
  const said = (from: number): Says[] =>
    world.witness.events.slice(from).filter((one): one is Says => one.kind === 'says' && one.edge === EDGE)
  const started = world.witness.events.length
  await gateway.started()
  await until(() => said(started).at(-1)?.state === 'FRESH', 'it is FRESH by HTTP')
  const [before, since] = [world.witness.said.get(EDGE)!.applied!, world.witness.events.length]
  standby.kill()
  // Longer than it may be without a message.
  await sleep(trial.long ? 20_000 : 6 * TICK)
  const left = said(since).filter(({ state }) => state !== 'FRESH')
  trial.check(left.length === 0, `FRESH throughout: ${left.length} times it was not`)
  const { applied } = world.witness.said.get(EDGE)!
  trial.check(applied!.epoch === before.epoch && applied!.seq > before.seq, 'it has applied what was published since')
  await gateway.end('SIGTERM')
  await leader.api.call('DELETE', `/v1/edges/${EDGE}/account`)
  await world.startEdges([EDGE])
  // Without its account it understands only what is published after that.
  await world.verify(trial, 3 * RECOVERY)
}

export const CONTROLLERS: readonly Case[] = [
  {
    number: 63,
    name: 'one controller of two dies under a gateway that comes by HTTPS',
    done: 'a gateway joins by a line of two; the controller that it speaks to is killed while the other leads',
    holds: 'it goes on with the other one and is FRESH throughout',
    run: oneOfTwo,
  },
]
