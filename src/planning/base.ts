// The policy a scenario stands on: the plane's folder, then the scenario's changes, then the same schema and validation
// that every policy passes. A change that makes the policy invalid is a fault of the scenario and is reported at its line.

import { type PolicyDocument, policySchema } from '../policy/document.js'
import { loadPlane } from '../policy/files.js'
import { validatePolicy } from '../policy/validate.js'
import { type Fault, invalid } from '../runtime/errors.js'
import type { ScenarioFile } from './scenario.js'

/**
 * Loads the plane and applies the changes.
 * @throws MizaniError PLANE_INVALID or SCENARIO_INVALID, with every fault.
 */
export function loadBase({ file, plane, scenario, lineOf }: ScenarioFile): PolicyDocument {
  const { document, faults } = loadPlane(plane)
  if (document === null) throw invalid('PLANE_INVALID', `${plane} is not a usable plane`, faults)
  if (scenario.changes.length === 0) return document

  const edited: unknown = structuredClone(document)
  const refused: Fault[] = []
  const refuse = (n: number, message: string): void => {
    const line = lineOf(`/changes/${n}`)
    const pointer = scenario.changes[n]!.at
    refused.push({ code: 'CHANGE', file, pointer, message, ...(line === undefined ? {} : { line }) })
  }
  for (const [n, { at, to }] of scenario.changes.entries()) {
    if (!replaceAt(edited, at, to)) refuse(n, 'the policy has no such part')
  }
  const parsed = policySchema.safeParse(edited)
  if (!parsed.success) {
    for (const issue of parsed.error.issues) refuse(changeThatTouches(scenario, issue.path.map(String)), issue.message)
  } else {
    for (const { pointer = '', message } of validatePolicy(parsed.data)) {
      refuse(changeThatTouches(scenario, pointer.split('/').slice(1)), `${pointer}: ${message}`)
    }
  }
  if (!parsed.success || refused.length > 0) {
    throw invalid('SCENARIO_INVALID', `The changes of ${file} do not make a usable policy`, refused)
  }
  return parsed.data
}

/** Replaces what stands at a JSON pointer. False: nothing stands there. */
function replaceAt(document: unknown, pointer: string, value: unknown): boolean {
  const keys = keysOf(pointer)
  const last = keys.pop()!
  let part = document
  for (const key of keys) part = isTree(part) && Object.hasOwn(part, key) ? part[key] : undefined
  if (!isTree(part) || !Object.hasOwn(part, last)) return false
  part[last] = value
  return true
}

/** The change that speaks about the place, or else the first: validation found what several changes did together. */
function changeThatTouches({ changes }: ScenarioFile['scenario'], path: readonly string[]): number {
  const touches = changes.findIndex(({ at }) => keysOf(at).every((key, depth) => path[depth] === key))
  return Math.max(0, touches)
}

const keysOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))

/** Arrays too: their places are keys. */
function isTree(value: unknown): value is { [key: string]: unknown } {
  return typeof value === 'object' && value !== null
}
