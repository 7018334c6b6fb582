// Work that any machine may do, and the only place that knows BullMQ. A job is named by the hash of all that its answer
// depends on, so whoever asks again finds the job, or its answer. A worker that is gone for LOCK loses its job to
// another one: a job may be done twice, and then both answers are the same. The queue's event loop renews locks and
// does nothing else: what takes a processor's time is done in threads.
//
// The queue is named by the build: machines of another one would compute with other code, and take nothing from it.

import { Queue, QueueEvents, Worker } from 'bullmq'
import type { Milliseconds } from '../model/units.js'
import { VERSION } from './config.js'
import { MizaniError, messageOf } from './errors.js'
import type { Logger } from './log.js'
import { connect, type Redis, untilReady } from './redis.js'

/** Before all names of ours in that Redis. It is no store of a plane's, and no account of one reaches these. */
const JOBS_PREFIX = 'mizani-jobs'
/** String: what all jobs of a run share. */
const jobsInput = (run: string): string => `${JOBS_PREFIX}:input:${run}`

const LOCK: Milliseconds = 10_000
const READY_WITHIN: Milliseconds = 5_000
/** Workers that may go away over one job before somebody looks at it. */
const ATTEMPTS = 20
/** Answers and what they were of are kept so long for whoever asks again. */
const KEPT_SECONDS = 24 * 3_600

const queueName = (kind: string): string => `${kind}-${VERSION}`

async function connected(url: string, log?: Logger): Promise<Redis> {
  const redis = connect(url, 'jobs', log === undefined ? {} : { log })
  try {
    await untilReady(redis, READY_WITHIN)
    return redis
  } catch (error) {
    redis.disconnect()
    throw error
  }
}

/** A job: the run whose input it shares, and what is its own. */
interface JobData {
  readonly run: string
  readonly own: string
}

interface Waiting {
  readonly told: Promise<string>
  answered(answer: string): void
  failed(why: string): void
}

/** Asks. */
export class Jobs {
  readonly #redis: Redis
  readonly #queue: Queue<JobData, string>
  readonly #events: QueueEvents
  readonly #run: string
  /** What is waited for, by the name of its job: whoever asks for one twice waits for one answer. */
  readonly #waiting = new Map<string, Waiting>()

  private constructor(redis: Redis, kind: string, run: string) {
    this.#redis = redis
    this.#run = run
    const options = { connection: redis, prefix: JOBS_PREFIX }
    this.#queue = new Queue(queueName(kind), options)
    this.#events = new QueueEvents(queueName(kind), options)
    this.#events.on('completed', ({ jobId, returnvalue }) => this.#waiting.get(jobId)?.answered(returnvalue))
    this.#events.on('failed', ({ jobId, failedReason }) => this.#waiting.get(jobId)?.failed(failedReason))
    // A store that is away is reported by its connection.
    this.#queue.on('error', () => {})
    this.#events.on('error', () => {})
  }

  /**
   * Opens a run, with what all its jobs share.
   * @throws MizaniError STORE_UNAVAILABLE, STORE_REFUSED
   */
  static async open(url: string, kind: string, run: string, input: string): Promise<Jobs> {
    const redis = await connected(url)
    await redis.set(jobsInput(run), input, 'EX', KEPT_SECONDS)
    return new Jobs(redis, kind, run)
  }

  /**
   * The answer to a job, whoever has given it, and when; nobody waits for it once the signal aborts.
   * @throws MizaniError JOB_FAILED, STOPPING
   */
  async ask(name: string, own: string, signal: AbortSignal): Promise<string> {
    let end = (): void => undefined
    const ended = new Promise<never>((_, reject) => {
      end = () => reject(new MizaniError({ code: 'STOPPING', message: `Nobody waits for part ${name}.` }))
    })
    if (signal.aborted) end()
    signal.addEventListener('abort', end, { once: true })
    try {
      return await Promise.race([ended, this.#answerTo(name, own)])
    } finally {
      signal.removeEventListener('abort', end)
    }
  }

  async #answerTo(name: string, own: string): Promise<string> {
    const kept = { age: KEPT_SECONDS }
    const { told } = this.#waiting.get(name) ?? this.#waitFor(name)
    const asked = this.#queue
      .add(
        'part',
        { run: this.#run, own },
        { jobId: name, attempts: ATTEMPTS, removeOnComplete: kept, removeOnFail: true },
      )
      .then(() => this.#lookFor(name))
    try {
      // The library's own way of waiting leaves a rejection to nobody where the connection is closed meanwhile.
      return await Promise.race([told, asked.then(() => told)])
    } catch (error) {
      throw new MizaniError({ code: 'JOB_FAILED', message: `Part ${name}: ${messageOf(error)}`, cause: error })
    } finally {
      this.#waiting.delete(name)
    }
  }

  #waitFor(name: string): Waiting {
    let [answered, failed] = [(_: string): void => undefined, (_: string): void => undefined]
    const told = new Promise<string>((resolve, reject) => {
      answered = resolve
      failed = (why) => reject(new Error(why))
    })
    const waiting = { told, answered, failed }
    this.#waiting.set(name, waiting)
    return waiting
  }

  /** A job that was done before anybody listened: it was asked for by another, or done at once. */
  async #lookFor(name: string): Promise<void> {
    await this.#events.waitUntilReady()
    const job = await this.#queue.getJob(name)
    if (job === undefined) this.#waiting.get(name)?.failed('it is not there any more')
    else if (job.finishedOn !== undefined) this.#waiting.get(name)?.answered(job.returnvalue)
  }

  /** What is asked for is done all the same, and found by whoever asks again. */
  async close(): Promise<void> {
    await this.#events.close()
    await this.#queue.close()
    this.#redis.disconnect()
  }
}

export interface ServeOptions {
  readonly kind: string
  /** Jobs that are done at a time. */
  readonly threads: number
  /** A worker that is gone for so long loses its job; LOCK unless said. */
  readonly lock?: Milliseconds | undefined
  readonly log: Logger
  /** Of the shared input, by run. */
  answer(run: string, input: () => Promise<string>, own: string): Promise<string>
}

/** Answers jobs until it is stopped. A job that is being done then is given back. */
export async function serveJobs(
  url: string,
  { kind, threads, lock = LOCK, log, answer }: ServeOptions,
): Promise<() => Promise<void>> {
  const redis = await connected(url, log)
  const inputOf = async (run: string): Promise<string> => {
    const text = await redis.get(jobsInput(run))
    if (text === null) throw new Error(`the input of run ${run} is no longer kept`)
    return text
  }
  const worker = new Worker<JobData, string>(
    queueName(kind),
    ({ data: { run, own } }) => answer(run, () => inputOf(run), own),
    {
      ...{ connection: redis, prefix: JOBS_PREFIX, concurrency: threads },
      ...{ lockDuration: lock, stalledInterval: lock / 2, maxStalledCount: ATTEMPTS },
    },
  )
  worker.on('ready', () => log.info({ kind }, 'waits for parts'))
  worker.on('error', (error) => log.debug({ error: messageOf(error) }, 'the queue'))
  worker.on('completed', (job) => log.info({ part: job.id }, 'a part is done'))
  worker.on('failed', (job, error) => log.warn({ part: job?.id, error: messageOf(error) }, 'a part failed'))
  return async () => {
    await worker.close()
    redis.disconnect()
  }
}
