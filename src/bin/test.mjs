// `npm test`: set up what is missing, compile, run every test file, and close with the plain line `N passed, N failed`.
//
//   node src/bin/test.mjs [--kernel] [FILE or FOLDER ...]
//
// What a file has found is said in TAP; of a file that fails all of it is shown. The files of a folder run one after
// the other in one process (suite.mjs), in which what they share is loaded once, and warm. Tests that need time or the
// real thing alone (the kernel, a browser, killed processes) run one file at a time, each in a process of its own,
// after those that need neither: those of test/served, which start a real Redis or the product, wait for states.
// --kernel runs the kernel tests alone, with the long ones. Where this process is root and the kernel shapes with HTB,
// a kernel test that skips itself counts as failed: it would prove nothing and look green.

import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statfsSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { build, COMPILED, DIST, isBuilt } from './build.mjs'
import { ROOT, SetupError, script, setup } from './setup.mjs'

/** Three jobs keep two processors busy: tests of test/served wait for states. */
const PASSES = [
  { name: 'alone', folders: undefined, jobs: 3 },
  { name: 'with real services', folders: ['test/faults', 'test/browser'], jobs: 1 },
  { name: 'with the kernel', folders: ['test/netns'], jobs: 1 },
]
const SPECIAL = PASSES.flatMap(({ folders }) => folders ?? [])
const KERNEL = 'test/netns'
/** Of these each file has a process: what it starts costs more than what it loads, and tells more of one that hangs. */
const APART = ['test/served', ...SPECIAL]
/**
 * A process lives for seconds: it collects garbage more rarely and compiles for speed later. A run takes a sixth less.
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
/** What a process says of a file that has ended. */
const ENDED = '\n# ended '
const SUITE = join(ROOT, 'src', 'bin', 'suite.mjs')
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
  // Several tests start the product: two of them must not build it at once.
  for (const tree of [COMPILED, DIST]) if (!isBuilt(tree)) build(tree)

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
  return [...new Set(found.map((file) => relative(ROOT, file)))].sort().reverse()
}

/** What runs in one process: folders, the larger ones first, so that jobs end at about the same time; then files. */
function suitesOf(files) {
  const suites = new Map()
  for (const file of files) {
    const folder = file.split('/').slice(0, 2).join('/')
    const name = APART.includes(folder) ? file : folder
    suites.set(name, [...(suites.get(name) ?? []), file])
  }
  return [...suites.values()].sort((a, b) => b.length - a.length)
}

/** As many at a time as there are jobs. */
async function runAll(files, jobs, env) {
  const waiting = suitesOf(files)
  const results = []
  const tell = (result) => {
    const { file, pass, fail, skip, time, text } = result
    const counts = `${pass} passed${fail > 0 ? `, ${fail} failed` : ''}${skip > 0 ? `, ${skip} skipped` : ''}`
    if (fail > 0) process.stdout.write(text)
    console.log(`${fail > 0 ? 'not ok' : 'ok'} ${results.length + 1} - ${file} # ${counts}, ${seconds(time)}`)
    results.push(result)
  }
  const work = async () => {
    for (let suite = waiting.shift(); suite !== undefined; suite = waiting.shift())
      await runSuite(suite, env, tell, () => waiting.splice(0))
  }
  await Promise.all(Array.from({ length: jobs }, work))
  return results
}

/** Runs files in one process, and tells of each as it ends. Counts are assertions. */
function runSuite(files, env, tell, stopAll) {
  const patience = Number(env.TAP_TIMEOUT) * files.length
  const child = spawn(process.execPath, [...NODE_FLAGS, '--import', PLAIN_PROMISES, SUITE, ...files], {
    ...{ cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] },
  })
  const forward = (signal) => {
    stopAll()
    child.kill(signal)
  }
  process.on('SIGTERM', forward).on('SIGINT', forward)
  // Its own timeout comes first, and says what it waited for.
  const hangs = setTimeout(() => child.kill('SIGKILL'), (patience + 15) * 1_000)

  const waiting = [...files]
  let [text, started, failed] = ['', performance.now(), false]
  /** Of a file that has ended; what came since the last one is its own. */
  const ended = ({ pass = 0, fail = 0, skip = 0, todo = 0, exitCode = 0 }, said, wrong) => {
    const now = performance.now()
    const result = { file: waiting.shift() ?? files.join(' '), text: said, time: now - started, pass, fail, broken: [] }
    for (const [, line] of said.matchAll(/^ {4}not ok \d+ - (.*)/gm)) result.broken.push(line.split(' # ', 1)[0])
    if (exitCode !== 0) wrong ??= `it ended with exit code ${exitCode}`
    if (!/^ {4}(not )?ok \d/m.test(said)) wrong ??= 'no test ran'
    if (wrong !== undefined && fail === 0) {
      result.fail = 1
      result.broken.push(wrong)
    }
    failed ||= result.fail > 0
    tell({ ...result, skip: skip + todo })
    started = now
  }
  const read = (part) => {
    text += part
    for (;;) {
      const at = text.indexOf(ENDED)
      const end = text.indexOf('\n', at + 1)
      if (at < 0 || end < 0 || waiting.length === 0) return
      const [said, counts] = [text.slice(0, at), text.slice(at + ENDED.length, end)]
      text = text.slice(end)
      ended(JSON.parse(counts), said)
    }
  }
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', read)
  return new Promise((done) => {
    child.on('close', (code, signal) => {
      process.off('SIGTERM', forward).off('SIGINT', forward)
      clearTimeout(hangs)
      const end = `ended with ${signal ?? `exit code ${code}`}`
      const isWhole = waiting.length === 0
      if (!isWhole) ended({}, text, `it ${end} in its midst`)
      while (waiting.length > 0) ended({}, '', `it was not begun: the one before it ${end}`)
      if (isWhole && code !== 0 && !failed) ended({}, text, `all of it passed, and it ${end}`)
      done()
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
