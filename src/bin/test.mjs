// `npm test`: set up what is missing, compile, run every test file, and close with the plain line `N passed, N failed`.
//
//   node src/bin/test.mjs [--kernel] [FILE or FOLDER ...]
//
// Each file is a program of its own that says what it found in TAP; of a file that fails all of it is shown. Tests that
// need time or the real thing alone (the kernel, a browser, killed processes) run one file at a time, after those that
// need neither: those of test/served start a real Redis or the product, and wait for states. --kernel runs the kernel
// tests alone, with the long ones. Where this process is root and the kernel shapes with HTB, a kernel test that skips
// itself counts as failed: it would prove nothing and look green.

import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statfsSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { build, COMPILED, isBuilt } from './build.mjs'
import { ROOT, SetupError, script, setup } from './setup.mjs'

const PASSES = [
  { name: 'alone', folders: undefined, jobs: 2 },
  { name: 'with real services', folders: ['test/redis', 'test/faults', 'test/browser'], jobs: 1 },
  { name: 'with the kernel', folders: ['test/netns'], jobs: 1 },
]
const SPECIAL = PASSES.flatMap(({ folders }) => folders ?? [])
const KERNEL = 'test/netns'
/**
 * A processor is there for each file: less is collected, and what runs for seconds only is compiled for speed later. A
 * run takes a sixth less.
 */
const NODE_FLAGS = [
  ...['--min-semi-space-size=32', '--max-semi-space-size=64', '--interrupt-budget=300000'],
  '--enable-source-maps',
]
/** A file may take so long, seconds; each says itself what it waits for, so this is for one that hangs. */
const PATIENCE = 300
/** With the long kernel tests: half an hour of cut lines. */
const LONG_PATIENCE = 2_400
const SLOWEST = 10
/** Before tap is. */
const PLAIN_PROMISES = new URL('./plain-promises.mjs', import.meta.url).href

await script(async () => {
  const args = process.argv.slice(2)
  const kernel = args.includes('--kernel')
  const paths = args.filter((arg) => arg !== '--kernel')
  const unknown = paths.find((path) => path.startsWith('-') || !existsSync(resolve(ROOT, path)))
  if (unknown !== undefined)
    throw new SetupError(`${unknown}: no such test file or folder. Usage: npm test -- [--kernel] [PATH ...]`)
  setup({ tests: true })
  if (!isBuilt(COMPILED)) build(COMPILED)

  const files = testFiles(paths.length > 0 ? paths : [kernel ? KERNEL : 'test'])
  const folder = mkdtempSync(join(placeOfFolders(), 'mizani-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const env = {
    ...process.env,
    ...{ TAP_TIMEOUT: String(PATIENCE), TMPDIR: folder },
    ...(kernel && { TAP_TIMEOUT: String(LONG_PATIENCE), MIZANI_KERNEL_LONG: '1' }),
  }
  const total = { pass: 0, fail: 0, skip: 0 }
  const broken = []
  const times = []
  for (const { name, folders, jobs } of PASSES) {
    const mine = files.filter(
      (file) => (folders ?? SPECIAL).some((f) => file.startsWith(`${f}/`)) === (folders !== undefined),
    )
    if (mine.length === 0) continue
    console.log(`# pass: ${name}, ${mine.length} files`)
    const started = performance.now()
    const results = await runAll(mine, jobs, env)
    console.log(`# pass: ${name}, ${seconds(performance.now() - started)}`)
    for (const result of results) {
      if (result.file.startsWith(`${KERNEL}/`) && result.skip > 0 && kernelShapes()) {
        result.broken.push(`${result.skip} kernel tests were skipped although this kernel has HTB`)
        result.fail += result.skip
        result.skip = 0
      }
      for (const key of ['pass', 'fail', 'skip']) total[key] += result[key]
      broken.push(...result.broken.map((line) => `${result.file}: ${line}`))
    }
    times.push(...results)
  }
  if (total.pass + total.fail === 0) {
    broken.push('no test ran')
    total.fail = 1
  }
  const slowest = times.toSorted((a, b) => b.time - a.time).slice(0, SLOWEST)
  if (times.length > 1)
    console.log(`# slowest: ${slowest.map(({ file, time }) => `${file} ${seconds(time)}`).join(', ')}`)
  for (const line of broken) console.log(`# FAILED ${line}`)
  const skipped = total.skip > 0 ? `, ${total.skip} skipped` : ''
  console.log(`${total.pass} passed, ${total.fail} failed${skipped}`)
  process.exitCode = total.fail > 0 ? 1 : 0
})

/**
 * Where tests make their folders: in memory, where there is room. What is written is synced as ever; that a disk keeps
 * it is for `npm run faults`, which stands on one.
 */
function placeOfFolders() {
  const [memory, room] = ['/dev/shm', 2 ** 30]
  const mount = existsSync('/proc/mounts') ? readFileSync('/proc/mounts', 'utf8').split('\n') : []
  const found = mount.map((line) => line.split(' ')).find(([, where]) => where === memory)
  if (found === undefined || found[3].split(',').includes('noexec')) return tmpdir()
  const { bavail, bsize } = statfsSync(memory)
  return bavail * bsize > room ? memory : tmpdir()
}

function seconds(ms) {
  return `${(ms / 1_000).toFixed(1)} s`
}

function testFiles(paths) {
  const found = paths.flatMap((path) => {
    const full = resolve(ROOT, path)
    if (!statSync(full).isDirectory()) return [full]
    const entries = readdirSync(full, { withFileTypes: true, recursive: true })
    return entries.filter((e) => e.isFile() && e.name.endsWith('.test.ts')).map((e) => join(e.parentPath, e.name))
  })
  // From the end of the alphabet, where long ones stand: two jobs then end at about the same time.
  return [...new Set(found.map((file) => relative(ROOT, file)))].sort().reverse()
}

/** As many at a time as there are jobs. */
async function runAll(files, jobs, env) {
  const waiting = [...files]
  const results = []
  const work = async () => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const result = await runFile(file, env, () => waiting.splice(0))
      const { pass, fail, skip, time } = result
      const counts = `${pass} passed${fail > 0 ? `, ${fail} failed` : ''}${skip > 0 ? `, ${skip} skipped` : ''}`
      if (fail > 0) process.stdout.write(result.text)
      console.log(`${fail > 0 ? 'not ok' : 'ok'} ${results.length + 1} - ${file} # ${counts}, ${seconds(time)}`)
      results.push(result)
    }
  }
  await Promise.all(Array.from({ length: jobs }, work))
  return results
}

/** Runs a test file and reads its closing line, `# { total: 14, pass: 13, fail: 1 }`. Counts are assertions. */
function runFile(file, env, stopAll) {
  const program = join(ROOT, COMPILED.folder, file.replace(/\.ts$/, '.js'))
  const started = performance.now()
  const child = spawn(process.execPath, [...NODE_FLAGS, '--import', PLAIN_PROMISES, program], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const forward = (signal) => {
    stopAll()
    child.kill(signal)
  }
  process.on('SIGTERM', forward).on('SIGINT', forward)
  // Its own timeout comes first, and says what it waited for.
  const hangs = setTimeout(() => child.kill('SIGKILL'), (Number(env.TAP_TIMEOUT) + 15) * 1_000)

  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (part) => {
      text += part
    })
  return new Promise((done) => {
    child.on('close', (code, signal) => {
      process.off('SIGTERM', forward).off('SIGINT', forward)
      clearTimeout(hangs)
      const result = { file, text, time: performance.now() - started, pass: 0, fail: 0, skip: 0, broken: [] }
      const counts = [...text.matchAll(/^# \{ (total: .*) \}$/gm)].at(-1)?.[1]
      for (const [, key, count] of (counts ?? '').matchAll(/\b(\w+): (\d+)/g)) {
        if (key === 'todo') result.skip += Number(count)
        else if (key in result && key !== 'total') result[key] += Number(count)
      }
      for (const [, line] of text.matchAll(/^not ok \d+ - (.*)/gm)) result.broken.push(line.split(' # ', 1)[0])
      if (signal !== null || counts === undefined || (code !== 0 && result.fail === 0)) {
        result.fail += 1
        result.broken.push(`it ended with ${signal ?? `exit code ${code}`}${counts ? '' : ' and no summary'}`)
      }
      done(result)
    })
  })
}

/** Whether this process may and can shape: adds an HTB queue in a namespace of its own. */
function kernelShapes() {
  if (process.getuid?.() !== 0) return false
  const name = `mizani-probe-${process.pid}`
  const ok = (program, ...args) => spawnSync(program, args, { stdio: 'ignore' }).status === 0
  if (!ok('ip', 'netns', 'add', name)) return false
  const shapes = ok('tc', '-n', name, 'qdisc', 'add', 'dev', 'lo', 'root', 'handle', '1:', 'htb')
  ok('ip', 'netns', 'del', name)
  return shapes
}
