// The program of a gateway alone: `mizani edge` and what is said at the box. build.mjs makes one file of it, with all
// that it needs inside, so that a gateway wants nothing but Node; a controller hands it out: api/edges/edge-package.ts.

import { addGateway } from './gateway.js'
import { run, runHere } from './run.js'

await runHere(process.argv.slice(2), (args, io) =>
  run(args, io, (program, io, done) => {
    addGateway(program, io, done)
  }),
)
