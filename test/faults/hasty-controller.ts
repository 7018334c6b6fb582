// `mizani controller` in haste: all of it, but for the term of a leader, which is over soon enough for a test that
// waits for its end. Arguments and environment are those of the command.

import { parseArgs } from 'node:util'
import { serve, startService } from '../../src/process/main.js'
import { systemClock } from '../../src/runtime/clock.js'
import { loadSettings } from '../../src/runtime/config.js'
import { createLogger } from '../../src/runtime/log.js'

/** Above any pause of a busy machine, ms. */
const TERM = 1_500

const { values } = parseArgs({
  allowPositionals: true,
  options: { port: { type: 'string', default: '0' }, plane: { type: 'string', default: '' } },
})
const settings = loadSettings({ env: { ...process.env, PORT: values.port, MIZANI_PLANE: values.plane } })
const { durable, volatile } = settings.redis
const log = createLogger('controller', settings.logLevel, process.stderr)
const urls = { durableUrl: durable!, volatileUrl: volatile! }
const service = await startService({ ...urls, settings, clock: systemClock, log, term: TERM })
const io = { stdout: process.stdout, stderr: process.stderr, env: {}, isTTY: false }
process.exitCode = await serve(service, io, log)
