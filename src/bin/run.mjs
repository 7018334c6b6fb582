// Runs a file of the sources as plain JavaScript, compiled where it is stale: tests, benches and tools of a checkout.
//
//   node src/bin/run.mjs FILE.ts [ARGUMENT ...]

import { existsSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, COMPILED, isBuilt } from './build.mjs'
import { ROOT, SetupError, script } from './setup.mjs'

await script(async () => {
  const [file, ...rest] = process.argv.slice(2)
  if (file === undefined || !existsSync(resolve(file))) {
    throw new SetupError(`${file ?? 'no file'}: no such file. Usage: node src/bin/run.mjs FILE.ts [ARGUMENT ...]`)
  }
  if (!isBuilt(COMPILED)) build(COMPILED)
  const compiled = join(ROOT, COMPILED.folder, relative(ROOT, resolve(file)).replace(/\.ts$/, '.js'))
  process.setSourceMapsEnabled(true)
  process.argv.splice(1, process.argv.length, compiled, ...rest)
  await import(pathToFileURL(compiled))
})
