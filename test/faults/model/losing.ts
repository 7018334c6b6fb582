// Stories in which the policy store is lost, in every way and again and again, while edges enforce by plane, by order
// or on trial and a mode holds an institution down, and all the other trouble goes on. When and how it is lost is drawn
// apart, so that the same trouble happens with other losses.

import { EDGES } from './plane.js'
import { LOSSES } from './policy-store.js'
import { Random } from './random.js'
import {
  AT_AN_EDGE,
  CALLS,
  IN_FLIGHT,
  RECOVERY,
  SETTLE,
  TO_ALL,
  TROUBLE,
  unfinished,
  type Verdict,
  verdictOf,
} from './story.js'
import { World } from './world.js'

const EVENTS = [...AT_AN_EDGE, ...TO_ALL]

export async function losing(seed: number, { believes = false } = {}): Promise<Verdict> {
  const world = new World({ seed, losesPolicy: true, believes, ...CALLS[seed % CALLS.length] })
  const policy = world.policy!
  const losses = new Random(seed + 7_919)
  const { random, now: start } = world
  world.offer(random.between(0.6, 1.8))
  await world.run(SETTLE)
  while (world.now - start < SETTLE + TROUBLE) {
    if (losses.chance(0.4)) {
      const how = losses.pick(Object.keys(LOSSES))
      policy.lose(how, losses)
      world.note(`policy store: ${how}`)
      const decides = losses.chance(0.3)
      world.later(losses.between(1_000, 12_000), () => {
        world.restorePolicy(decides)
        world.note(decides ? 'what is known goes on' : 'policy store restored')
      })
      await world.run(losses.between(0, 2_000))
    }
    const event = random.pick(EVENTS)
    const [name, act] = event
    const edge = random.pick(EDGES)
    const isIdle = act(world, edge, random.between(500, 14_000)) === false
    world.note(name, AT_AN_EDGE.includes(event) ? edge : null, isIdle)
    await world.run(random.between(300, 3_500))
  }
  world.note('heal')
  world.heal()
  await world.run(RECOVERY)
  const meant = world.leader()?.controller.board ?? null
  await world.run(IN_FLIGHT)
  const late = unfinished(world, meant).map((what) => ({ at: world.now, what }))
  return verdictOf(world, 'losing', late)
}
