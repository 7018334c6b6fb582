// What kept a flow from more. One place, so that a report, a preview and a policy test name the same links.

import type { Problem } from '../solve/problem.js'

/** The links that stopped a flow in a band, those that filled first in front; none: its own bounds, or no path. */
export function linksThatStopped({ shape, bottleneck }: Problem, flow: number, band: number): number[] {
  const link = band < 0 ? -1 : bottleneck[band * shape.flows + flow]!
  return link < 0 ? [] : [link]
}
