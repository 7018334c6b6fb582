// Parts of a plan over a real Redis: two machines that work, one of which is killed over a part, give the same bytes as
// threads here; and who asks again is answered by what is kept.

import t from 'tap'
import { futuresOf } from '../../src/planning/study/futures.js'
import { poolRunner } from '../../src/planning/study/futures-parts.js'
import { futuresReport } from '../../src/planning/study/futures-report.js'
import { resultHash } from '../../src/planning/study/plan-report.js'
import { queueRunner } from '../../src/planning/study/sim-worker.js'
import { systemClock } from '../../src/runtime/clock.js'
import { Jobs, serveJobs } from '../../src/runtime/jobs.js'
import { SHUTDOWN_TIME } from '../../src/runtime/limits.js'
import { createLogger } from '../../src/runtime/log.js'
import { connect } from '../../src/runtime/redis.js'
import { startServer } from '../faults/redis-server.js'
import { Program } from '../harness/program.js'
import { compiled } from '../harness/root.js'
import { until } from '../harness/until.js'
import { ringStudy } from '../planning/study/ring-plane.js'
import { ringFutures } from '../planning/study/synthetic-years.js'

// Each has a server of its own, and waits for it.
t.jobs = 3

t.test('two workers, a third one killed over its part, and nobody at all: the same bytes', async (t) => {
  const { port } = await startServer(t, { folder: t.testdir() })
  const url = `redis://127.0.0.1:${port}`
  const study = ringStudy(5, 4)
  const options = ringFutures(study, { moments: 48 })
  const hash = async (makeRunner: Parameters<typeof futuresOf>[2]): Promise<string> =>
    resultHash(futuresReport(await futuresOf(study, options, makeRunner), null, {}))
  const expected = await hash((input) => poolRunner(input, 1))

  const program = [compiled('test/served/hasty-worker.ts')]
  const begin = (): Program => new Program([], t, { program, env: { MIZANI_JOBS_URL: url } })
  const [doomed, ...two] = [begin(), begin(), begin()] as const
  for (const one of [doomed, ...two]) await until(() => one.log().includes('waits for parts'), 'it is there')
  const { signal } = new AbortController()
  const asked = hash((input) => queueRunner(url, input, signal))
  await until(() => doomed.log().includes('a part is done'), 'it works')
  await doomed.end('SIGKILL')
  t.equal(await asked, expected)
  t.ok(
    two.every((one) => one.log().includes('a part is done')),
    'both have worked',
  )

  for (const one of two) t.equal(await one.end('SIGTERM'), 0, 'it ends when it is told to')
  t.equal(await hash((input) => queueRunner(url, input, signal)), expected, 'answers are kept: nobody works')

  // Nobody works, and nothing is kept of these.
  const cancelled = new AbortController()
  const other = ringFutures(study, { moments: 96 })
  const waiting = futuresOf(study, other, (input) => queueRunner(url, input, cancelled.signal))
  cancelled.abort()
  await t.rejects(waiting, { code: 'STOPPING' })
})

t.test('SIGTERM ends who waits for a queue that nobody serves', async (t) => {
  const { port } = await startServer(t, { folder: t.testdir() })
  const args = ['plan', 'futures', '--growth', '0.1', '--draws', '20', '--queue', `redis://127.0.0.1:${port}`]
  const asking = new Program(args, t, {})
  const client = connect(`redis://127.0.0.1:${port}`, 'jobs')
  t.teardown(() => client.disconnect())
  await until(async () => (await client.keys('mizani-jobs:futures*')).length > 0, 'parts are asked for')
  const at = systemClock.monotonic()
  t.equal(await asking.end('SIGTERM'), 2)
  t.ok(systemClock.monotonic() - at < SHUTDOWN_TIME, 'within five seconds')
  t.match(asking.log(), /Cancelled: there is no report\./)
})

t.test('whoever asks for one part twice, before it is done or after, has one answer', async (t) => {
  const { port } = await startServer(t, { folder: t.testdir() })
  const url = `redis://127.0.0.1:${port}`
  const { signal } = new AbortController()
  const jobs = await Jobs.open(url, 'twice', 'run', 'shared')
  const both = [jobs.ask('one', '1', signal), jobs.ask('one', '1', signal)]
  let done = 0
  const answer = async (_run: string, input: () => Promise<string>, own: string): Promise<string> =>
    `${await input()} ${own} ${++done}`
  const stop = await serveJobs(url, { kind: 'twice', threads: 1, log: createLogger('test', 'silent'), answer })
  t.same(await Promise.all(both), ['shared 1 1', 'shared 1 1'])
  t.equal(await jobs.ask('one', '1', signal), 'shared 1 1', 'it is kept')
  t.equal(done, 1)
  await stop()
  await jobs.close()
})
