// `npm run bench [NAME ...]`: every bench in turn, each in a process of its own, so that one does not warm or clutter
// another. Each prints its goal, its seed and a hash of its result; the machine stands above them all.

import { spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'

const HERE = fileURLToPath(new URL('.', import.meta.url))
/** Parts of benches, not benches. */
const PARTS = [
  'main',
  'bus',
  'harness',
  'suite',
  'generate',
  'many-nations',
  'edge-sizes',
  'publish-edges',
  'preview-client',
  'memory-probe',
  'memory-owners',
  'memory-place',
]

const all = readdirSync(HERE)
  .filter((file) => file.endsWith('.js'))
  .map((file) => file.slice(0, -3))
  .filter((name) => !PARTS.includes(name))
const words = process.argv.slice(2)
/** Options are for the one bench that is named. */
const options = words.filter((word) => word.startsWith('--'))
const wanted = words.filter((word) => !word.startsWith('--'))
const unknown = wanted.find((name) => !existsSync(`${HERE}${name}.js`))
if (unknown !== undefined) {
  console.error(`There is no bench "${unknown}". There are: ${all.join(', ')}`)
  process.exit(2)
}

const gigabytes = (totalmem() / 2 ** 30).toFixed(0)
const cores = `${availableParallelism()} cores (${cpus()[0]?.model})`
console.log(`Node ${process.version}, Linux ${release()}, ${cores}, ${gigabytes} GiB`)
const failed: string[] = []
const started = performance.now()
const chosen = wanted.length > 0 ? wanted : all
for (const name of chosen) {
  console.log(`\n== ${name} (load average ${loadavg()[0]!.toFixed(1)})`)
  const child = spawn(process.execPath, [`${HERE}${name}.js`, ...options], { stdio: 'inherit' })
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve))
  if (code !== 0) failed.push(name)
}
const seconds = ((performance.now() - started) / 1_000).toFixed(0)
console.log(`\n${failed.length === 0 ? 'all benches ended well' : `failed: ${failed.join(', ')}`}, ${seconds} s`)
process.exitCode = failed.length === 0 ? 0 : 1
