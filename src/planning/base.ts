// The policy a scenario stands on: the plane's folder, then the scenario's changes, then the same validation that every
// policy passes. A change that makes the policy invalid is a fault of the scenario and is reported at its line.

import type { Plan } from '../model/plan.js'
import type { PolicyDocument } from '../policy/document/document.js'
import { validatePolicy } from '../policy/document/validate.js'
import { loadPlane } from '../policy/files/files.js'
import { type Fault, invalid } from '../runtime/errors.js'
import { didYouMean } from '../runtime/near-word.js'
import { compileUnder } from './run.js'
import { parseScenario, type ScenarioFile } from './scenario.js'
import { nameFaults } from './scenario-names.js'

export interface Base {
  /** As the folder says. */
  readonly plane: PolicyDocument
  /** With the scenario's changes. */
  readonly document: PolicyDocument
}

/** A scenario with the policy it stands on, and the plan of that. */
interface WholeScenario extends Base {
  readonly file: ScenarioFile
  readonly plan: Plan
}

/**
 * Reads a scenario with its plane, and holds the one against the other.
 * @param on takes the place of the plane that it names
 * @throws MizaniError SCENARIO_FILE, PLANE_INVALID or SCENARIO_INVALID, with every fault of all that can be looked at
 */
export function readScenario(name: string, on?: PolicyDocument): WholeScenario {
  const { file, faults } = parseScenario(name)
  const isPlaneNamed = file !== null && !faults.some(({ pointer }) => pointer === '/plane')
  const refused = (more: readonly Fault[]) =>
    invalid('SCENARIO_INVALID', `${name} is not a usable scenario`, inOrder([...faults, ...more]))
  if (!isPlaneNamed) throw refused([])
  const { document: plane, faults: ofPlane } = on ? { document: on, faults: [] } : loadPlane(file.plane)
  if (plane === null) {
    if (faults.length > 0) throw refused(ofPlane)
    throw invalid('PLANE_INVALID', `${file.plane} is not a usable plane`, ofPlane)
  }
  const { document, faults: ofChanges } = changed(plane, file)
  const added = file.scenario.changes.flatMap(({ at }) => at.split('/').slice(2, 3))
  const { plan } = compileUnder(document ?? plane, {})
  const more = [...ofChanges, ...nameFaults(file, plan, document === null ? added : [])]
  if (document === null || faults.length + more.length > 0) throw refused(more)
  return { file, plane, document, plan }
}

/** As they stand in the file. */
const inOrder = (faults: readonly Fault[]): Fault[] =>
  faults.toSorted((a, b) => (a.line ?? Infinity) - (b.line ?? Infinity) || 0)

/**
 * Loads the plane and applies the changes.
 * @throws MizaniError PLANE_INVALID or SCENARIO_INVALID, with every fault.
 */
export function loadBase(scenarioFile: ScenarioFile): Base {
  const { document: plane, faults } = loadPlane(scenarioFile.plane)
  if (plane === null) throw invalid('PLANE_INVALID', `${scenarioFile.plane} is not a usable plane`, faults)
  return { plane, document: applyChanges(plane, scenarioFile) }
}

type Changes = Pick<ScenarioFile, 'file' | 'scenario' | 'lineOf'>

/**
 * The policy with the scenario's changes, in their order.
 * @throws MizaniError SCENARIO_INVALID: a place that does not exist, or a policy that does not hold together.
 */
export function applyChanges(plane: PolicyDocument, changes: Changes): PolicyDocument {
  const { document, faults } = changed(plane, changes)
  if (document !== null) return document
  throw invalid('SCENARIO_INVALID', `The changes of ${changes.file} do not make a usable policy`, faults)
}

interface Changed {
  /** Null: with faults. */
  readonly document: PolicyDocument | null
  readonly faults: readonly Fault[]
}

function changed(plane: PolicyDocument, { file, scenario: { changes }, lineOf }: Changes): Changed {
  if (changes.length === 0) return { document: plane, faults: [] }
  const edited: unknown = structuredClone(plane)
  const refused: Fault[] = []
  const refuse = (change: number, code: string, message: string): void => {
    const pointer = `/changes/${change}`
    const line = lineOf(pointer)
    refused.push({ code, file, pointer, message, ...(line === undefined ? {} : { line }) })
  }
  for (const [n, { at, to }] of changes.entries()) {
    const missing = changeAt(edited, at, to)
    if (missing !== null) refuse(n, 'UNKNOWN_NAME', `the policy has no ${missing}`)
  }
  const { document, faults } = validatePolicy(edited)
  for (const { code, pointer = '', message } of faults) {
    // What several changes did together is told at the first of them.
    const blamed = changes.findIndex(({ at }) => pointer === at || pointer.startsWith(`${at}/`))
    refuse(Math.max(0, blamed), code, `${pointer}: ${message}`)
  }
  return { document: refused.length > 0 ? null : document, faults: refused }
}

/**
 * Puts a value at a JSON pointer (RFC 6901), where something stands or can: a new member of an object, the end of a
 * list (`-`). Undefined takes away what stands there. Null: done; otherwise what is not there, with what may be meant.
 */
function changeAt(document: unknown, pointer: string, value: unknown): string | null {
  const keys = pointer.split('/').map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
  const last = keys.pop()!
  let part = document
  let at = ''
  for (const key of keys.slice(1)) {
    at += `/${key}`
    if (!isTree(part) || !Object.hasOwn(part, key)) return `${at}${near(key, part)}`
    part = part[key]
  }
  const isThere = isTree(part) && Object.hasOwn(part, last)
  const isNew = value !== undefined && isTree(part) && (!Array.isArray(part) || last === '-')
  if (!isTree(part) || !(isThere || isNew)) return `${pointer}${near(last, part)}`
  if (Array.isArray(part)) {
    const place = last === '-' ? part.length : Number(last)
    part.splice(place, 1, ...(value === undefined ? [] : [value]))
  } else if (value === undefined) delete part[last]
  else part[last] = value
  return null
}

const near = (key: string, part: unknown): string =>
  isTree(part) && !Array.isArray(part) ? didYouMean(key, Object.keys(part)) : ''

function isTree(value: unknown): value is { [key: string]: unknown } {
  return typeof value === 'object' && value !== null
}
