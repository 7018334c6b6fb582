// Which guards of a policy ask for a second person. They are the guards of the policy in force, never those of the
// change, or a change could first take away what stands in its way; and a change that weakens what protects others
// (guards, tests, bands, and what tells when they hold) needs what any of them asks for.

import type { Impact, Preview } from '../../model/preview.js'
import type { UnixMilliseconds } from '../../model/units.js'
import { inWeek, localTime } from '../document/calendar.js'
import { isWithin } from '../document/diff.js'
import type { PolicyDocument, PolicyGuard } from '../document/document.js'
import { isListed } from '../in-force/holding.js'
import type { Change } from './proposal.js'

/** Ids of the guards that hold for this change at this time, sorted. */
export function guardsOf(
  document: PolicyDocument,
  changes: readonly Change[],
  { impact }: { readonly impact: Partial<Preview['impact']> },
  at: UnixMilliseconds,
): string[] {
  const guards = Object.entries(document.guards)
  if (weakens(changes)) return guards.map(([id]) => id).sort()
  const impacts = Object.values(impact).filter((found): found is Impact => found != null)
  const time = guards.length === 0 ? null : localTime(at, document.plane.timezone)
  const asks = ({ touches, losers, promiseBroken, hours, during }: PolicyGuard): boolean =>
    (touches === undefined ||
      changes.some(({ pointer }) => touches.some((area) => isWithin(pointer, area) || isWithin(area, pointer)))) &&
    (losers === undefined || impacts.some(({ totals }) => totals.losers > losers)) &&
    (promiseBroken === undefined || impacts.some(({ totals }) => totals.guaranteesBroken > 0)) &&
    (hours === undefined || inWeek(time!, hours)) &&
    (during === undefined || isListed(document, during, time!.date))
  return guards
    .filter(([, guard]) => asks(guard))
    .map(([id]) => id)
    .sort()
}

/**
 * Whether a change takes something from what protects others: guards, what tells when they ask, tests that there were,
 * the order of bands; or prepares for another time what nobody loses by today.
 */
export const weakens = (changes: readonly Change[]): boolean =>
  changes.some(
    ({ pointer, before, after }) =>
      isWithin(pointer, '/guards') ||
      isWithin(pointer, '/bands') ||
      isWithin(pointer, '/calendars') ||
      isWithin(pointer, '/plane/timezone') ||
      (after !== undefined && (isWithin(pointer, '/modes') || isWithin(pointer, '/schedules'))) ||
      (isWithin(pointer, '/tests') && before !== undefined),
  )

/** Which institutions lose and whose promises break, in which demand: all of them, for an approval is bound to this. */
export function lossesOf({ impact }: Pick<Preview, 'impact'>): string[] {
  return Object.entries(impact).flatMap(([demand, found]: [string, Impact | null]) => {
    if (found === null) return []
    const { losers, guaranteesBroken } = found.institutions
    return [
      ...losers.map(({ institution }) => `${demand}:${institution}`),
      ...guaranteesBroken.map((institution) => `${demand}:promise:${institution}`),
    ].sort()
  })
}

/** Those that are not among the losses that were approved. Releases before this one noted them flow by flow. */
export function newLosses(approved: readonly string[], now: readonly string[]): string[] {
  const known = new Set(approved.map((loss) => loss.split('/', 1)[0]))
  return now.filter((loss) => !known.has(loss))
}

/** Whether anyone loses in any of the four demands. */
export const someoneLoses = ({ impact }: Pick<Preview, 'impact'>): boolean =>
  Object.values(impact).some((found: Impact | null) => found !== null && found.totals.losers > 0)
