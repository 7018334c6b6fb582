// A failing test of the policy in one sentence: who, where, how far. Whoever tells of one, tells it so.

import type { TestFailure } from '../../model/preview.js'
import { formatRate } from '../../model/units.js'

export function testFailureText(failure: Omit<TestFailure, 'test'>): string {
  const { institution, service, direction, expected, found, flows, bottleneck, because } = failure
  const more = flows > 1 ? `; ${flows - 1} more fall short` : ''
  return (
    `${institution}, ${service} ${direction}: expected ${formatRate(expected)}, would get ${formatRate(found)}, ` +
    `${formatRate(expected - found)} short${failure.failure === null ? '' : ` when ${failure.failure} fails`}` +
    `${bottleneck === null ? '' : `; it stops at ${bottleneck}`}${more}${because === null ? '' : ` (${because})`}`
  )
}
