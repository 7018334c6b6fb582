// Names in a scenario that its plane does not have.

import type { Plan } from '../model/plan.js'
import type { Fault } from '../runtime/errors.js'
import { didYouMean } from '../runtime/near-word.js'
import { type DemandFactors, locate, type ScenarioFile } from './scenario.js'

/** @param added names that the scenario's own changes bring in, where the plan is without them */
export function nameFaults(
  { file, scenario, lineOf }: ScenarioFile,
  plan: Plan,
  added: readonly string[] = [],
): Fault[] {
  const links = new Set([...plan.links.flatMap((l) => (l.virtual ? [] : [l.id, l.link, ...l.groups])), ...added])
  const known = {
    byCategory: new Set([...plan.institutions.map((i) => i.category), ...added]),
    byService: new Set([...plan.services.map((s) => s.id), ...added]),
    byInstitution: new Set([...plan.institutions.map((i) => i.id), ...added]),
  }
  const faults: Fault[] = []
  const check = (names: Readonly<Record<string, number>>, set: ReadonlySet<string>, what: string, pointer: string) => {
    for (const name of Object.keys(names)) {
      if (set.has(name)) continue
      const message = `the plane has no ${what} "${name}"${didYouMean(name, set)}`
      faults.push(locate({ code: 'UNKNOWN_NAME', message, pointer: `${pointer}/${name}` }, file, lineOf))
    }
  }
  const checkDemand = (demand: DemandFactors, pointer: string) => {
    check(demand.byCategory, known.byCategory, 'category', `${pointer}/byCategory`)
    check(demand.byService, known.byService, 'service', `${pointer}/byService`)
    check(demand.byInstitution, known.byInstitution, 'institution', `${pointer}/byInstitution`)
  }
  checkDemand(scenario.demand, '/demand')
  for (const [name, event] of Object.entries(scenario.events)) {
    check(event.conditions, links, 'link or shared-risk group', `/events/${name}/conditions`)
    if (event.demand) checkDemand(event.demand, `/events/${name}/demand`)
  }
  return faults
}
