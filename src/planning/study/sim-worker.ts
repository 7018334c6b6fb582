// `mizani sim-worker`: does parts of plans that other machines ask for, until it is told to stop. Which part, of which
// run, is all that it is told; the answer is named by both and by the build, so that it is the same from every machine.

import type { Milliseconds } from '../../model/units.js'
import { loadSettings } from '../../runtime/config.js'
import { usageError } from '../../runtime/errors.js'
import type { Io } from '../../runtime/io.js'
import { Jobs, serveJobs } from '../../runtime/jobs.js'
import { untilSignal } from '../../runtime/lifetime.js'
import { createLogger } from '../../runtime/log.js'
import * as z from '../../runtime/zod.js'
import { keyOf, type PartRunner, type PartsPool, partsPool } from './futures-parts.js'
import type { FuturesInput, Part, PartResult } from './futures-task.js'
import { checkWorkers } from './study.js'

const KIND = 'futures'

/** An input as text; columns in base64. */
const inputText = z.strictObject({
  document: z.string(),
  moments: z.number(),
  demand: z.string(),
  factors: z.array(z.number()),
})

/** @throws MizaniError where the store does not answer */
export async function queueRunner(url: string, input: FuturesInput, signal: AbortSignal): Promise<PartRunner> {
  const { key, document, moments, demand, factors } = input
  const base64 = (bytes: SharedArrayBuffer): string => Buffer.from(bytes).toString('base64')
  const text = JSON.stringify({ document: base64(document), moments, demand: base64(demand), factors })
  const jobs = await Jobs.open(url, KIND, key, text)
  return {
    run: async (name, part) => JSON.parse(await jobs.ask(name, JSON.stringify(part), signal)) as PartResult,
    close: () => jobs.close(),
  }
}

function sharedBytes(text: string): SharedArrayBuffer {
  const bytes = Buffer.from(text, 'base64')
  const buffer = new SharedArrayBuffer(bytes.length)
  new Uint8Array(buffer).set(bytes)
  return buffer
}

function readInput(run: string, text: string): FuturesInput {
  const { document, demand, ...rest } = inputText.parse(JSON.parse(text))
  const input = { ...rest, document: sharedBytes(document), demand: sharedBytes(demand) }
  const key = keyOf(input)
  if (key !== run) throw new Error(`the input of run ${run} is another one, or of another build: ${key}`)
  return { key, ...input }
}

export interface SimWorkerArgs {
  readonly queue?: string
  readonly workers?: number
  /** As of `serveJobs`; no flag of the command. */
  readonly lock?: Milliseconds
}

export async function runSimWorker({ queue, workers: asked, lock }: SimWorkerArgs, io: Io): Promise<void> {
  const { workers: usual, logLevel } = loadSettings({ env: io.env, flags: {} })
  const workers = asked ?? usual
  checkWorkers(workers)
  const url = queueAddress(queue, io)
  const log = createLogger('sim-worker', logLevel)
  // One run at a time: a machine that works for two in turn prepares both again and again.
  let last:
    | { readonly run: string; readonly input: Promise<FuturesInput>; readonly pool: Promise<PartsPool> }
    | undefined
  const opened = (run: string, readText: () => Promise<string>): NonNullable<typeof last> => {
    if (last?.run === run) return last
    last?.pool.then((pool) => pool.close()).catch(() => {}) // an input that could not be read has no threads
    const input = readText().then((text) => readInput(run, text))
    last = { run, input, pool: input.then((it) => partsPool(it, workers)) }
    last.pool.catch(() => {
      last = undefined // whoever takes the next part of it tries again
    })
    return last
  }
  const stop = await serveJobs(url, {
    ...{ kind: KIND, threads: workers, lock, log },
    answer: async (run, readText, own) => {
      const { input, pool } = opened(run, readText)
      return JSON.stringify(await (await pool).run({ ...(await input), part: JSON.parse(own) as Part }))
    },
  })
  io.stderr.write(`Takes parts of plans with ${workers} threads; SIGTERM ends it.\n`)
  await untilSignal()
  // Parts that are being looked at fail, and are there for others at once.
  await (await last?.pool.catch(() => undefined))?.close()
  await stop()
}

/** @throws MizaniError USAGE: nobody says where */
export function queueAddress(flag: string | undefined, { env }: Pick<Io, 'env'>): string {
  const url = flag ?? env.MIZANI_JOBS_URL
  if (url !== undefined && url !== '') return url
  throw usageError(
    '--queue: expected the address of a Redis',
    'Or set MIZANI_JOBS_URL, which no list of processes shows.',
  )
}
