// What a change would do, in the words of a command line: who loses and who gains under the four demands, institution
// by institution with the sizes, and which tests fail, where and by how much. One wording for preview, what-if and
// proposals. What is not shown is counted, never left out silently.

import { type InstitutionShift, isPromiseAlone, type Sum } from '../model/preview.js'
import { formatRate } from '../model/units.js'
import { testFailureText } from '../policy/revisions/test-text.js'
import type { ApiAnswered } from './api-operations.js'

type Seen = ApiAnswered<'post', '/v1/institutions/{id}/what-if'>
type Found = NonNullable<Seen['impact']['now']>

export const DEMANDS = [
  ['now', 'now'],
  ['busyHour', 'in the busy hour'],
  ['allAtCeiling', 'if everyone asks for the ceiling'],
  ['worstFailure', 'and if then the worst failure comes'],
] as const

/** @param most institutions that are shown for each demand */
export function impactLines({ impact, busyHour }: Partial<Omit<Seen, 'solveMs'>>, most: number): string[] {
  return DEMANDS.flatMap(([demand, words]) => {
    const found = impact?.[demand]
    if (found === undefined || found === null) return []
    const about = demand === 'busyHour' ? busyHour?.text.en : found.failure
    const when = about === null || about === undefined ? words : `${words} (${about})`
    const { losers, gainers } = found.institutions
    return [
      `${when}: ${totalsOf(found)}`,
      ...rowsOf('loses', losers, most),
      ...(losers.length === 0 ? rowsOf('gains', gainers, most) : []),
    ]
  })
}

const losesPromiseAlone = ({ down, up }: InstitutionShift): boolean =>
  [down, up].every((sum) => sum === null || isPromiseAlone(sum))

function totalsOf({ totals: { losers, gainers, guaranteesBroken }, institutions: all }: Found): string {
  const alone = all.losers.filter(losesPromiseAlone).length
  const which = alone === 0 ? '' : alone === losers ? ' promise but no speed' : ` (${alone} of them no speed)`
  const breaks = guaranteesBroken === 0 ? 'no promise breaks' : `of ${institutions(guaranteesBroken)} a promise breaks`
  const [lose, gain] = [losers === 1 ? 'loses' : 'lose', gainers === 1 ? 'gains' : 'gain']
  return `${institutions(losers)} ${lose}${which}, ${gainers} ${gain}, ${breaks}`
}

export const institutions = (n: number): string => (n === 1 ? '1 institution' : `${n} institutions`)

function rowsOf(verb: string, rows: readonly InstitutionShift[], most: number): string[] {
  const shown = rows.slice(0, most).map(({ institution, down, up }) => {
    const ways = [wayOf('down', down), wayOf('up', up)].filter((text) => text !== null)
    return `    ${institution} ${verb} ${ways.join('; ')}`
  })
  return rows.length <= most ? shown : [...shown, `    ${most} of ${rows.length} shown`]
}

function wayOf(way: 'down' | 'up', sum: Sum | null): string | null {
  if (sum === null) return null
  const shift = (before: number, after: number): string => `${formatRate(before)} -> ${formatRate(after)}`
  const promise = sum.keptBefore > sum.keptAfter ? `, of its promise ${shift(sum.keptBefore, sum.keptAfter)}` : ''
  if (isPromiseAlone(sum)) return `${way} ${formatRate(sum.before)} as before${promise}`
  return `${way} ${shift(sum.before, sum.after)}${promise}`
}

export function testLines(tests: Seen['tests'] | undefined): string[] {
  if (tests === undefined) return []
  const { passed, failed, stillFailing } = tests
  if (passed + failed.length + stillFailing.length === 0) return []
  return [
    `${passed} tests pass, ${failed.length} begin to fail, ${stillFailing.length} fail as before`,
    ...failed.map((failure) => `test fails: ${failure.test}: ${testFailureText(failure)}`),
    ...stillFailing.map((failure) => `test fails as before: ${failure.test}: ${testFailureText(failure)}`),
  ]
}
