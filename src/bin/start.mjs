// `npm start`: set up what is missing, build what is stale, then become `mizani up`. All in this one process: npm sends
// SIGTERM to its direct child only, and a script that starts another would leave the server running.

import { build, DIST, isBuilt } from './build.mjs'
import { script, setup } from './setup.mjs'

await script(async () => {
  const built = isBuilt(DIST)
  setup({ devPackages: !built })
  if (!built) {
    console.error('setup: building dist/')
    build(DIST)
  }
  const { runProcess } = await import('../../dist/src/cli.js')
  await runProcess(['up', ...process.argv.slice(2)])
})
