// How late ticks begin, as a metric: whoever holds the thread of the tick, or its processor, is seen there.

import { Histogram, type Registry } from 'prom-client'
import { type Milliseconds, toSeconds } from '../model/units.js'

/** Up to 0.05 it is what machines do; beyond 0.5 somebody has held the thread. */
const BUCKETS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5]

/** @returns what is told of each tick. */
export function beatMetric(metrics: Registry): (late: Milliseconds) => void {
  const lateness = new Histogram({
    name: 'mizani_tick_lateness_seconds',
    help: 'How long after its time a tick began',
    buckets: BUCKETS,
    registers: [metrics],
  })
  return (late) => lateness.observe(toSeconds(late))
}
