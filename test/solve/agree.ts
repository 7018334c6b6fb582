// One random problem put to every judge: the oracle, the certificate, the integers, and the certificate again with a
// false allocation. Shared by the tests (2,000 problems of each class) and by the long run (fuzz.ts).

import { buildProblem } from '../../src/planning/problem-columns.js'
import type { ProblemFile } from '../../src/planning/problem-file.js'
import { Causes } from '../../src/solve/causes.js'
import { Certifier, certify } from '../../src/solve/certificate.js'
import { limitedBy, limiterOf } from '../../src/solve/explain.js'
import { Integers } from '../../src/solve/integers.js'
import { Paths } from '../../src/solve/paths.js'
import { BAND_KIND, type Problem } from '../../src/solve/problem.js'
import { createSolver } from '../../src/solve/solve.js'
import { type Cause, oracle } from './oracle.js'
import { scaleOf } from './problems.js'

export const differ = (a: number, b: number, scale: number): boolean =>
  !(Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b)) + 1e-12 * scale)

export function solved(file: ProblemFile): { problem: Problem; flowIndex: Uint32Array; paths: Paths } {
  const { problem, flowIndex } = buildProblem(file)
  const paths = new Paths(problem.shape)
  createSolver(problem.shape, paths).solve(problem)
  return { problem, flowIndex, paths }
}

/**
 * Why the solver is wrong about this problem; undefined: it agrees with the oracle and its own certificate. Its judges
 * share its paths, as in a tick; those below have their own.
 */
export function disagreement(file: ProblemFile): string | undefined {
  const { problem, flowIndex, paths } = solved(file)
  const answer = oracle(file)
  const scale = scaleOf(file)
  for (const [n, { id }] of file.flows.entries()) {
    const i = flowIndex[n]!
    const { need, rate, amounts, levels, cause } = answer.get(id)!
    if (differ(problem.need[i]!, need, scale)) return `${id}: need ${problem.need[i]}, the oracle says ${need}`
    if (differ(problem.rate[i]!, rate, scale)) return `${id}: rate ${problem.rate[i]}, the oracle says ${rate}`
    for (const [b, amount] of amounts.entries()) {
      const ours = problem.amount[b * problem.shape.flows + i]!
      if (differ(ours, amount, scale)) return `${id}: ${ours} in band ${b}, the oracle says ${amount}`
    }
    for (const [b, level] of levels.entries()) {
      const ours = problem.level[b * problem.shape.flows + i]!
      if (level === null ? !Number.isNaN(ours) : differ(ours, level, 1))
        return `${id}: level ${ours} in band ${b}, the oracle says ${level}`
    }
    const wrong = misnamed(file, problem, i, cause)
    if (wrong !== undefined) return `${id}: ${wrong}`
  }
  const { ok, violations } = certify(problem, new Certifier(problem.shape, paths))
  if (!ok) return `the certificate rejects it: ${JSON.stringify(violations)}`
  return unfit(problem, paths)
}

/** Why the cause named for flow i is wrong; undefined: it is the oracle's, and so is what filled together with it. */
function misnamed(file: ProblemFile, p: Problem, i: number, cause: Cause | null): string | undefined {
  const { code, index, band } = limitedBy(p, i)
  if (cause === null) return code === 'DEMAND' || (code === 'CEILING' && index < 0) ? undefined : `limited by ${code}`
  const nameOf = (link: number): string => {
    const { code, index } = limiterOf(p, link)
    return (code === 'ENVELOPE' ? file.envelopes[index] : file.links[index])!.id
  }
  const ours = new Causes(p).of(i).map(nameOf)
  const limit = code === 'ENVELOPE' ? file.envelopes[index]?.id : file.links[index]?.id
  const said = `${ours} in ${file.bands[band]?.id}`
  const isSame = [...cause.by].every((name) => ours.includes(name)) && ours.every((name) => cause.nearly.has(name))
  const isFirst = cause.first.has(ours[0]!) || !cause.by.has(ours[0]!)
  if (isSame && isFirst && limit === ours[0] && file.bands[band]?.id === cause.band) return undefined
  return `limited by ${said}, the oracle says ${[...cause.by]} in ${cause.band}, ${[...cause.first]} first`
}

/** Whole kbit/s: never above the exact rate by a whole one, and on every link within its room. */
function unfit(p: Problem, paths: Paths): string | undefined {
  // The random problems are small numbers; as Mbit/s they have thousands of kbit/s to round.
  for (const column of [p.rate, p.linkRoom, p.ceiling]) for (const n of column.keys()) column[n]! *= 777.7
  new Integers(p.shape, paths).round(p)
  const load = new Float64Array(p.shape.links)
  for (let i = 0; i < p.shape.flows; i++) {
    const kbps = p.kbps[i]!
    if (Math.abs(kbps - p.rate[i]! / 1000) > 1) return `flow ${i}: ${kbps} kbit/s for ${p.rate[i]} bit/s`
    if (kbps * 1000 > p.ceiling[i]! * (1 + 1e-12)) return `flow ${i}: ${kbps} kbit/s above its ceiling`
    for (let e = p.pathStart[i]!; e < p.pathStart[i + 1]!; e++) load[p.pathLink[e]!]! += p.pathFraction[e]! * kbps
  }
  for (const [l, kbps] of load.entries()) {
    if (kbps * 1000 > p.linkRoom[l]!) return `link ${l}: ${kbps} kbit/s on ${p.linkRoom[l]} bit/s`
  }
  return undefined
}

/** Amounts that matter: a millionth of them is more than the tolerance of the certificate on the largest link. */
const matters = (amount: number, scale: number): boolean => amount > 1e-4 * scale

/** Moves amounts by a millionth, up and down; why the certificate is wrong to accept it. `moved` counts the tries. */
export function acceptsFalse(file: ProblemFile, moved: { count: number }): string | undefined {
  const { problem: p } = solved(file)
  const scale = scaleOf(file)
  const certifier = new Certifier(p.shape)
  const { flows, bands } = p.shape
  for (let at = 0; at < bands * flows; at++) {
    const was = p.amount[at]!
    if (!matters(was, scale)) continue
    for (const factor of [1 - 1e-6, 1 + 1e-6]) {
      p.amount[at] = was * factor
      sumUp(p)
      moved.count++
      if (certifier.certify(p).ok)
        return `amount ${at % flows} of band ${Math.floor(at / flows)} times ${factor} is accepted`
    }
    p.amount[at] = was
    const heir = partner(p, at, scale)
    if (heir < 0) continue
    const [own, other] = [p.amount[at]!, p.amount[heir]!]
    p.amount[at] = own * (1 - 1e-6)
    p.amount[heir] = other + own * 1e-6
    sumUp(p)
    moved.count++
    if (certifier.certify(p).ok) return `a millionth of amount ${at} given to amount ${heir} is accepted`
    p.amount[at] = own
    p.amount[heir] = other
  }
  sumUp(p)
  return certifier.certify(p).ok ? undefined : 'the allocation itself is rejected'
}

/** Ways to say something false of a flow that is short, each by what it changes, and undoes. */
const FALSEHOODS = [
  'another link on the path',
  'a link elsewhere',
  'nothing',
  'another band',
  'no band',
  'a level',
] as const
type Falsehood = (typeof FALSEHOODS)[number]

/**
 * Names wrong causes for flows that are short, one after the other; why the certificate is wrong to accept one. `told`
 * counts the tries of each kind.
 */
export function acceptsWrongCause(file: ProblemFile, told: Map<string, number>): string | undefined {
  const { problem: p } = solved(file)
  const certifier = new Certifier(p.shape)
  const causes = new Causes(p)
  const { flows, links, bands } = p.shape
  for (let i = 0; i < flows; i++) {
    const band = p.shortIn[i]!
    if (band < 0) continue
    const at = band * flows + i
    const was = { band, link: p.bottleneck[at]!, level: p.level[at]! }
    const right = causes.of(i)
    const path = new Set<number>()
    for (let e = p.pathStart[i]!; e < p.pathStart[i + 1]!; e++) if (p.pathFraction[e]! > 0) path.add(p.pathLink[e]!)
    const say: Readonly<Record<Falsehood, () => boolean>> = {
      'another link on the path': () =>
        name(
          at,
          [...path].find((l) => !right.includes(l)),
        ),
      'a link elsewhere': () =>
        name(
          at,
          [...Array(links).keys()].find((l) => !path.has(l)),
        ),
      nothing: () => name(at, -1),
      'another band': () => place(i, band + 1 < bands ? band + 1 : band - 1),
      'no band': () => place(i, -1),
      'a level': () => lower(at),
    }
    for (const kind of FALSEHOODS) {
      if (!say[kind]()) continue
      told.set(kind, (told.get(kind) ?? 0) + 1)
      if (certifier.certify(p).ok)
        return `flow ${i}, said to be limited by ${kind} instead of link ${was.link} in band ${band}`
      p.bottleneck[at] = was.link
      p.shortIn[i] = band
      p.level[at] = was.level
    }
  }
  return certifier.certify(p).ok ? undefined : 'the allocation itself is rejected'

  function name(at: number, link: number | undefined): boolean {
    if (link !== undefined) p.bottleneck[at] = link
    return link !== undefined
  }
  function lower(at: number): boolean {
    p.level[at]! *= 1 - 1e-6
    return p.level[at]! > 0
  }
  function place(i: number, band: number): boolean {
    p.shortIn[i] = band
    return true
  }
}

/** Another amount of the same band on a common link, to which a transfer leaves every sum on that link as it is. */
function partner(p: Problem, at: number, scale: number): number {
  const { flows } = p.shape
  const i = at % flows
  const links = new Set(p.pathLink.subarray(p.pathStart[i]!, p.pathStart[i + 1]!))
  for (let j = 0; j < flows; j++) {
    const path = p.pathLink.subarray(p.pathStart[j]!, p.pathStart[j + 1]!)
    if (j !== i && path.some((l) => links.has(l)) && matters(p.amount[at - i + j]!, scale)) return at - i + j
  }
  return -1
}

/** Makes need and rate the sums of the amounts, so that only the fairness of the amounts is in question. */
function sumUp(p: Problem): void {
  const { flows, bands } = p.shape
  for (let i = 0; i < flows; i++) {
    let sum = 0
    p.need[i] = 0
    for (let b = 0; b < bands; b++) {
      sum += p.amount[b * flows + i]!
      if (p.bandKind[b] !== BAND_KIND.headroom) p.need[i] = sum
    }
    p.rate[i] = sum
  }
}
