// Appends lines to a journal and says each on stdout: for the test that takes the power away.

import { Journal } from '../../src/record/journal.js'
import * as z from '../../src/runtime/zod.js'
import { log } from './world.js'

const [file = ''] = process.argv.slice(2)
const journal = new Journal({ file, shape: z.object({ n: z.number() }), log })
journal.read()
for (let n = 0; n < 20; n++) {
  journal.append({ n })
  await new Promise((done) => setTimeout(done, n % 3))
}
process.stdout.write('all\n')
setInterval(() => undefined, 1_000)
