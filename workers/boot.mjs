// Source runs only (tests, benches, `tsx src/cli.ts`): Node 20 cannot start a .ts file as a thread through
// `--import`, so the loader is registered inside the thread. dist/ starts the compiled worker directly and has no
// need of this file.
import { workerData } from 'node:worker_threads'
import { register } from 'tsx/esm/api'

register()
const worker = await import(workerData.entry)
export default worker.default
