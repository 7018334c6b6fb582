// A thread of a search: batches come, and what is found in them goes back.

import { parentPort, workerData } from 'node:worker_threads'
import { type Batch, expand } from './expand.js'
import { Seen } from './seen.js'

const seen = new Seen(workerData as SharedArrayBuffer)
parentPort!.on('message', (batch: Batch) => {
  void expand(batch, seen).then((expanded) => parentPort!.postMessage(expanded))
})
