// `mizani allocate FILE`: read one problem, solve it, prove it, print it. The answer says nothing of the run, so that
// the same problem gives the same bytes every time; how long it took is told beside it, when asked.

import { open } from 'node:fs/promises'
import { formatRate } from '../model/units.js'
import { systemClock } from '../runtime/clock.js'
import { MizaniError, messageOf, usageError } from '../runtime/errors.js'
import type { Io } from '../runtime/io.js'
import { MAX_PROBLEM_BYTES } from '../runtime/limits.js'
import { didYouMean } from '../runtime/near-word.js'
import { recordPieces } from '../runtime/sheet.js'
import { textLines } from '../runtime/text-table.js'
import { Causes } from '../solve/causes.js'
import { Certifier, type Verdict, type Violation } from '../solve/certificate.js'
import { guaranteeOf, keptOf, limitedBy } from '../solve/explain.js'
import { Integers } from '../solve/integers.js'
import { Paths } from '../solve/paths.js'
import type { Problem } from '../solve/problem.js'
import { createSolver } from '../solve/solve.js'
import type { AllocationOutput, BandOutput, FlowOutput, LimitOutput, ViolationOutput } from './allocation-output.js'
import { buildProblem, type NamedProblem } from './problem-columns.js'
import { type ProblemFile, readProblemFile } from './problem-file.js'
import { problemJsonSchema } from './problem-schema.js'
import { type GivenFlow, prove } from './proof.js'

/** The same, flow by flow: a file may have a hundred thousand, and what is printed need not be kept. */
interface Allocation extends Omit<AllocationOutput, 'flows'> {
  flows(): Generator<FlowOutput>
  /** Solves it so many times more; milliseconds of each. */
  again(times: number): number[]
}

/** Solves a checked problem file. Rates are bit/s, `kbps` kbit/s. */
export function allocate(file: ProblemFile): AllocationOutput {
  const { flows, links, certificate } = solveFile(file)
  return { flows: [...flows()], links, certificate }
}

/** Proves what somebody says is its answer. @throws MizaniError ALLOCATION_INVALID */
export function proveAllocation(file: ProblemFile, flows: readonly GivenFlow[]): AllocationOutput['certificate'] {
  const { verdict, ...named } = prove(file, flows)
  return certificateOutput(named, verdict)
}

function solveFile(file: ProblemFile): Allocation {
  const named = buildProblem(file)
  const { problem } = named
  const paths = new Paths(problem.shape)
  const solver = createSolver(problem.shape, paths)
  const integers = new Integers(problem.shape, paths)
  const solve = (): number => {
    const begun = systemClock.monotonic()
    solver.solve(problem)
    integers.round(problem)
    return systemClock.monotonic() - begun
  }
  solve()
  const verdict = new Certifier(problem.shape, paths).certify(problem)
  return {
    *flows() {
      const causes = new Causes(problem)
      for (const [n, { id }] of file.flows.entries()) yield flowOutput(named, causes, id, named.flowIndex[n]!)
    },
    links: file.links.map((link, l) => ({
      ...link,
      needLoad: problem.linkNeedLoad[l]!,
      load: problem.linkLoad[l]!,
      saturatedIn: problem.saturatedIn[l]! < 0 ? null : file.bands[problem.saturatedIn[l]!]!.id,
    })),
    certificate: certificateOutput(named, verdict),
    again: (times) => Array.from({ length: times }, solve),
  }
}

function flowOutput({ problem: p, file }: NamedProblem, causes: Causes, id: string, i: number): FlowOutput {
  const bands: BandOutput[] = []
  for (const [b, band] of file.bands.entries()) {
    const at = b * p.shape.flows + i
    const level = p.level[at]!
    if (Number.isNaN(level)) continue
    bands.push({ band: band.id, amount: p.amount[at]!, level, bottleneck: bottleneckName(p, file, p.bottleneck[at]!) })
  }
  return {
    id,
    need: p.need[i]!,
    rate: p.rate[i]!,
    kbps: p.kbps[i]!,
    kept: keptOf(p, i),
    bands,
    limitedBy: limitOutput(p, file, causes, i),
  }
}

function limitOutput(p: Problem, file: ProblemFile, causes: Causes, i: number): LimitOutput {
  const { code, band } = limitedBy(p, i)
  const [id = null, ...together] = causes.of(i).map((link) => bottleneckName(p, file, link)!)
  const isNamed = code === 'LINK' || code === 'ENVELOPE'
  return { code, id: isNamed ? id : null, band: file.bands[band]?.id ?? null, with: isNamed ? together : [] }
}

/** The link, or the envelope whose ceiling or guarantee it was. */
function bottleneckName(p: Problem, file: ProblemFile, bottleneck: number): string | null {
  if (bottleneck === -1) return null
  if (bottleneck < -1) return file.envelopes[guaranteeOf(bottleneck)]!.id
  return file.links[bottleneck]?.id ?? file.envelopes[p.envelopeLink.indexOf(bottleneck)]!.id
}

const SENTENCE: Readonly<Record<Violation['reason'], string>> = {
  NEGATIVE: 'the flow has less than nothing',
  ABOVE_CAP: 'the flow has more than it may take in this band',
  COULD_HAVE_MORE: 'the flow could have more without anybody at its level or below having less',
  WRONG_LEVEL: 'its level is not that of its amount',
  WRONG_CAUSE: 'is not held back by what is named',
  WRONG_BAND: 'is short in another band first',
  OVERLOADED: 'the link carries more than its room',
  WRONG_SUM: 'need or rate is not the sum of the bands',
}

const certificateOutput = (named: NamedProblem, { ok, violations }: Verdict): AllocationOutput['certificate'] => ({
  ok,
  violations: violations.map((violation) => violationOutput(named, violation)),
})

function violationOutput({ problem, file, flowIndex }: NamedProblem, violation: Violation): ViolationOutput {
  const { reason, band, flow, link } = violation
  return {
    reason,
    band: file.bands[band]?.id ?? null,
    flow: flow < 0 ? null : file.flows[flowIndex.indexOf(flow)]!.id,
    link: link < 0 ? null : bottleneckName(problem, file, link),
    message: SENTENCE[reason],
  }
}

export interface AllocateOptions {
  /** Absent: only with `schema`. */
  readonly file?: string
  readonly json: boolean
  /** Print the flows as a sheet. */
  readonly csv?: boolean
  /** Print one flow, band by band. */
  readonly explain?: string
  /** Print what a problem file may say, as JSON Schema, and nothing else. */
  readonly schema?: boolean
  /** Solve it so many times more, and say on stderr how long that took. */
  readonly repeat?: number
}

/** The command. Returns the exit code: 0 solved and proved, 1 not proved. Throws MizaniError for a file it refuses. */
export async function runAllocate(options: AllocateOptions, io: Io): Promise<number> {
  const { file, json, schema, repeat = 0 } = options
  if (schema === true) {
    io.stdout.write(`${JSON.stringify(problemJsonSchema(), null, 2)}\n`)
    return 0
  }
  if (file === undefined)
    throw usageError("missing required argument 'file'", 'A problem file, or - for standard input.')
  if (json && options.csv === true) throw usageError('--json and --csv: expected one of them')
  const isStdin = STDIN.has(file) && io.stdin !== undefined
  const bytes = isStdin ? await readStream(io.stdin()) : await readFile(file)
  const allocation = solveFile(readProblemFile(bytes, STDIN.has(file) ? 'standard input' : file))
  for (const block of blocks(printed(allocation, options))) io.stdout.write(block)
  if (repeat > 0) io.stderr.write(timing(allocation.again(repeat)))
  if (allocation.certificate.ok) return 0
  for (const { message, flow, link, band } of allocation.certificate.violations) {
    io.stderr.write(`certificate: ${[band, flow ?? link].filter((part) => part !== null).join(' ')}: ${message}\n`)
  }
  return 1
}

function printed(allocation: Allocation, { json, csv, explain }: AllocateOptions): Iterable<string> {
  if (explain !== undefined) {
    const flow = flowNamed(allocation, explain)
    return json ? [`${JSON.stringify(flow)}\n`] : explained(flow)
  }
  if (csv === true) return allocationCsv(allocation)
  return json ? allocationJson(allocation) : allocationText(allocation)
}

function flowNamed({ flows }: Allocation, id: string): FlowOutput {
  const ids: string[] = []
  for (const flow of flows()) {
    if (flow.id === id) return flow
    ids.push(flow.id)
  }
  throw usageError(`--explain ${id}: the problem has no such flow${didYouMean(id, ids)}`)
}

/** One flow in the order in which bandwidth was handed out, then what limits it. */
function* explained({ id, need, rate, kbps, kept, bands, limitedBy }: FlowOutput): Generator<string> {
  const rates = `needs ${formatRate(need)}, rate ${formatRate(rate)} (${kbps} kbit/s)`
  yield `${id}: ${rates}, ${shownPart(kept)} of its guarantee\n`
  for (const { band, amount, level, bottleneck } of bands) {
    const height = level === null ? '' : ` at level ${Number(level.toPrecision(6))}`
    const stop = bottleneck === null ? 'its own bound' : `stopped by ${bottleneck}`
    yield `  ${band}: ${formatRate(amount)}${height}, ${stop}\n`
  }
  const { code, id: limit, band, with: others } = limitedBy
  const together = others.length === 0 ? '' : `, filled together with ${others.join(', ')}`
  yield `  limited by ${limit === null ? code : `${code} ${limit}`}${band === null ? '' : ` in ${band}`}${together}\n`
}

/** The flows for a spreadsheet; rates are bit/s. */
function allocationCsv({ flows }: Allocation): Iterable<string> {
  const rows = Array.from(flows(), ({ id, need, rate, kbps, kept, limitedBy }) => {
    const { code, id: limit, band, with: others } = limitedBy
    return { flow: id, need, rate, kbps, kept, limited_by: code, limit, band, with: others.join(' ') }
  })
  return recordPieces(['flow', 'need', 'rate', 'kbps', 'kept', 'limited_by', 'limit', 'band', 'with'], rows, 'UTC')
}

const shownPart = (part: number): string => `${Math.floor(part * 1000) / 10} %`

function timing(milliseconds: readonly number[]): string {
  const sorted = milliseconds.toSorted((a, b) => a - b)
  const [median, least] = [sorted[sorted.length >> 1]!, sorted[0]!].map((time) => Number((time * 1000).toPrecision(3)))
  return `solved ${sorted.length} times more, warm: median ${median} us, least ${least} us\n`
}

/** What a shell and its users call standard input. Opened by its path, a pipe is no file of a known size. */
const STDIN: ReadonlySet<string> = new Set(['-', '/dev/stdin', '/dev/fd/0', '/proc/self/fd/0'])

/** Room for one byte more than a problem file may have. Memory that is not written to costs nothing. */
const room = (bytes: number): Buffer => Buffer.allocUnsafeSlow(Math.min(bytes, MAX_PROBLEM_BYTES) + 1)

/** Reads at most one byte more than a problem file may have, so that a larger one is refused and not read. */
async function readFile(path: string): Promise<Uint8Array> {
  try {
    await using handle = await open(path)
    const stat = await handle.stat()
    const bytes = room(stat.isFile() ? stat.size : MAX_PROBLEM_BYTES)
    let length = 0
    for (;;) {
      const { bytesRead } = await handle.read(bytes, length, bytes.length - length)
      length += bytesRead
      if (bytesRead === 0 || length === bytes.length) return bytes.subarray(0, length)
    }
  } catch (error) {
    throw new MizaniError({
      code: 'FILE_UNREADABLE',
      message: `cannot read ${path}: ${messageOf(error)}`,
      cause: error,
    })
  }
}

async function readStream(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const bytes = room(MAX_PROBLEM_BYTES)
  let length = 0
  for await (const chunk of stream) {
    const fits = chunk.subarray(0, bytes.length - length)
    bytes.set(fits, length)
    length += fits.length
    if (length === bytes.length) break
  }
  return bytes.subarray(0, length)
}

/** JSON.stringify of an AllocationOutput, in pieces. */
function* allocationJson({ flows, links, certificate }: Allocation): Generator<string> {
  let before = '{"flows":['
  for (const flow of flows()) {
    yield before + JSON.stringify(flow)
    before = ','
  }
  yield `${before === ',' ? '' : before}],${JSON.stringify({ links, certificate }).slice(1)}\n`
}

/** Plain text for a terminal: flows, links, and the verdict. */
function* allocationText({ flows, links, certificate }: Allocation): Generator<string> {
  const flowRows = Array.from(flows(), ({ id, need, rate, kbps, kept, limitedBy }) => {
    const limit = [limitedBy.code, limitedBy.id ?? [], limitedBy.with].flat().join(' ')
    return [id, formatRate(need), formatRate(rate), String(kbps), shownPart(kept), limit]
  })
  const linkRows = links.map(({ id, capacity, needLoad, load, saturatedIn }) => [
    ...[id, formatRate(capacity), formatRate(needLoad), formatRate(load)],
    saturatedIn ?? '',
  ])
  const tables = [
    { heads: ['flow', 'need', 'rate', 'kbit/s', 'kept', 'limited by'], rows: flowRows, right: [1, 2, 3, 4] },
    { heads: ['link', 'capacity', 'need', 'load', 'full in'], rows: linkRows, right: [1, 2, 3] },
  ]
  for (const table of tables) {
    for (const line of textLines(table)) yield `${line}\n`
    yield '\n'
  }
  yield certificate.ok ? 'certificate: ok\n' : `certificate: ${certificate.violations.length} violations\n`
}

const BLOCK = 1 << 16

/** Few large writes in place of many small ones. */
function* blocks(pieces: Iterable<string>): Generator<string> {
  let block = ''
  for (const piece of pieces) {
    block += piece
    if (block.length < BLOCK) continue
    yield block
    block = ''
  }
  if (block !== '') yield block
}
