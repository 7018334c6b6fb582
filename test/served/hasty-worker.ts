// `mizani sim-worker` in haste: all of it, but for the time after which a worker that is gone has lost its part.

import { runSimWorker } from '../../src/planning/study/sim-worker.js'

/** Of threads that a busy machine forgets for longer, two do the part, and both say the same. */
const LOCK = 1_000

const io = { stdout: process.stdout, stderr: process.stderr, env: process.env, isTTY: false }
await runSimWorker({ workers: 1, lock: LOCK }, io)
