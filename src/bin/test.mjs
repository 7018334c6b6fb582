// `npm test`: set up what is missing, run every test file, and close with the plain line `N passed, N failed`.
//
//   node src/bin/test.mjs [--kernel] [FILE or FOLDER ...]
//
// Tests that need the real thing (Redis, the kernel, a browser, killed processes) run one file at a time, after those
// that need nothing. --kernel runs the kernel tests alone, with the long ones. Where this process is root and the
// kernel shapes with HTB, a kernel test that skips itself counts as failed: it would prove nothing and look green.

import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { ROOT, SetupError, script, setup } from './setup.mjs'

const PASSES = [
  { name: 'alone', folders: undefined, jobs: 2 },
  { name: 'with real services', folders: ['test/redis', 'test/faults', 'test/browser'], jobs: 1 },
  { name: 'with the kernel', folders: ['test/netns'], jobs: 1 },
]
const SPECIAL = PASSES.flatMap(({ folders }) => folders ?? [])
const KERNEL = 'test/netns'

await script(async () => {
  const args = process.argv.slice(2)
  const kernel = args.includes('--kernel')
  const paths = args.filter((arg) => arg !== '--kernel')
  const unknown = paths.find((path) => path.startsWith('-') || !existsSync(resolve(ROOT, path)))
  if (unknown !== undefined)
    throw new SetupError(`${unknown}: no such test file or folder. Usage: npm test -- [--kernel] [PATH ...]`)
  setup({ tests: true })

  const files = testFiles(paths.length > 0 ? paths : [kernel ? KERNEL : 'test'])
  const env = kernel ? { ...process.env, MIZANI_KERNEL_LONG: '1' } : process.env
  const total = { pass: 0, fail: 0, skip: 0 }
  const broken = []
  for (const { name, folders, jobs } of PASSES) {
    const mine = files.filter(
      (file) => (folders ?? SPECIAL).some((f) => file.startsWith(`${f}/`)) === (folders !== undefined),
    )
    if (mine.length === 0) continue
    console.log(`# pass: ${name}, ${mine.length} files`)
    const result = await runTap(mine, jobs, env)
    if (folders?.includes(KERNEL) && result.skip > 0 && kernelShapes()) {
      broken.push(`${result.skip} kernel tests were skipped although this kernel has HTB`)
      result.fail += result.skip
      result.skip = 0
    }
    for (const key of ['pass', 'fail', 'skip']) total[key] += result[key]
    broken.push(...result.broken)
  }
  if (total.pass + total.fail === 0) {
    broken.push('no test ran')
    total.fail = 1
  }
  for (const line of broken) console.log(`# FAILED ${line}`)
  const skipped = total.skip > 0 ? `, ${total.skip} skipped` : ''
  console.log(`${total.pass} passed, ${total.fail} failed${skipped}`)
  process.exitCode = total.fail > 0 ? 1 : 0
})

function testFiles(paths) {
  const found = paths.flatMap((path) => {
    const full = resolve(ROOT, path)
    if (!statSync(full).isDirectory()) return [full]
    const entries = readdirSync(full, { withFileTypes: true, recursive: true })
    return entries.filter((e) => e.isFile() && e.name.endsWith('.test.ts')).map((e) => join(e.parentPath, e.name))
  })
  return [...new Set(found.map((file) => relative(ROOT, file)))].sort()
}

/**
 * Passes tap's output through and reads its closing line, `# { total: 14, pass: 13, fail: 1 }`. Counts are
 * assertions.
 */
function runTap(files, jobs, env) {
  const tap = join(ROOT, 'node_modules', 'tap', 'dist', 'esm', 'run.mjs')
  const child = spawn(process.execPath, [tap, 'run', '--reporter=tap', `--jobs=${jobs}`, ...files], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const forward = (signal) => child.kill(signal)
  process.on('SIGTERM', forward).on('SIGINT', forward)

  const result = { pass: 0, fail: 0, skip: 0, broken: [] }
  let rest = ''
  let closed = false
  const readLine = (line) => {
    const counts = /^# \{ (total: .*) \}$/.exec(line)?.[1]
    if (counts !== undefined) {
      closed = true
      for (const [, key, count] of counts.matchAll(/(\w+): (\d+)/g)) {
        if (key === 'todo') result.skip += Number(count)
        else if (key in result) result[key] += Number(count)
      }
    } else if (line.startsWith('not ok')) result.broken.push(line.replace(/^not ok \d+ - /, '').replace(/ # .*$/, ''))
  }
  child.stdout.setEncoding('utf8').on('data', (text) => {
    process.stdout.write(text)
    const lines = (rest + text).split('\n')
    rest = lines.pop()
    lines.forEach(readLine)
  })
  return new Promise((done) => {
    child.on('close', (code, signal) => {
      process.off('SIGTERM', forward).off('SIGINT', forward)
      const crashed = signal !== null || !closed || (code !== 0 && result.fail === 0)
      if (crashed) {
        result.fail += 1
        result.broken.push(`tap ended with ${signal ?? `exit code ${code}`}${closed ? '' : ' and no summary'}`)
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
